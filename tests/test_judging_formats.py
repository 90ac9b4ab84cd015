"""FORMAT: kept, every defect in its own guarantee, harmless variations in none."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from environments import HAL, PLAIN, Say, Small, Tell, as_it_is, every, labelled, nothing, setting
from stage import explore
from writers import Anchor, Thing

from samsvar.logic.asking import models as asking
from samsvar.logic.exploring import Explorer
from samsvar.logic.judging.formats import RULES
from samsvar.logic.observing import observe
from samsvar.model.contract import Contract, Profile
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Failure, Login, Means, Probe, Response, Stage
from samsvar.model.verdict import Finding, Sight, Unseen
from samsvar.world.documents import read_contract

FOUR = (HAL_JSON, HAL_XML, XML, JSON)
BOX, MESSAGE, SERVICE = "my/messages", "my/messages/a1", "metadata/formtask"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return read_contract("altinn2")


def explored(contract: Contract, tell: Tell = nothing, say: Say = as_it_is, seed: int = 0) -> Explorer:
    return explore(Small(contract, tell, say, seed), contract, rounds=((asking.ask,),))


def judged(explorer: Explorer) -> dict[str, tuple[Finding, ...]]:
    return {name: tuple(rule(explorer.observed)) for name, rule in RULES.items()}


def unmet(findings: Mapping[str, tuple[Finding, ...]]) -> dict[str, tuple[Finding, ...]]:
    """What is not met, by guarantee."""
    found = {name: tuple(one for one in group if one.sight is Sight.UNMET) for name, group in findings.items()}
    return {name: group for name, group in found.items() if group}


@pytest.mark.parametrize("seed", range(8))
def test_noise_that_means_nothing_breaks_nothing_and_every_guarantee_is_met(contract: Contract, seed: int) -> None:
    findings = judged(explored(contract, seed=seed))
    assert unmet(findings) == {}
    assert {name for name, group in findings.items() if any(one.sight is Sight.MET for one in group)} == set(RULES)


def refusing(where: str, format_: str, status: int, **fields: str) -> Say:
    def say(path: str, asked: str, response: Response) -> Response:
        refused = Response(status, tuple(fields.items()))
        return refused if path.startswith(where) and asked == format_ else response

    return say


def relabelling(where: str, format_: str, label: str | None) -> Say:
    def say(path: str, asked: str, response: Response) -> Response:
        return labelled(response, label) if path.startswith(where) and asked == format_ else response

    return say


def rewriting(where: str, format_: str, change: Callable[[bytes], bytes]) -> Say:
    def say(path: str, asked: str, response: Response) -> Response:
        touched = path.startswith(where) and asked == format_
        return replace(response, body=change(response.body)) if touched else response

    return say


def dropping(where: str, format_: str, name: str) -> Tell:
    def tell(path: str, asked: str, thing: Thing) -> None:
        if path.startswith(where) and asked == format_:
            for each in every(thing):
                each.properties.pop(name, None)

    return tell


def linking(where: str, format_: str, change: Callable[[Thing], None]) -> Tell:
    def tell(path: str, asked: str, thing: Thing) -> None:
        if path.startswith(where) and asked == format_:
            for each in every(thing):
                change(each)

    return tell


def listing(format_: str, change: Callable[[list[Thing]], None], where: str = BOX) -> Tell:
    def tell(path: str, asked: str, thing: Thing) -> None:
        if path == where and asked == format_:
            for group in thing.embedded.values():
                change(group)

    return tell


def last_link_renamed(thing: Thing) -> None:
    for link in thing.links:
        if link.rel == "attachment":
            link.attributes["name"] = "Et annet brev"


def metadata_left_out(thing: Thing) -> None:
    thing.links = [link for link in thing.links if link.rel != "metadata"]


def portal_moved(thing: Thing) -> None:
    for link in thing.links:
        if link.rel == "portalview":
            link.href += "0"


def metadata_twice(thing: Thing) -> None:
    thing.links += [link for link in thing.links if link.rel == "metadata"]


def self_of_another(thing: Thing) -> None:
    for link in thing.links:
        if link.rel == "self" and link.href.endswith("a1"):
            link.href = link.href.replace("a1", "a2")


def steps_turned(path: str, format_: str, thing: Thing) -> None:
    if format_ == XML and "ProcessSteps" in thing.properties:
        thing.properties["ProcessSteps"].reverse()


def owner_embedded(formats: tuple[str, ...]) -> Tell:
    def tell(path: str, asked: str, thing: Thing) -> None:
        if path.startswith(MESSAGE) and asked in formats:
            thing.embedded["owner"] = [Thing({"Name": "SKD"}, [Anchor("self", "/api/owners/SKD")])]

    return tell


def date_only(path: str, format_: str, thing: Thing) -> None:
    if format_ == JSON:
        for each in every(thing):
            if "LastChangedDateTime" in each.properties:
                each.properties["LastChangedDateTime"] = "2013-11-20"


DEFECTS: dict[str, tuple[str, Tell, Say]] = {
    "one place is refused in XML": ("FORMAT-1", nothing, refusing(MESSAGE, XML, 406)),
    "one place fails in plain JSON": ("FORMAT-1", nothing, refusing(SERVICE, JSON, 500)),
    "the second page fails in hal+xml": ("FORMAT-1", nothing, refusing("my/messages?$skip", HAL_XML, 500)),
    "hal+xml is answered without content": ("FORMAT-1", nothing, refusing(MESSAGE, HAL_XML, 204)),
    "one format redirects to a login": (
        "FORMAT-1",
        nothing,
        refusing(MESSAGE, XML, 302, Location="https://id.example/"),
    ),
    "XML is labelled text/xml": ("FORMAT-2", nothing, relabelling("", XML, "text/xml")),
    "hal+json is labelled application/json": ("FORMAT-2", nothing, relabelling(BOX, HAL_JSON, "application/json")),
    "one answer has no label": ("FORMAT-2", nothing, relabelling(MESSAGE, JSON, None)),
    "the second page is labelled as a page": ("FORMAT-2", nothing, relabelling("my/messages?$skip", JSON, "text/html")),
    "hal+xml is labelled hal+json": ("FORMAT-2", nothing, relabelling(MESSAGE, HAL_XML, HAL_JSON)),
    "a brace is missing": ("FORMAT-3", nothing, rewriting(MESSAGE, JSON, lambda body: body[:-1])),
    "an XML body is empty": ("FORMAT-3", nothing, rewriting(MESSAGE, XML, lambda body: b"")),
    "an ampersand is not escaped": (
        "FORMAT-3",
        nothing,
        rewriting(MESSAGE, HAL_XML, lambda b: b.replace(b"</", b"&</", 1)),
    ),
    "JSON has a byte order mark": (
        "FORMAT-3",
        nothing,
        rewriting("reportees/", JSON, lambda body: b"\xef\xbb\xbf" + body),
    ),
    "the charset is not that of the bytes": (
        "FORMAT-3",
        nothing,
        lambda p, f, r: labelled(r, f"{f}; charset=iso-8859-1") if p.startswith(MESSAGE) and f == XML else r,
    ),
    "hal+xml is in fact JSON": ("FORMAT-3", nothing, rewriting("reportees/", HAL_XML, lambda body: b'{"Name": "Ola"}')),
    "a leading zero is lost in XML": ("FORMAT-4", setting(MESSAGE, (XML,), "ServiceCode", "42"), as_it_is),
    "a leading zero is lost in the element": (
        "FORMAT-4",
        setting("my/messages?", (JSON,), "ServiceCode", "42"),
        as_it_is,
    ),
    "a key loses its zero in a list in XML": (
        "FORMAT-4",
        lambda p, f, t: setting("metadata", (XML,), "ServiceCode", "42")(p, f, t) if p == "metadata" else None,
        as_it_is,
    ),
    "a key loses its zero in a list in hal+xml": (
        "FORMAT-4",
        lambda p, f, t: setting("metadata", (HAL_XML,), "ServiceCode", "42")(p, f, t) if p == "metadata" else None,
        as_it_is,
    ),
    "a blank at the end is lost": ("FORMAT-4", setting("reportees", (JSON,), "Name", "Ola"), as_it_is),
    "an optional property is left out": ("FORMAT-4", dropping(MESSAGE, HAL_XML, "MarkedUnread"), as_it_is),
    "a property is there in plain JSON only": (
        "FORMAT-4",
        lambda p, f, thing: thing.properties.update(Extra="x") if f == JSON and p.startswith(MESSAGE) else None,
        as_it_is,
    ),
    "null becomes empty text": ("FORMAT-4", setting(MESSAGE, (XML,), "Summary", ""), as_it_is),
    "the time of day is lost in plain JSON": ("FORMAT-4", date_only, as_it_is),
    "one reply option is lost": (
        "FORMAT-4",
        lambda p, f, thing: thing.properties["ReplyOptions"].pop() if f == XML and p.startswith(MESSAGE) else None,
        as_it_is,
    ),
    "an element is missing in XML": ("FORMAT-5", listing(XML, lambda group: group.pop() and None), as_it_is),
    "an element comes twice in hal+xml": ("FORMAT-5", listing(HAL_XML, lambda g: g.append(g[0])), as_it_is),
    "all elements are missing in hal+xml": ("FORMAT-5", listing(HAL_XML, lambda group: group.clear()), as_it_is),
    "all elements are missing in plain JSON": ("FORMAT-5", listing(JSON, lambda group: group.clear()), as_it_is),
    "steps are turned round": ("FORMAT-5", steps_turned, as_it_is),
    "a link is left out of hal+xml": ("FORMAT-6", linking(MESSAGE, HAL_XML, metadata_left_out), as_it_is),
    "a link is left out of elements": ("FORMAT-6", linking("my/messages?", HAL_XML, metadata_left_out), as_it_is),
    "a link attribute differs": ("FORMAT-6", linking(MESSAGE, HAL_XML, last_link_renamed), as_it_is),
    "a link out of the API differs": ("FORMAT-6", linking(MESSAGE, HAL_XML, portal_moved), as_it_is),
    "self leads to another message": ("FORMAT-6", linking(MESSAGE, HAL_XML, self_of_another), as_it_is),
    "a link comes twice": ("FORMAT-6", linking(MESSAGE, HAL_XML, metadata_twice), as_it_is),
    "hal+xml embeds nothing": ("FORMAT-7", owner_embedded((HAL_JSON,)), as_it_is),
    "hal+xml embeds one element less": ("FORMAT-7", listing(HAL_XML, lambda group: group.pop() and None), as_it_is),
    "hal+xml embeds more": ("FORMAT-7", owner_embedded((HAL_XML,)), as_it_is),
    "True for true": ("FORMAT-8", nothing, rewriting("", XML, lambda b: b.replace(b">true<", b">True<"))),
    "a date in the culture's form": (
        "FORMAT-8",
        setting(MESSAGE, (HAL_XML,), "LastChangedDateTime", "20.11.2013 19:50:54,86"),
        as_it_is,
    ),
}


COMPANIONS = {
    "an element comes twice in hal+xml": ("FORMAT-7",),
    "all elements are missing in hal+xml": ("FORMAT-7",),
    "hal+xml embeds one element less": ("FORMAT-5",),
}
"""What is bound to fail too: in HAL, the elements of a list are embedded resources."""


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_shows_in_its_own_guarantee_and_in_no_other(contract: Contract, name: str) -> None:
    guarantee, tell, say = DEFECTS[name]
    found = unmet(judged(explored(contract, tell, say, seed=5)))
    assert guarantee in found and set(found) <= {guarantee, *COMPANIONS.get(name, ())}, found
    first = found[guarantee][0]
    assert first.because and first.place and first.format and first.exchanges and first.url


def elements_as_links(path: str, format_: str, thing: Thing) -> None:
    if path.startswith(BOX) and format_ in HAL and thing.embedded.get("messages"):
        group = thing.embedded.pop("messages")
        thing.links += [Anchor("messages", each.links[0].href) for each in group]


def relative(path: str, format_: str, thing: Thing) -> None:
    if format_ == HAL_XML:
        for each in every(thing):
            for link in each.links:
                link.href = link.href.removeprefix("https://api.example")


def stand_ins(path: str, format_: str, thing: Thing) -> None:
    if format_ in PLAIN:
        for each in every(thing):
            if "MessageId" in each.properties:
                each.properties["MessageLink"] = each.links[0].href


def turned(path: str, format_: str, thing: Thing) -> None:
    if format_ in (XML, HAL_XML):
        for group in thing.embedded.values():
            group.reverse()


HARMLESS: dict[str, tuple[Tell, Say]] = {
    "labels in capitals": (nothing, lambda p, f, r: labelled(r, f.upper())),
    "labels with parameters": (nothing, lambda p, f, r: labelled(r, f'{f}; profile="x"; charset="UTF-8"')),
    "elements as links": (elements_as_links, as_it_is),
    "relative links in one format": (relative, as_it_is),
    "properties that stand for links": (stand_ins, as_it_is),
    "elements in another order": (turned, as_it_is),
    "more properties everywhere": (
        lambda p, f, t: [one.properties.update(New="x") for one in every(t)] and None,
        as_it_is,
    ),
    "more of the embedded in both": (owner_embedded(HAL), as_it_is),
    "times in UTC": (setting("", (XML,), "LastChangedDateTime", "2013-11-20T18:50:54.860Z"), as_it_is),
    "a reply with Vary": (nothing, lambda p, f, r: replace(r, headers=(*r.headers, ("Vary", "Accept")))),
    "a place that is gone in every format": (nothing, lambda p, f, r: Response(404) if p.startswith(MESSAGE) else r),
    "a place that fails in every format": (nothing, lambda p, f, r: Response(500) if p.startswith(SERVICE) else r),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_the_documentation_leaves_open_is_no_failure(contract: Contract, name: str) -> None:
    tell, say = HARMLESS[name]
    assert unmet(judged(explored(contract, tell, say, seed=3))) == {}


def test_a_property_that_stands_for_a_link_must_lead_where_the_link_leads(contract: Contract) -> None:
    def tell(path: str, format_: str, thing: Thing) -> None:
        stand_ins(path, format_, thing)
        if path.startswith(MESSAGE) and format_ == JSON:
            thing.properties["MessageLink"] = "https://api.example/api/my/messages/a2"

    found = unmet(judged(explored(contract, tell)))
    assert set(found) == {"FORMAT-4"}
    assert "MessageLink" in found["FORMAT-4"][0].because


def test_a_list_that_links_its_elements_lacks_one_in_plain_json(contract: Contract) -> None:
    def tell(path: str, format_: str, thing: Thing) -> None:
        elements_as_links(path, format_, thing)
        if path == BOX and format_ == JSON:
            thing.embedded["messages"].pop()

    found = unmet(judged(explored(contract, tell)))
    assert set(found) == {"FORMAT-5"}
    assert found["FORMAT-5"][0].expected == "a2"


def test_links_that_are_made_anew_in_each_answer_are_not_compared_as_texts(contract: Contract) -> None:
    count = iter(range(10_000))

    def tell(path: str, format_: str, thing: Thing) -> None:
        for each in every(thing):
            for link in each.links:
                if link.rel == "portalview":
                    link.href += f"&nonce={next(count)}"

    assert unmet(judged(explored(contract, tell))) == {}


def test_a_place_that_never_holds_still_is_unstable_and_not_broken(contract: Contract) -> None:
    count = iter(range(10_000))

    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(MESSAGE):
            thing.properties["Subject"] = f"Nr. {next(count)}"

    findings = judged(explored(contract, tell))
    assert unmet(findings) == {}
    assert any(one.unseen is Unseen.UNSTABLE for one in findings["FORMAT-4"] if one.sight is Sight.UNSEEN)


def test_a_page_that_moved_between_two_formats_is_not_a_difference_between_them(contract: Contract) -> None:
    asked: list[str] = []

    def tell(path: str, format_: str, thing: Thing) -> None:
        if path == "my/messages?$skip=2":
            asked.append(format_)
            if len(asked) > 2:
                thing.embedded["messages"].clear()

    findings = judged(explored(contract, tell))
    assert "FORMAT-5" not in unmet(findings)
    assert any(one.unseen is Unseen.UNSTABLE for one in findings["FORMAT-5"] if one.sight is Sight.UNSEEN)


def test_a_login_page_in_every_format_is_not_a_wrong_label(contract: Contract) -> None:
    def say(path: str, format_: str, response: Response) -> Response:
        page = replace(response, body=b"<!DOCTYPE html><html><body>Logg inn</body></html>")
        return labelled(page, "text/html") if path.startswith(BOX) else response

    assert unmet(judged(explored(contract, say=say))) == {}


def test_a_target_that_is_too_busy_and_one_that_cannot_be_reached_are_not_seen(contract: Contract) -> None:
    small = Small(contract)

    def environment(probe: Probe) -> Response | Failure:
        if probe.header("Accept") == XML:
            return Failure(Stage.RECEIVE, "reset")
        return Response(429) if probe.header("Accept") == JSON else small(probe)

    findings = judged(explore(environment, contract))
    assert unmet(findings) == {}
    assert any(one.sight is Sight.UNSEEN for one in findings["FORMAT-1"])


def test_without_places_every_guarantee_says_why_it_was_not_seen(contract: Contract) -> None:
    findings = judged(explore(lambda probe: Response(404), contract))
    assert all(len(group) == 1 and group[0].sight is Sight.UNSEEN and group[0].because for group in findings.values())


def test_a_profile_without_the_plain_formats_asks_and_judges_the_two_hal_formats_only(contract: Contract) -> None:
    profile = Profile("no-plain", formats=HAL)
    explorer = explore(Small(contract, say=refusing("", XML, 406)), contract, profile=profile)
    assert unmet(judged(explorer)) == {}
    assert not any(one.probe.header("Accept") == XML for one in explorer.exchanges)


def test_the_same_evidence_gives_the_same_findings_when_it_is_judged_again(contract: Contract) -> None:
    explorer = explored(contract, setting(MESSAGE, (XML,), "ServiceCode", "42"))
    again = observe(explorer.evidence(), contract, explorer.observed.profile)
    assert {name: tuple(rule(again)) for name, rule in RULES.items()} == judged(explorer)


def test_what_needs_a_login_is_not_asked_without_one(contract: Contract) -> None:
    explorer = explore(Small(contract), contract, means=Means(), rounds=((asking.ask,),))
    assert not any("my/messages" in one.probe.url for one in explorer.exchanges)
    assert all(one.probe.login is Login.GIVEN for one in explorer.exchanges)
