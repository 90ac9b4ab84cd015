"""An environment that can be broken by hand, for tests of links and of reaching: resources as HAL documents by path.

A test changes ``pages``, ``lists`` or ``hook`` and looks at what is judged. Only the two HAL formats are spoken.
"""

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from stage import ROOT, explore

from samsvar.logic import urls
from samsvar.logic.asking import Asker, reaching
from samsvar.logic.exploring import Explorer, Limits
from samsvar.logic.judging import links as links_rules
from samsvar.logic.judging import reaching as reaching_rules
from samsvar.logic.judging import walks as walks_rules
from samsvar.logic.observing import observe
from samsvar.model.contract import Profile
from samsvar.model.exchange import HAL_JSON, HAL_XML, Evidence, Failure, Means, Probe, Response
from samsvar.model.verdict import Finding, Sight, Unseen
from samsvar.model.walk import Walking
from samsvar.world.documents import read_contract
from samsvar.world.wandering import wanderer

CONTRACT = read_contract("altinn2")
HAL_ONLY = Profile("hal", formats=(HAL_JSON, HAL_XML))
RULES = {**links_rules.RULES, **reaching_rules.RULES, **walks_rules.RULES}
PDF = b"%PDF-1.4 synthetic"
Document = dict[str, Any]
Said = Response | Failure
Rounds = Sequence[Sequence[Asker]]


def at(path: str) -> str:
    return f"{ROOT}/{path}"


def to(path: str, **attributes: Any) -> Document:
    return {"href": at(path), **attributes}


def message(id_: str, owner: str = "my", **more: Any) -> Document:
    own = f"{owner}/messages/{id_}"
    return {
        "MessageId": id_,
        "Subject": f"Melding {id_}",
        "Type": "Correspondence",
        "ServiceCode": "0042",
        "ServiceEdition": 2,
        "_links": {"self": to(own), "metadata": to("metadata/correspondence/0042/2"), "portalview": to("../Pages/X")},
        **more,
    }


def service(code: str, edition: int, kind: str = "Correspondence") -> Document:
    own = to(f"metadata/{kind.lower()}/{code}/{edition}")
    named = {"ServiceCode": code, "ServiceEditionCode": edition, "ServiceName": f"Tjeneste {code}", "ServiceType": kind}
    return {**named, "_links": {"self": own}}


def reportee(id_: str, name: str) -> Document:
    links = {"self": to(f"reportees/{id_}"), "messages": to(f"{id_}/messages")}
    return {"ReporteeId": id_, "Name": name, "Type": "Foretak", "_links": links}


@dataclass
class List:
    """A list: its elements, the name they are embedded under, its template, how many it gives at once."""

    name: str
    elements: list[Document]
    find: str = ""
    size: int = 50
    next_links: bool = False

    def page(self, path: str, url: str) -> Document:
        skip = int(urls.parameter(url, "$skip") or 0)
        top = min(int(urls.parameter(url, "$top") or self.size), self.size)
        chosen = self.ordered(self.chosen(urls.parameter(url, "$filter")), urls.parameter(url, "$orderby"))
        links: Document = {"self": to(path)}
        if self.find:
            links["find"] = {"href": at(self.find), "isTemplated": True}
        if self.next_links and skip + top < len(chosen):
            links["next"] = {"href": f"{at(path)}?$skip={skip + top}"}
        return {"_links": links, "_embedded": {self.name: chosen[skip : skip + top]}}

    def chosen(self, condition: str | None) -> list[Document]:
        found = re.fullmatch(r"(\w+) eq '?([^']*)'?", condition or "")
        if not found:
            return self.elements
        return [each for each in self.elements if str(each.get(found[1])) == found[2]]

    def ordered(self, elements: list[Document], order: str | None) -> list[Document]:
        name, _, way = (order or "").partition(" ")
        return sorted(elements, key=lambda each: str(each.get(name)), reverse=way == "desc") if name else elements


@dataclass
class World:
    """The environment. hook: what is said instead, given the probe and what would be said."""

    pages: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, List] = field(default_factory=dict)
    hook: Callable[[Probe, Said], Said] = lambda probe, said: said

    def answer(self, probe: Probe) -> Said:
        return self.hook(probe, self.said(probe))

    def said(self, probe: Probe) -> Said:
        path = probe.url.removeprefix(ROOT).lstrip("/").partition("?")[0]
        page = self.pages.get(path)
        if path in self.lists:
            page = self.lists[path].page(path, probe.url)
        if isinstance(page, Response | Failure):
            return page
        if isinstance(page, tuple):
            return Response(200, (("Content-Type", page[0]),), page[1])
        return hal(page, probe.header("Accept") or "") if page is not None else Response(404, reason=b"Not Found")


def hal(document: Document, accept: str) -> Response:
    label = HAL_XML if accept == HAL_XML else HAL_JSON
    body = xml(document, "self", "") if label == HAL_XML else json.dumps(document)
    return Response(200, (("Content-Type", label),), body.encode())


def xml(document: Document, rel: str, name: str) -> str:
    offered, parts = document.get("_links"), []
    links = dict(offered) if isinstance(offered, dict) else {}
    own = links.pop("self", None)
    for link_rel, link in links.items():
        for each in link if isinstance(link, list) else [link]:
            told = each if isinstance(each, dict) else {"href": each}
            attributes = "".join(f" {key}={quoteattr(str(value))}" for key, value in told.items())
            parts.append(f'<link rel="{link_rel}"{attributes}/>')
    for group_name, group in document.get("_embedded", {}).items():
        parts += [xml(each, group_name, group_name) for each in group]
    for key, value in document.items():
        if key == "ReplyOptions":
            inside = "".join(f"<ReplyOption>{members(each)}</ReplyOption>" for each in value)
            parts.append(f"<{key}>{inside}</{key}>")
        elif not key.startswith("_"):
            parts.append(members({key: value}))
    href = f" href={quoteattr(own['href'])}" if isinstance(own, dict) and "href" in own else ""
    return f'<resource rel="{rel}"{href}>{"".join(parts)}</resource>'


def members(values: Document) -> str:
    return "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in values.items())


def kept() -> World:
    """An environment that keeps everything said of links and reaching. What is listed and what is read alone are
    apart, so that a test breaks one of them."""
    task = message("a100003", Type="FormTask", ServiceCode="4481", ServiceEdition=1)
    task["_links"] |= {
        "metadata": to("metadata/formtask/4481/1"),
        "print": to("my/messages/a100003/print", **{"mime-type": "application/pdf"}),
    }
    single = copy.deepcopy(task)
    single["_links"]["form"] = [
        to("my/messages/a100003/forms/1", name="RF-1"),
        to("my/messages/a100003/forms/2", name="RF-2"),
    ]
    letter = message("a100002", ArchiveReference="AR1")
    letter["_links"] |= {
        "archivereference": to("my/messages/b200001"),
        "attachment": [to("my/messages/a100002/attachments/7", fileName="a.pdf", filesize=len(PDF))],
    }
    letter["ReplyOptions"] = [
        {"Type": "Service", "URL": at("metadata/formtask/4481/1"), "ServiceCode": "4481", "ServiceEditionCode": 1},
        {"Type": "ArchiveReference", "URL": at("my/messages/b200001"), "Text": "Arkivert"},
        {"Type": "URL", "URL": "https://www.example.org", "Text": "Les mer"},
    ]
    archived = message("b200001", ArchiveReference="AR1", OriginalId="a99")
    mine = [message("a100001"), message("a100002"), task, message("b200001", ArchiveReference="AR1")]
    theirs = {id_: [message(f"a{number}00010", id_)] for id_, number in (("r1", 3), ("r2", 4))}
    services = [service("0042", 2), service("4481", 1, "FormTask")]
    people = [reportee("r1", "KATT AS"), reportee("r2", "ULV AS")]
    return World(
        pages=copy.deepcopy(
            {
                **{own(each): each for each in (*mine, *theirs["r1"], *theirs["r2"], *services, *people)},
                own(single): single,
                own(letter): letter,
                own(archived): archived,
                "my/messages/a100003/print": ("application/pdf", PDF),
                "my/messages/a100002/attachments/7": ("application/pdf", PDF),
                **{f"my/messages/a100003/forms/{n}": form(n) for n in (1, 2)},
                **{f"my/messages/a100003/forms/{n}/formdata": ("application/xml", b"<melding/>") for n in (1, 2)},
            }
        ),
        lists={
            "my/messages": List("messages", mine, "my/messages/{messageId}"),
            **{f"{id_}/messages": List("messages", theirs[id_], id_ + "/messages/{messageId}") for id_ in theirs},
            "reportees": List("reportees", people, "reportees/{reporteeId}"),
            "metadata": List("metadata", services, size=1000),
        },
    )


def form(number: int) -> Document:
    links = {
        "self": to(f"my/messages/a100003/forms/{number}"),
        "formdata": to(f"my/messages/a100003/forms/{number}/formdata", **{"mime-type": "application/xml"}),
    }
    return {"Type": "MainForm", "DataFormatId": "213", "Name": f"RF-{number}", "_links": links}


def own(document: Document) -> str:
    """The path of a resource's self."""
    return str(document["_links"]["self"]["href"]).removeprefix(ROOT + "/")


FEW = Walking("few", walks=40, steps=8, requests=250, failures=2)
WITHOUT_WALKS = ((reaching.ask,), (reaching.ask_again,))
ROUNDS = (WITHOUT_WALKS[0], (wanderer(FEW),), WITHOUT_WALKS[1])


def explored(
    world: World, means: Means | None = None, limits: Limits | None = None, rounds: Rounds = ROUNDS
) -> Explorer:
    return explore(world.answer, CONTRACT, rounds=rounds, profile=HAL_ONLY, means=means, limits=limits)


def judged(
    world: World, means: Means | None = None, limits: Limits | None = None, rounds: Rounds = ROUNDS
) -> dict[str, tuple[Finding, ...]]:
    """The findings of all rules, had from the evidence alone."""
    return judge(explored(world, means, limits, rounds).evidence())


def judge(evidence: Evidence) -> dict[str, tuple[Finding, ...]]:
    observed = observe(evidence, CONTRACT, HAL_ONLY)
    return {id_: tuple(rule(observed)) for id_, rule in RULES.items()}


def broken(world: World, rounds: Rounds = ROUNDS) -> set[str]:
    """The guarantees with something unmet, LINK-7 left out (Altinn's own spelling is used throughout)."""
    return {id_ for id_, found in judged(world, rounds=rounds).items() if id_ != "LINK-7" and unmet_of(found)}


def unmet_of(found: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in found if one.sight is Sight.UNMET]


def met_of(found: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in found if one.sight is Sight.MET]


def why(found: tuple[Finding, ...]) -> set[Unseen]:
    return {one.unseen for one in found if one.sight is Sight.UNSEEN}
