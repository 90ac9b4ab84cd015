"""What a walk should have been answered: each defect surprises, of each harmless thing nothing is told."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from zlib import crc32

import pytest
from linked_environment import Document, Said, World, at, kept, message, own, xml
from strolls import came, confirmed, ended, excuses, strolled, surprises
from test_judging_reaching import long_box

from samsvar.logic import urls
from samsvar.logic.exploring import Explorer
from samsvar.logic.walking.knowing import A_WHILE, Knowledge, known_to_the_crawl, step_of, wanted
from samsvar.logic.walking.walks import CONFIRM
from samsvar.model.exchange import HAL_JSON, HAL_XML, Failure, Means, Probe, Response, Stage

BOX, LETTER = "my/messages", "my/messages/a100001"
A, B = "https://www.eksempel.no", "https://walker.example"
MEANS = Means(key=True, login=True, origins=(A,))
Change = Callable[[Probe, Said], Said]


# -- the environment, and when it is different ------------------------------------------------------------------------


def with_headers(said: Said, *pairs: tuple[str, str]) -> Said:
    return replace(said, headers=(*said.headers, *pairs)) if isinstance(said, Response) else said


def polished(probe: Probe, said: Said) -> Said:
    """Tags, and leave for the registered origin."""
    if not isinstance(said, Response) or said.status != 200:
        return said
    tag = f'"{crc32(said.body)}"'
    shared = [("Access-Control-Allow-Origin", A)] if probe.header("Origin") == A else []
    if probe.header("If-None-Match") == tag:
        return Response(304, (("ETag", tag), *shared))
    return with_headers(said, ("ETag", tag), *shared)


def lenient(probe: Probe) -> Probe:
    """The environment understands every spelling of Accept."""
    accept = (probe.header("Accept") or "").lower()
    format_ = max((HAL_JSON, HAL_XML), key=lambda one: weight(accept, one))
    others = tuple(pair for pair in probe.headers if pair[0] != "Accept")
    return replace(probe, headers=(("Accept", format_), *others)) if weight(accept, format_) else probe


def weight(accept: str, format_: str) -> float:
    for piece in accept.replace(" ", "").split(","):
        name, _, rest = piece.partition(";")
        if name == format_:
            return float(rest.partition("q=")[2] or 1)
    return 0.0


def is_at(probe: Probe, step: str) -> bool:
    return probe.walk == step and probe.question != CONFIRM


def place(walk: str) -> tuple[int, int]:
    number, _, step = walk.removeprefix("r").partition(".")
    return int(number), int(step)


def once(step: str, change: Change) -> Change:
    """Only at this step, and no more when it is asked again."""
    return lambda probe, said: change(probe, said) if is_at(probe, step) else said


def from_then(step: str, change: Change) -> Change:
    """At this step and ever after."""
    return lambda probe, said: change(probe, said) if probe.walk and place(probe.walk) >= place(step) else said


def for_a_while(step: str, change: Change) -> Change:
    """At this step, and when it is asked again at once, but not later."""

    def soon(probe: Probe, said: Said) -> Said:
        return change(probe, said) if probe.walk == step and not probe.about.startswith("later") else said

    return soon


def tag_of_json(probe: Probe, said: Said) -> Said:
    """Tagged as what the environment says in HAL+JSON."""
    fields = (("Accept", HAL_JSON),)
    other = polished(probe, kept().answer(replace(probe, headers=fields)))
    assert isinstance(said, Response) and isinstance(other, Response)
    rest = tuple(pair for pair in said.headers if pair[0] != "ETag")
    return replace(said, headers=(*rest, ("ETag", other.first("ETag") or "")))


def same_tag(probe: Probe, said: Said) -> Said:
    return tag_of_json(probe, said) if isinstance(said, Response) and said.first("ETag") else said


def both(*changes: Change) -> Change:
    def all_of(probe: Probe, said: Said) -> Said:
        for change in changes:
            said = change(probe, said)
        return said

    return all_of


def at_url(path: str, change: Change) -> Change:
    return lambda probe, said: change(probe, said) if probe.url.partition("?")[0] == at(path) else said


def say(status: int, *headers: tuple[str, str], body: bytes = b"") -> Change:
    return lambda probe, said: Response(status, headers, body)


def edited(edit: Callable[[Document], Any]) -> Change:
    """The document is changed before it is written, in either format."""

    def change(probe: Probe, said: Said) -> Said:
        assert isinstance(said, Response) and said.first("Content-Type") == HAL_JSON, probe
        document = json.loads(said.body)
        found = edit(document)
        return replace(said, body=json.dumps(found if found is not None else document).encode())

    return change


def put(**members: Any) -> Change:
    return edited(lambda document: document.update(members))


def embedded(name: str, choose: Callable[[list[Document]], list[Document]]) -> Change:
    def edit(document: Document) -> None:
        document["_embedded"][name] = choose(document["_embedded"][name])

    return edited(edit)


def without_link(rel: str) -> Change:
    return edited(lambda document: document["_links"].pop(rel))


def dated() -> World:
    """A box whose messages have an instant each, in an order of their own."""
    world = kept()
    for index, each in enumerate(world.lists[BOX].elements):
        each["LastChangedDateTime"] = f"2026-10-0{(index * 3) % 7 + 1}T10:00:00"
        world.pages[own(each)]["LastChangedDateTime"] = each["LastChangedDateTime"]
    return world


def in_languages() -> World:
    """The names of services are of the language that is asked for."""
    world = kept()
    named = edited(lambda one: one["_embedded"]["metadata"][0].update(ServiceName="Service"))
    world.hook = lambda probe, said: named(probe, said) if "language=1033" in probe.url else said
    return world


def paged() -> World:
    return long_box(next_links=True)


def stranger_allowed(probe: Probe, said: Said) -> Said:
    return with_headers(said, ("Access-Control-Allow-Origin", B))


def other_origin(probe: Probe, said: Said) -> Said:
    assert isinstance(said, Response)
    rest = tuple(pair for pair in said.headers if pair[0] != "Access-Control-Allow-Origin")
    return replace(said, headers=(*rest, ("Access-Control-Allow-Origin", "https://skjema.eksempel.no")))


def in_xml(document: Document) -> bytes:
    return xml(document, "self", "").encode()


@dataclass(frozen=True)
class Case:
    """What is walked, what goes otherwise, and what comes of it. found: kind and guarantees, "" and () for nothing;
    asked: what is asked to make sure; excused: what is told in an excuse."""

    walks: tuple[str, ...]
    change: Change
    kind: str = ""
    guarantees: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    excused: str = ""
    start: Callable[[], World] = kept
    means: Means = field(default=MEANS)

    def walk(self) -> Explorer:
        world = self.start()
        changed = lambda probe: self.change(probe, polished(probe, world.answer(lenient(probe))))  # noqa: E731
        return strolled(changed, *self.walks, means=self.means)


def case(walk: str, change: Change, kind: str = "", *guarantees: str, **more: Any) -> Case:
    return Case((walk,), change, kind, guarantees, **more)


LINE = "reportees > /my/messages > self"
PAGE = say(200, ("Content-Type", "text/html"), body=b"<!DOCTYPE html><html><body>Hei</body></html>")
BROKEN = say(200, ("Content-Type", HAL_JSON), body=b'{"MessageId":')
OTHER_LABEL = say(200, ("Content-Type", HAL_XML), body=in_xml(message("a100001")))
NEW_SUBJECT = at_url(LETTER, put(Subject="Ny"))
GONE_AT_ONCE = at_url(LETTER, say(404))
CUT = f"{BOX}?$top=2"

DEFECTS = {
    "500 once": case(LINE, once("r1.3", say(500)), "unknown", asked=("again",)),
    "500 from then on": case(LINE, from_then("r1.3", at_url(LETTER, say(500))), "unknown", asked=("again",)),
    "404 once": case(LINE, once("r1.3", say(404)), "unknown", asked=("again", "parent")),
    "404 from then on, and offered still": case(
        LINE, from_then("r1.3", GONE_AT_ONCE), "unknown", "GET-3", asked=("again", "parent")
    ),
    "410 from then on, and offered still": case(LINE, from_then("r1.3", at_url(LETTER, say(410))), "unknown", "GET-3"),
    "400 once": case(LINE, once("r1.3", say(400)), "unknown"),
    "403 once": case(LINE, once("r1.3", say(403)), "unknown"),
    "406 for a spelling that worked": case(
        "reportees > [hal+xml as weights] . > [hal+xml as weights] .", once("r1.3", say(406)), "unknown"
    ),
    "404 of a search that worked": case(
        f"{BOX} > find(messageId=a100001) > @1 find(messageId=a100002)", once("r1.3", say(404)), "unknown"
    ),
    "a search for nobody crashes": case(f"{BOX} > find(messageId=nobody)", once("r1.2", say(500)), "unknown"),
    "a stranger makes it crash": case("reportees > . +login=none", once("r1.2", say(500)), "unknown"),
    "a page for people once": case(LINE, once("r1.3", PAGE), "unknown"),
    "a body broken off once": case(LINE, once("r1.3", BROKEN), "unknown"),
    "another label for the same Accept": case(LINE, once("r1.3", OTHER_LABEL), "unknown", "ACCEPT-1"),
    "500 for a part of a list": case(f"{CUT} > /{BOX} > .?$top=1", once("r1.3", say(500)), "unknown", "LIST-2"),
    "400 for a search that worked": case(
        f"{BOX}?$filter=MessageId eq 'a100001' > .?$filter=MessageId eq 'a100002'".replace(" eq ", "%20eq%20"),
        once("r1.2", say(400)),
        "unknown",
        "LIST-3",
    ),
    "another resource": case(
        LINE, once("r1.3", edited(lambda _: message("a100002"))), "changed", "GET-3", asked=("again",)
    ),
    "other values": case(LINE, once("r1.3", put(ServiceCode="0043")), "changed", "GET-3"),
    "a value gone": case(LINE, once("r1.3", edited(lambda one: one.pop("ServiceCode") and None)), "changed", "GET-3"),
    "texts of another language": case(
        "metadata > self", once("r1.2", put(ServiceName="Service 0042")), "changed", "GET-3"
    ),
    "texts of another language than was asked for": case(
        "metadata > self?language=1033 > .", once("r1.3", put(ServiceName="Service 0042")), "changed", "MODEL-4"
    ),
    "an element lost": case(BOX, once("r1.1", embedded("messages", lambda all_: all_[:-1])), "changed", "REACH-5"),
    "an element twice": case(
        BOX, once("r1.1", embedded("messages", lambda all_: [*all_, all_[0]])), "changed", "REACH-5"
    ),
    "an empty list": case(BOX, once("r1.1", embedded("messages", lambda all_: [])), "changed", "REACH-5"),
    "a list after a part of it is cut": case(
        f"{CUT} > /{BOX}", once("r1.2", embedded("messages", lambda all_: all_[:2])), "changed", "LIST-2"
    ),
    "an element lost on a page": case(
        f"{BOX} > next", once("r1.2", embedded("messages", lambda all_: all_[1:])), "changed", "REACH-4", start=paged
    ),
    "links lost": case(LINE, once("r1.3", without_link("metadata")), "changed", "GET-3"),
    "a part of a list that is longer": case(
        CUT, once("r1.1", embedded("messages", lambda all_: [*all_, message("a100003")])), "list", "LIST-2",
        asked=("base", "again"),
    ),
    "a part of a list that begins elsewhere": case(
        f"{BOX}?$skip=1", once("r1.1", embedded("messages", lambda all_: all_[1:])), "list", "LIST-2"
    ),
    "an option that stays": case(
        f"{CUT} > /{BOX}?$skip=1", once("r1.2", embedded("messages", lambda all_: all_[:2])), "list", "LIST-2"
    ),
    "a search that finds others": case(
        f"{BOX}?$filter=MessageId%20eq%20'a100001'",
        once("r1.1", embedded("messages", lambda all_: [*all_, message("a100002")])),
        "list",
        "LIST-3",
    ),
    "a search that finds nothing": case(
        f"{BOX}?$filter=MessageId%20eq%20'a100001'",
        once("r1.1", embedded("messages", lambda all_: [])),
        "list",
        "LIST-3",
    ),
    "another order": case(
        f"{BOX}?$orderby=LastChangedDateTime%20asc",
        once("r1.1", embedded("messages", lambda all_: all_[::-1])),
        "list",
        "LIST-3",
        start=dated,
    ),
    "another subject for a while": case(
        LINE,
        for_a_while("r1.3", NEW_SUBJECT),
        "changed",
        "GET-3",
        asked=("again", *("meanwhile",) * A_WHILE, "later"),
    ),
    "the strong tag of another format": case(
        "reportees > [hal+xml] .", once("r1.2", tag_of_json), "validator", "ACCEPT-7", asked=("again",)
    ),
    "304 for the tag of another format": case(
        "reportees > [hal+xml] . +tag=1", once("r1.2", say(304)), "tag", "HTTP-4", asked=("untagged",)
    ),
    "304 for the tag of another language": case(
        "metadata > .?language=1033 +tag=1", once("r1.2", say(304)), "tag", "HTTP-4", start=in_languages
    ),
    "leave for the origin before": case(
        f"reportees +origin={A} > . +origin={A}", once("r1.2", other_origin), "origin", "CORS-2", asked=("again",)
    ),
    "leave for a stranger": case(
        f"reportees +origin={B} > . +origin={B}", once("r1.2", stranger_allowed), "origin", "CORS-3"
    ),
    "leave for a stranger from then on": case(
        f"reportees +origin={B} > . +origin={B}", from_then("r1.2", stranger_allowed), "origin", "CORS-3"
    ),
    "other values in one format": Case(
        ("reportees > [hal+xml] /my/messages", "reportees > /my/messages"),
        once("r2.2", embedded("messages", lambda all_: [all_[0] | {"ServiceCode": "1"}, *all_[1:]])),
        "changed",
        ("FORMAT-4",),
    ),
    "fewer elements in one format": Case(
        ("reportees > [hal+xml] /my/messages", "reportees > /my/messages"),
        once("r2.2", embedded("messages", lambda all_: all_[1:])),
        "changed",
        ("FORMAT-5",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DEFECTS)
def test_a_defect_surprises_and_says_whose_promise_it_breaks(what: str) -> None:
    row = DEFECTS[what]
    explorer = row.walk()
    assert [(kind, guarantees) for kind, guarantees, _ in surprises(explorer)] == [(row.kind, row.guarantees)]
    if row.asked is not None:
        assert tuple(confirmed(explorer)) == row.asked


# -- what tells nothing -----------------------------------------------------------------------------------------------


def restless() -> Change:
    numbers = count()
    return lambda probe, said: (
        put(Subject=f"Nummer {next(numbers)}")(probe, said) if probe.walk and probe.url.startswith(at(LETTER)) else said
    )


def fresh_addresses() -> Change:
    """Links lead to addresses of their time, and only the newest works; the list says new ones at each reading."""
    numbers = count(1)
    newest: list[int] = [0]

    def change(probe: Probe, said: Said) -> Said:
        if probe.walk and probe.url.partition("?")[0] == at(BOX):
            newest[0] = next(numbers)

            def edit(document: Document) -> None:
                for one in document["_embedded"]["messages"]:
                    one["_links"]["self"]["href"] += f"?t={newest[0]}"

            return edited(edit)(probe, said)
        if probe.walk and probe.url.startswith(at(LETTER)):
            current = urls.parameter(probe.url, "t") == str(newest[0])
            return said if current else Response(404)
        return said

    return change


def fresh_links(probe: Probe, said: Said) -> Said:
    """Every link of every answer of a walk has an address of its own, and all of them work."""
    if not probe.walk or not isinstance(said, Response) or said.first("Content-Type") != HAL_JSON or not said.body:
        return said
    stamp = f"{probe.walk}{probe.question}".replace(".", "")
    document = json.loads(said.body)
    for one in document.get("_embedded", {}).get("messages", []):
        one["_links"]["self"]["href"] += f"?t={stamp}"
    return replace(said, body=json.dumps(document).encode())


def shuffled(document: Document) -> Document:
    """The same members and elements in another order."""
    found = {key: document[key] for key in reversed(document)}
    for name, all_ in found.get("_embedded", {}).items():
        found["_embedded"][name] = [shuffled(one) for one in all_]
    return found


def offered_no_more(probe: Probe, said: Said) -> Said:
    if probe.url.partition("?")[0] == at(LETTER):
        return Response(404)
    if probe.url.partition("?")[0] == at(BOX):
        return embedded("messages", lambda all_: all_[1:])(probe, said)
    return said


def no_answer(probe: Probe, said: Said) -> Said:
    return Failure(Stage.RECEIVE, "the connection was closed")


def spelling_fails(probe: Probe, said: Said) -> Said:
    return Response(406) if probe.header("Accept") not in (HAL_JSON, HAL_XML, "*/*") else said


def spelling_is_not_understood(probe: Probe, said: Said) -> Said:
    accept = probe.header("Accept")
    if not probe.walk or accept in (HAL_JSON, HAL_XML, "*/*"):
        return said
    return kept().answer(replace(probe, headers=(("Accept", HAL_XML),)))


def options_fail(probe: Probe, said: Said) -> Said:
    return Response(400) if "$" in probe.url else said


def searches_fail(probe: Probe, said: Said) -> Said:
    return Response(404) if probe.rel == "find" else said


def moves(step: str) -> Change:
    """From then on the box has a message more, whatever part of it is asked."""

    def change(probe: Probe, said: Said) -> Said:
        if probe.walk and place(probe.walk) >= place(step) and probe.url.partition("?")[0] == at(BOX):
            box = copy.deepcopy(kept().lists[BOX])
            box.elements.insert(0, message("a199999"))
            page = box.page(BOX, probe.url)
            return polished(probe, Response(200, (("Content-Type", HAL_JSON),), json.dumps(page).encode()))
        return said

    return change


def old(probe: Probe, said: Said) -> Said:
    return with_headers(put(Subject="Gammelt")(probe, said), ("Age", "60"))


HARMLESS = {
    "nothing at all": case(
        f"reportees > messages#2 > self > [hal+xml as weights] . > /{CUT} > /{BOX} > find(messageId=a100002) > "
        f". +origin={A} > . +tag=7 > . +login=none > /metadata?language=1033 > [hal+xml] self > .",
        lambda probe, said: said,
        asked=("untagged",),
    ),
    "content that moved and stays moved": case(
        LINE, from_then("r1.3", NEW_SUBJECT), asked=("again", *("meanwhile",) * A_WHILE, "later")
    ),
    "one strong tag for both formats each time": case("reportees > [hal+xml] .", same_tag, asked=("again",)),
    "content that changes at each reading": case(f"{LINE} > . > .", restless(), asked=("again",) * 3),
    "a 404 of what is offered no more": case(
        LINE, from_then("r1.3", offered_no_more), asked=("again", "parent"), excused="not offered any more"
    ),
    "a 410 of what is offered no more": case(
        LINE,
        from_then("r1.3", lambda probe, said: (
            Response(410) if (found := offered_no_more(probe, said)) == Response(404) else found
        )),
        excused="not offered any more",
    ),
    "an address of its time": case(
        f"{BOX} > . > @1 self", fresh_addresses(), asked=("again", "parent", "fresh")
    ),
    "503": case(LINE, once("r1.3", say(503)), asked=(), excused="no answer"),
    "429": case(LINE, once("r1.3", say(429)), asked=(), excused="no answer"),
    "no answer": case(LINE, once("r1.3", no_answer), asked=(), excused="no answer"),
    "an old answer that says so": case(LINE, once("r1.3", old)),
    "an old answer with a warning": case(
        LINE, once("r1.3", lambda probe, said: with_headers(put(Subject="Gammelt")(probe, said), ("Warning", "110 -")))
    ),
    "another order of members": case(f"{LINE} > /{BOX}", from_then("r1.2", lambda probe, said: (
        edited(shuffled)(probe, said) if isinstance(said, Response) and said.first("Content-Type") == HAL_JSON else said
    ))),
    "new addresses in each answer": case(f"{BOX} > self > /{BOX} > self > @3 self#2", fresh_links),
    "200 with a new tag": case(
        "reportees > . +tag=1",
        once("r1.2", lambda probe, said: with_headers(kept().answer(replace(probe)), ("ETag", '"new"'))),
    ),
    "304 for what is the same": case("reportees > . +tag=1", lambda probe, said: said),
    "304 with a tag that both formats share": case(
        "reportees > [hal+xml] . +tag=1",
        lambda probe, said: (
            Response(304) if probe.header("If-None-Match") else with_headers(
                replace(said, headers=tuple(p for p in said.headers if p[0] != "ETag")), ("ETag", '"one"')
            ) if isinstance(said, Response) and said.status == 200 else said
        ),
    ),
    "a spelling that never worked": case(
        "reportees > [hal+xml as weights] . > [hal+json as blanks] messages", spelling_fails
    ),
    "a spelling that gets another format": case(
        "reportees > [hal+json as weights] . > [hal+json as weights] .", spelling_is_not_understood
    ),
    "options that never worked": case(
        f"{BOX} > .?$top=2 > .?$skip=1 > .?$filter=MessageId%20eq%20'a100001'", options_fail
    ),
    "searches that never worked": case(f"{BOX} > find(messageId=a100001)", searches_fail),
    "a search for nobody": case(f"{BOX} > find(messageId=nobody)", lambda probe, said: said),
    "a stranger who is refused": case(
        "reportees > . +login=none > . +login=no-login",
        lambda probe, said: Response(401) if probe.login.value != "given" else said,
    ),
    "a list that has moved": case(f"{CUT} > /{BOX}?$skip=1", moves("r1.2")),
    "a list that is cut wrongly every time": case(
        f"{CUT} > .",
        lambda probe, said: embedded("messages", lambda all_: all_[:1])(probe, said) if "$top" in probe.url else said,
    ),
    "an origin that is never welcome": case(f"reportees +origin={B} > . +origin={B}", lambda probe, said: said),
    "an origin that is turned away": case(
        f"reportees > . +origin={B}",
        lambda probe, said: Response(403) if probe.header("Origin") == B else said,
    ),
    "a search that finds what is not listed": case(
        f"{BOX}?$filter=MessageId%20eq%20'a777777'", once("r1.1", embedded("messages", lambda _: [message("a777777")]))
    ),
    "a filter that nobody knows how to check": case(
        f"{BOX}?$filter=startswith(MessageId,'a')".replace("(", "%28").replace(")", "%29"),
        once("r1.1", embedded("messages", lambda _: [message("b1")])),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_of_what_is_harmless_nothing_is_told(what: str) -> None:
    row = HARMLESS[what]
    explorer = row.walk()
    assert len(came(explorer)) == len(row.walks[0].split(" > ")), "the walk was walked to its end"
    assert surprises(explorer) == []
    if row.asked is not None:
        assert tuple(confirmed(explorer)) == row.asked
    assert [row.excused in each for each in excuses(explorer)] == [True] * bool(row.excused)


# -- knowledge --------------------------------------------------------------------------------------------------------


def test_what_surprised_is_not_learnt() -> None:
    """The wrong answer is not what should come next time."""
    explorer = case(f"{LINE} > .", once("r1.3", put(ServiceCode="0043"))).walk()
    assert surprises(explorer) == [("changed", ("GET-3",), "r1.3")]
    knowledge = Knowledge(explorer.observed)
    knowledge.catch_up()
    before = knowledge.before(came(explorer)[-1])
    assert before is not None and b"0043" not in (before.response.body if before.response else b"")


def test_only_what_came_before_is_known() -> None:
    observed = case(LINE, lambda probe, said: said).walk().observed
    knowledge = Knowledge(observed)
    knowledge.catch_up(before=1)
    step = observed.asked("walk.read")[0]
    assert knowledge.before(step) is None
    knowledge.catch_up()
    assert knowledge.before(step) is not None


def test_a_surprise_shows_what_was_asked_to_make_sure() -> None:
    explorer = case(LINE, from_then("r1.3", GONE_AT_ONCE)).walk()
    (end,) = [one for one in ended(explorer) if one.surprise is not None]
    assert end.surprise is not None
    assert {one.probe.question for one in end.surprise.shown} == {CONFIRM}
    assert len(end.steps) == 3 and end.confirmed == end.surprise.shown


def test_what_is_asked_to_make_sure_is_the_same_question() -> None:
    explorer = case("reportees > [hal+xml as weights] messages#2?language=1033", once("r1.2", say(500))).walk()
    (again,) = explorer.observed.asked(CONFIRM)
    asked = came(explorer)[-1]
    assert (again.probe.url, again.probe.headers) == (asked.probe.url, asked.probe.headers)
    assert again.probe.walk == asked.probe.walk
    assert step_of(again) == step_of(asked) and wanted(again) == wanted(asked) == HAL_XML


def test_what_is_never_asked_is_not_asked_to_make_sure_either() -> None:
    for row in (*DEFECTS.values(), *HARMLESS.values()):
        explorer = row.walk()
        assert all(
            one.probe.question != CONFIRM or explorer.observed.in_api(one.probe.url) for one in explorer.exchanges
        )


def test_what_the_crawl_got_just_so_is_known_to_it() -> None:
    explorer = case(LINE, at_url(LETTER, say(500))).walk()
    (end,) = [one for one in ended(explorer) if one.surprise is not None]
    assert end.surprise is not None
    assert known_to_the_crawl(explorer.observed, end.reading, end.surprise.because)
    fresh = case(LINE, once("r1.3", say(500))).walk()
    (end,) = [one for one in ended(fresh) if one.surprise is not None]
    assert end.surprise is not None
    assert not known_to_the_crawl(fresh.observed, end.reading, end.surprise.because)


def test_what_was_lost_on_the_way_to_be_made_sure_of_is_no_surprise() -> None:
    """The budget may end before it was asked again: then nothing is told but what nobody knows."""
    explorer = case(LINE, once("r1.3", put(ServiceCode="0043"))).walk()
    knowledge = Knowledge(explorer.observed)
    knowledge.catch_up()
    found = knowledge.surprise(came(explorer)[-1], ())
    assert found is not None and found.excused == "it was not asked again"


def test_a_number_that_is_none_is_refused_and_no_surprise() -> None:
    def refuses(probe: Probe) -> Said:
        return Response(400) if "abc" in probe.url else kept().answer(probe)

    explorer = strolled(refuses, f"{CUT} > /{BOX} > .?$skip=1 > /{BOX} > .?$skip=abc")
    assert [one.status for one in came(explorer)][-1] == 400
    assert surprises(explorer) == []
