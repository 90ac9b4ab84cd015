"""MODEL: kept, every defect in its own guarantee, what is left open in none; and what the asker asks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from environments import STATUS, Say, Small, Tell, as_it_is, every, nothing, setting
from stage import explore
from writers import Anchor, Thing

from samsvar.logic.asking import models as asking
from samsvar.logic.exploring import Explorer
from samsvar.logic.judging import formats
from samsvar.logic.judging.models import LANGUAGE, LANGUAGE_AGAIN, RULES
from samsvar.model.contract import Contract
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Response
from samsvar.model.verdict import Finding, Sight, Unseen
from samsvar.world.documents import read_contract

FOUR = (HAL_JSON, HAL_XML, XML, JSON)
MESSAGE, SERVICE = "my/messages/a1", "metadata/formtask"
ENGLISH = "language=1033"


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


@pytest.mark.parametrize("seed", range(3))
def test_noise_that_means_nothing_breaks_nothing_and_every_guarantee_is_met(contract: Contract, seed: int) -> None:
    findings = judged(explored(contract, seed=seed))
    assert unmet(findings) == {}
    assert {name for name, group in findings.items() if any(one.sight is Sight.MET for one in group)} == set(RULES)


def changing(where: str, formats_: tuple[str, ...] = FOUR, **values: Any) -> Tell:
    """Sets properties of the resource at a path, whether it had them or not; ... takes one away."""

    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(where) and format_ in formats_:
            thing.properties.update(values)
            thing.properties = {name: value for name, value in thing.properties.items() if value is not ...}

    return tell


def in_english(where: str, **values: Any) -> Tell:
    """The same where the question is for English."""

    def tell(path: str, format_: str, thing: Thing) -> None:
        if ENGLISH in path:
            changing(where, **values)(path, format_, thing)

    return tell


def renamed(old: str, new: str, formats_: tuple[str, ...] = FOUR, where: str = "") -> Tell:
    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(where) and format_ in formats_:
            for each in every(thing):
                each.properties = {new if name == old else name: value for name, value in each.properties.items()}

    return tell


def reply(name: str, value: Any) -> Tell:
    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(MESSAGE):
            thing.properties["ReplyOptions"][1][name] = value

    return tell


def without_key(path: str, format_: str, thing: Thing) -> None:
    for group in thing.embedded.values():
        if path.startswith("my/messages"):
            group[-1].properties.pop("MessageId", None)


def without_links(path: str, format_: str, thing: Thing) -> None:
    if ENGLISH in path and path.startswith(MESSAGE):
        thing.links = [link for link in thing.links if link.rel != "metadata"]


def other_links(path: str, format_: str, thing: Thing) -> None:
    if ENGLISH in path and path.startswith("my/messages/a"):
        for link in thing.links:
            if link.rel == "metadata":
                link.href = link.href.replace("metadata/formtask/0042/1", "reportees/r1")


DEFECTS: dict[str, tuple[str, Tell, Say]] = {
    "a code is a number": ("MODEL-1", setting("", FOUR, "ServiceCode", 42), as_it_is),
    "an edition is a text": ("MODEL-1", changing(MESSAGE, ServiceEdition="1"), as_it_is),
    "an edition is a text in plain JSON only": ("MODEL-1", changing(MESSAGE, (JSON,), ServiceEdition="1"), as_it_is),
    "a truth value is a text": ("MODEL-1", changing(MESSAGE, MarkedUnread="ja"), as_it_is),
    "a date is no date": ("MODEL-1", changing(MESSAGE, LastChangedDateTime="i går"), as_it_is),
    "a date is the 30th of February": (
        "MODEL-1",
        changing(MESSAGE, LastChangedDateTime="2013-02-30T10:00:00"),
        as_it_is,
    ),
    "a list is a text": ("MODEL-1", changing(MESSAGE, ReplyOptions="ingen"), as_it_is),
    "a text is an object": ("MODEL-1", changing(MESSAGE, Subject={"Text": "Vedtak"}), as_it_is),
    "a member of a list is a text": ("MODEL-1", reply("ServiceEditionCode", "én"), as_it_is),
    "a property that is always there is not": ("MODEL-1", changing(MESSAGE, LastChangedBy=...), as_it_is),
    "a property that is always there is null": ("MODEL-1", changing(SERVICE, ServiceName=None), as_it_is),
    "a name begins with a small letter": ("MODEL-1", renamed("Subject", "subject"), as_it_is),
    "a name is spelt otherwise in one place": (
        "MODEL-1",
        renamed("ServiceEdition", "Service_Edition", where=MESSAGE),
        as_it_is,
    ),
    "an optional name is spelt otherwise": ("MODEL-1", renamed("MarkedUnread", "markedUnread"), as_it_is),
    "a message has no id": ("MODEL-2", changing(MESSAGE, MessageId=...), as_it_is),
    "an id is empty": ("MODEL-2", changing("reportees/r1", ReporteeId=""), as_it_is),
    "an element has no id": ("MODEL-2", without_key, as_it_is),
    "half of a key is missing": ("MODEL-2", changing(SERVICE, ServiceEditionCode=None), as_it_is),
    "an unknown type of message": ("MODEL-3", setting("my/messages", FOUR, "Type", "Letter"), as_it_is),
    "a known word in another case": ("MODEL-3", changing(SERVICE, ServiceType="formtask"), as_it_is),
    "an unknown type of reply": ("MODEL-3", reply("Type", "Link"), as_it_is),
    "a language changes a word": ("MODEL-4", in_english(MESSAGE, Type="FormTask"), as_it_is),
    "a language changes a date": (
        "MODEL-4",
        in_english(MESSAGE, LastChangedDateTime="2013-11-20T18:50:54.86"),
        as_it_is,
    ),
    "a language changes how a date is written": (
        "MODEL-4",
        in_english(MESSAGE, LastChangedDateTime="11/20/2013 7:50:54.86 PM"),
        as_it_is,
    ),
    "a language changes a code": ("MODEL-4", in_english(SERVICE, ServiceCode="0043"), as_it_is),
    "a language changes an inner name": ("MODEL-4", in_english(MESSAGE, ReplyOptions=[]), as_it_is),
    "a language drops a property": ("MODEL-4", in_english(MESSAGE, MarkedUnread=...), as_it_is),
    "a language drops a link": ("MODEL-4", without_links, as_it_is),
    "a language leads elsewhere": ("MODEL-4", other_links, as_it_is),
    "a language makes it fail": ("MODEL-4", nothing, lambda p, f, r: Response(500) if ENGLISH in p else r),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_shows_in_its_own_guarantee_and_in_no_other(contract: Contract, name: str) -> None:
    guarantee, tell, say = DEFECTS[name]
    found = unmet(judged(explored(contract, tell, say, seed=5)))
    assert set(found) == {guarantee}, found
    first = found[guarantee][0]
    assert first.because and first.place and first.exchanges and first.url and first.expected and first.observed


def steps_renamed(path: str, format_: str, thing: Thing) -> None:
    if ENGLISH in path:
        for each in every(thing):
            for step in each.properties.get("ProcessSteps", []):
                step["Name"] += " in English"


def carried_on(path: str, format_: str, thing: Thing) -> None:
    if "language=" in path:
        for each in every(thing):
            for link in each.links:
                link.href += ("&" if "?" in link.href else "?") + path.partition("?")[2].split("&")[-1]


HARMLESS: dict[str, tuple[Tell, Say]] = {
    "members that nobody documented": (changing("", New={"deep": [1, None]}, subject="x"), as_it_is),
    "an optional property that is null": (changing(MESSAGE, MarkedUnread=None, ReplyOptions=None), as_it_is),
    "an optional property that is left out": (changing(MESSAGE, MarkedUnread=..., ReplyOptions=...), as_it_is),
    "a word that nobody closed": (changing("reportees", Type="Foretak"), as_it_is),
    "texts inside lists in a language": (steps_renamed, as_it_is),
    "links that carry the language on": (carried_on, as_it_is),
    "a place that is not there in a language": (nothing, lambda p, f, r: Response(404) if ENGLISH in p else r),
    "a language that is refused": (nothing, lambda p, f, r: Response(400) if ENGLISH in p else r),
    "a property of the reply in English only": (in_english("", Undocumented="x"), as_it_is),
    "an edition as a whole decimal": (
        nothing,
        lambda p, f, r: replace(r, body=re.sub(rb'(Edition": *)1\b', rb"\g<1>1.0", r.body)),
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_the_documentation_leaves_open_is_no_failure(contract: Contract, name: str) -> None:
    tell, say = HARMLESS[name]
    assert unmet(judged(explored(contract, tell, say, seed=3))) == {}


def test_what_is_missing_in_one_format_only_is_told_by_the_comparison_of_formats(contract: Contract) -> None:
    explorer = explored(contract, changing(MESSAGE, (XML,), LastChangedBy=...))
    assert unmet(judged(explorer)) == {}
    assert any(one.sight is Sight.UNMET for one in formats.RULES["FORMAT-4"](explorer.observed))


def test_a_key_that_is_missing_in_one_format_is_missing_there(contract: Contract) -> None:
    found = unmet(judged(explored(contract, changing(MESSAGE, (HAL_XML,), MessageId=...))))
    assert set(found) == {"MODEL-2"}
    assert found["MODEL-2"][0].format == "hal+xml"


def test_a_defect_that_shows_in_lists_and_in_every_format_is_told_once_for_each_place(contract: Contract) -> None:
    found = unmet(judged(explored(contract, renamed("Subject", "subject"))))
    places = [one.place for one in found["MODEL-1"]]
    assert sorted(places) == ["Message a1", "Message a2", "Message a3"]


def test_another_resource_where_a_message_should_be_is_not_judged_as_a_message(contract: Contract) -> None:
    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(MESSAGE):
            thing.properties = {"Kontonummer": "1", "Saldo": 2}

    assert unmet(judged(explored(contract, tell))) == {}


def test_a_language_that_is_not_read_is_neither_met_nor_unmet(contract: Contract) -> None:
    def tell(path: str, format_: str, thing: Thing) -> None:
        for each in every(thing):
            each.properties.update({name: "samme" for name in ("Status", "ServiceName") if name in each.properties})

    findings = judged(explored(contract, tell))["MODEL-4"]
    assert {one.sight for one in findings} == {Sight.UNSEEN}
    assert any("no text changed" in one.because for one in findings)


def test_a_place_that_moves_while_languages_are_asked_is_unstable(contract: Contract) -> None:
    count = iter(range(10_000))

    def tell(path: str, format_: str, thing: Thing) -> None:
        if path.startswith(MESSAGE) and "language" in path:
            thing.properties["Subject"] = f"Nr. {next(count)}"

    explorer = explored(contract, tell)
    findings = judged(explorer)["MODEL-4"]
    assert not [one for one in findings if one.sight is Sight.UNMET]
    assert any(one.unseen is Unseen.UNSTABLE for one in findings if one.sight is Sight.UNSEEN)
    assert len(explorer.observed.asked(LANGUAGE_AGAIN)) == 1


def test_one_place_of_each_type_with_texts_is_asked_in_every_language_and_nothing_twice(contract: Contract) -> None:
    explorer = explored(contract)
    asked = [(one.probe.url, one.probe.about) for one in explorer.observed.asked(LANGUAGE)]
    assert len(asked) == len(set(asked)) <= 40
    assert {about for _, about in asked} == set(STATUS)
    types = [one.probe.type for one in explorer.observed.asked(LANGUAGE)]
    assert all(types.count(name) == len(STATUS) for name in set(types))
    assert not explorer.observed.asked(LANGUAGE_AGAIN)
    assert all("markAsRead=false" in url for url, _ in asked if "/messages/a" in url)


def test_without_places_every_guarantee_says_why_it_was_not_seen(contract: Contract) -> None:
    findings = judged(explore(lambda probe: Response(404), contract, rounds=((asking.ask,),)))
    assert all(len(group) == 1 and group[0].sight is Sight.UNSEEN and group[0].because for group in findings.values())


def test_links_to_the_same_place_under_another_address_are_the_same_in_every_language(contract: Contract) -> None:
    def tell(path: str, format_: str, thing: Thing) -> None:
        if ENGLISH in path and path.startswith(MESSAGE):
            thing.links = [replace_anchor(link) for link in thing.links]

    def replace_anchor(link: Anchor) -> Anchor:
        return Anchor(
            link.rel, link.href.replace("/metadata/formtask/", "/Metadata/FormTask/"), attributes=link.attributes
        )

    assert unmet(judged(explored(contract, tell))) == {}
