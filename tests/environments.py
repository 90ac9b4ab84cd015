"""A small environment for tests of judging: a few places of the altinn2 contract, written in the four formats by
``writers`` with all its harmless noise, and two hooks by which a test breaks something.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import writers
from stage import ROOT
from writers import Anchor, Thing

from samsvar.model.contract import Contract
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Probe, Response

STATUS = {"1033": "Unread", "1044": "Ulest", "2068": "Ulesen"}
SERVICE = {"1033": "Tax return", "1044": "Skattemelding", "2068": "Skattemelding (nynorsk)"}
LISTS = {"metadata": "ServiceMetaData", "my/messages": "Message", "reportees": "Reportee"}
SINGLES = {"metadata/formtask": "ServiceMetaData", "my/messages": "Message", "reportees": "Reportee"}


def message(number: str, language: str) -> Thing:
    """A correspondence with a date that has a fraction, a code with a zero in front, options and links."""
    return Thing(
        {
            "MessageId": f"a{number}",
            "Subject": f" Vedtak & klage <{number}> ",
            "Status": STATUS[language],
            "LastChangedDateTime": "2013-11-20T19:50:54.86",
            "LastChangedBy": "HÅKON TRANA",
            "ServiceOwner": "Skatteetaten",
            "Type": "Correspondence",
            "ServiceCode": "0042",
            "ServiceEdition": 1,
            "MarkedUnread": True,
            "Summary": None,
            "ReplyOptions": [
                {"Type": "URL", "URL": "https://www.eksempel.no", "Text": "Les mer"},
                {"Type": "Service", "URL": f"{ROOT}/metadata/formtask/0042/1", "ServiceEditionCode": 1},
            ],
        },
        [
            Anchor("self", f"{ROOT}/my/messages/a{number}"),
            Anchor("metadata", f"{ROOT}/metadata/formtask/0042/1"),
            Anchor(
                "attachment", f"{ROOT}/my/messages/a{number}/attachments/1", attributes={"name": "Brev", "filesize": 3}
            ),
            Anchor("portalview", f"{ROOT}/portal?id={number}"),
        ],
    )


def service(language: str) -> Thing:
    """A service with steps, whose order means something."""
    return Thing(
        {
            "ServiceOwnerCode": "SKD",
            "ServiceOwnerName": "Skatteetaten",
            "ServiceName": SERVICE[language],
            "ServiceCode": "0042",
            "ServiceEditionCode": 1,
            "ServiceType": "FormTask",
            "RestEnabled": True,
            "ProcessSteps": [{"SequenceNumber": 1, "Name": "Utfylling"}, {"SequenceNumber": 2, "Name": "Signering"}],
        },
        [Anchor("self", f"{ROOT}/metadata/formtask/0042/1")],
    )


def reportee() -> Thing:
    return Thing(
        {"ReporteeId": "r1", "Name": "Ola ", "Type": "Person"},
        [Anchor("self", f"{ROOT}/reportees/r1"), Anchor("messages", f"{ROOT}/my/messages")],
    )


def content(path: str, query: dict[str, list[str]]) -> Thing | None:
    """What there is at a path below the root."""
    language = query.get("language", ["1044"])[0]
    if path == "metadata":
        return Thing({}, [Anchor("self", f"{ROOT}/metadata")], {"metadata": [service(language)]})
    if path == "metadata/formtask/0042/1":
        return service(language)
    if path == "my/messages":
        return _box(language, "$skip" in query)
    if path in ("my/messages/a1", "my/messages/a2", "my/messages/a3"):
        return message(path[-1], language)
    if path == "reportees":
        return Thing({}, [Anchor("self", f"{ROOT}/reportees")], {"reportees": [reportee()]})
    return reportee() if path == "reportees/r1" else None


def _box(language: str, second: bool) -> Thing:
    """Two messages on the first page, one on the second."""
    links = [
        Anchor("self", f"{ROOT}/my/messages" + ("?$skip=2" if second else "")),
        Anchor("find", f"{ROOT}/my/messages/{{MessageId}}", templated=True),
    ]
    if not second:
        links.append(Anchor("next", f"{ROOT}/my/messages?$skip=2"))
    return Thing({}, links, {"messages": [message(n, language) for n in (["3"] if second else ["1", "2"])]})


Tell = Callable[[str, str, Thing], None]
"""(path and query, media type, thing) -> None: changes what is told before it is written."""
Say = Callable[[str, str, Response], Response]
"""(path and query, media type, answer) -> answer: changes what is written."""


def nothing(path: str, format_: str, thing: Thing) -> None:
    """Tell it as it is."""


def as_it_is(path: str, format_: str, response: Response) -> Response:
    """Say it as it is."""
    return response


@dataclass
class Small:
    """The environment. tell, say: the hooks; seed: of the harmless noise."""

    contract: Contract
    tell: Tell = nothing
    say: Say = as_it_is
    seed: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, probe: Probe) -> Response:
        parts = urlsplit(probe.url)
        path = parts.path.removeprefix("/api").strip("/")
        format_ = probe.header("Accept") or JSON
        named = f"{path}?{parts.query}" if parts.query else path
        self.asked.append(f"{format_} {named}")
        thing = content(path, parse_qs(parts.query))
        if path.endswith("attachments/1"):
            return Response(200, (("Content-Type", "text/plain"),), b"abc")
        if thing is None:
            return Response(404, reason=b"Not Found")
        thing = deepcopy(thing)
        self.tell(named, format_, thing)
        body = self.written(path, format_, thing)
        return self.say(named, format_, Response(200, (("Content-Type", f"{format_}; charset=utf-8"),), body))

    def written(self, path: str, format_: str, thing: Thing) -> bytes:
        noise = Random(f"{self.seed} {path} {format_} {len(self.asked)}")
        type_name = LISTS.get(path) or next(name for prefix, name in SINGLES.items() if path.startswith(prefix))
        shape = self.contract.types[type_name].shape
        assert shape is not None
        things = [each for group in thing.embedded.values() for each in group]
        if path in LISTS and format_ == JSON:
            return writers.json_list(things, shape, noise).encode()
        if path in LISTS and format_ == XML:
            return writers.xml_list(things, shape, noise).encode()
        return writers.write(thing, shape, format_, noise)


def labelled(response: Response, content_type: str | None) -> Response:
    """The same answer under another label, or none."""
    fields = tuple(pair for pair in response.headers if pair[0] != "Content-Type")
    return replace(response, headers=fields if content_type is None else (*fields, ("Content-Type", content_type)))


def every(thing: Thing) -> list[Thing]:
    """The resource and all it embeds."""
    return [thing, *(each for group in thing.embedded.values() for each in group)]


def setting(where: str, formats: tuple[str, ...], name: str, value: Any) -> Tell:
    """A hook that sets a property of every resource that has it, at the paths that begin so, in these formats."""

    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(where) and format_ in formats:
            for each in every(thing):
                if name in each.properties:
                    each.properties[name] = value

    return tell


HAL = (HAL_JSON, HAL_XML)
PLAIN = (JSON, XML)
