"""What the evidence so far says that should come, and what comes instead.

In: the readings of a run, in order. Out: for each step of a walk nothing, or a surprise: an answer that the contract
does not know, or another one than the same question got before and gets again. What is wrong every time is no surprise
here (but for answers that nobody knows): the rules for single questions tell it. What has moved is none either, so a
suspicion is made sure of by asking once more, and the target is believed when it says that it tells something old.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeAlias

from samsvar.logic import lexical, urls
from samsvar.logic.asking import ask_place
from samsvar.logic.asking.reaching import lost
from samsvar.logic.findings import answered
from samsvar.logic.following import has_effect
from samsvar.logic.identity import elements, is_known, key_of
from samsvar.logic.judging.cross_origin import allows
from samsvar.logic.judging.models import beyond_texts
from samsvar.logic.observing import PAGE, READ, Observed
from samsvar.logic.reading import Reading
from samsvar.logic.walking.steps import Step, read_step
from samsvar.logic.walking.walks import (
    CONFIRM,
    NARROWED,
    PLAIN,
    STEPS,
    STRANGE,
    TAGGED,
    TRIED,
    filter_property,
    language_of,
    options_of,
    order_properties,
)
from samsvar.model.contract import RelationKind, ValueKind
from samsvar.model.exchange import Login, Place, Probe

Questions: TypeAlias = Generator[Probe, Reading, None]

BUSY = (429, 503)
GONE = (404, 410)
NOT_IMPLEMENTED = 501
"""A refusal of what is asked for, not a fault in answering it (RFC 9110, 15.6.2)."""
AGAIN, PARENT, FRESH, BASE, UNTAGGED, LOST = "again", "parent", "fresh", "base", "untagged", "lost"
MEANWHILE, LATER = "meanwhile", "later"
A_WHILE = 6
"""Other places that are asked for before it is seen whether a change is one or passes."""
MOST_TOLD = 4
"""Differences that a surprise quotes."""

BROKEN_BODY, OTHER_TYPE, PAGE_FOR_PEOPLE = (
    "a body that cannot be read",
    "another media type than was asked for",
    "a page for people",
)


WRITTEN = (BROKEN_BODY, OTHER_TYPE, "an answer 406")
"""How a resource is written: a matter for FORMAT, where the crawl got the same."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """An answer of a walk that should not have come. kind: a row of CHECKS. because: what came, as the end of "the walk
    ends in ...". guarantees: whose promise it breaks besides REACH-6. shown: the readings that show it beside the
    walk itself. excused: why it tells nothing after all; "" when it does. lasts: the same question got it again."""

    kind: str
    because: str
    guarantees: tuple[str, ...] = ()
    expected: str = "an answer that the contract knows"
    shown: tuple[Reading, ...] = ()
    excused: str = ""
    lasts: bool = False


def wanted(reading: Reading) -> str:
    """The media type that a step asks for, however it spells it; "" where it asks for a document."""
    return step_of(reading).format if reading.probe.walk and _step_text(reading) else reading.asked


def step_of(reading: Reading) -> Step:
    """The step that a reading of a walk answers, or makes sure of."""
    return read_step(_step_text(reading))


def walk_of(reading: Reading) -> str:
    """The walk that a reading is of, by its number."""
    return reading.probe.walk.partition(".")[0]


def _step_text(reading: Reading) -> str:
    about = reading.probe.about
    return about.partition(" ")[2] if reading.probe.question == CONFIRM else about


def _asking(reading: Reading, why: str) -> Probe:
    """The same question as before, to make sure of something."""
    step = _step_text(reading) if reading.probe.walk else ""
    return replace(reading.probe, about=f"{why} {step}".strip())


@dataclass(slots=True)
class Knowledge:
    """What is known before a step: the last good reading of each place by media type and language, where URLs led, and
    which ways of asking work here."""

    observed: Observed
    _known: dict[tuple[Place, str, str, str], Reading] = field(default_factory=dict)
    _where: dict[str, Place] = field(default_factory=dict)
    _works: set[tuple[str, ...]] = field(default_factory=set)
    _tagged: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _learnt: int = 0

    def catch_up(self, before: int | None = None) -> None:
        """Learn from what was asked outside walks, up to the exchange of that number."""
        readings = self.observed.readings
        while self._learnt < len(readings) and (before is None or readings[self._learnt].number < before):
            reading = readings[self._learnt]
            self._learnt += 1
            if not reading.probe.walk and self.observed.hop(reading) is None:
                self.learn(reading)

    def learn(self, reading: Reading) -> None:
        """Take in an answer that nothing speaks against."""
        if reading.probe.method != "GET" or reading.probe.login is not Login.GIVEN or not reading.ok:
            return
        self._works.update(_ways(self.observed, reading))
        if strong_tag(reading):
            self._tagged.setdefault((urls.canonical(reading.probe.url), strong_tag(reading)), reading)
        if reading.probe.question in (READ, PAGE, PLAIN, TAGGED, NARROWED) and reading.resource is not None:
            place = self.observed.place(reading)
            self._where.setdefault(urls.canonical(reading.probe.url), place)
            format_ = wanted(reading)
            if format_ and reading.label == format_:
                self._known[place, format_, language_of(reading), page_of(self.observed, reading)] = reading

    def works(self, *way: str) -> bool:
        """That way of asking has worked before."""
        return way in self._works

    def expected_place(self, reading: Reading) -> Place:
        """What should be there: what was there before, else what the answer says itself."""
        url = urls.canonical(reading.probe.url)
        return self._where.get(url) or self.observed.place_at(reading.probe.url) or self.observed.place(reading)

    def before(self, reading: Reading) -> Reading | None:
        """The same question, answered before."""
        page = page_of(self.observed, reading)
        return self._known.get((self.expected_place(reading), wanted(reading), language_of(reading), page))

    def tagged_alike(self, reading: Reading) -> Reading | None:
        """An earlier answer of the same address in another format with other content, that had the same strong tag."""
        tag = strong_tag(reading)
        one = self._tagged.get((urls.canonical(reading.probe.url), tag)) if tag else None
        if one is None or one.response is None or reading.response is None or wanted(one) == wanted(reading):
            return None
        return one if one.response.body != reading.response.body else None

    def others(self, reading: Reading) -> tuple[Reading, ...]:
        """A good reading of each other place, the first ones known first."""
        here, found = self.expected_place(reading), {}
        for (place, *_), one in self._known.items():
            if place != here and place not in found and one.probe.question in (READ, PLAIN):
                found[place] = one
        return tuple(found.values())

    def suspicion(self, reading: Reading) -> str:
        """The name of the first check that an answer does not pass, "" when it passes all."""
        return next((name for name, check in CHECKS.items() if check.suspects(self, reading)), "")

    def make_sure(self, reading: Reading) -> Generator[Probe, Reading, None]:
        """The conversation that makes sure of a suspicion; it asks nothing where there is none."""
        name = self.suspicion(reading)
        if name and reading.response is not None and reading.status not in BUSY:
            talk = CHECKS[name].questions(self, reading)
            probe = next(talk, None)
            while probe is not None:
                said = yield replace(probe, question=CONFIRM, walk=reading.probe.walk, hop=0)
                try:
                    probe = talk.send(said)
                except StopIteration:
                    return

    def surprise(self, reading: Reading, confirmed: Sequence[Reading]) -> Surprise | None:
        """What surprises in an answer, by what was asked to make sure of it."""
        name = self.suspicion(reading)
        if not name:
            return None
        if reading.response is None or reading.status in BUSY:
            return Surprise(name, "no answer", excused=f"no answer: {answered(reading)}")
        return CHECKS[name].judges(self, reading, {_why(one): one for one in confirmed})


def page_of(observed: Observed, reading: Reading) -> str:
    """The address of a further page of a list; "" where the reading is of its beginning, or of no list."""
    rel = observed.relation(observed.type_of(reading), reading.probe.rel)
    page = reading.probe.question == PAGE or (rel is not None and rel.kind is RelationKind.PAGE)
    return _without_language(reading.probe.url) if page or options_of(reading) else ""


def _without_language(url: str) -> str:
    return urls.canonical(urls.without_parameters(url, lambda name: name == "language"))


def _why(reading: Reading) -> str:
    return reading.probe.about.partition(" ")[0]


def _ways(observed: Observed, reading: Reading) -> Iterator[tuple[str, ...]]:
    """The ways of asking that an answer shows to work."""
    type_name = observed.type_of(reading)
    yield from (("option", type_name, name.lower()) for name in options_of(reading))
    if reading.probe.question in STEPS and reading.label == wanted(reading):
        yield "spelling", step_of(reading).spelling, reading.label
    origin = reading.probe.header("Origin")
    if origin and reading.response is not None:
        yield "allowed" if allows(reading.response, origin) else "denied", origin
    if is_search(observed, reading):
        yield "search", reading.probe.rel.lower()


def is_search(observed: Observed, reading: Reading) -> bool:
    """It was asked by a template that finds elements."""
    rel = reading.probe.rel.lower()
    return any(row.kind is RelationKind.SEARCH and row.rel.lower() == rel for row in observed.contract.relations)


# -- an answer that the contract does not know ------------------------------------------------------------------------


def unknown(knowledge: Knowledge, reading: Reading) -> str:
    """What makes an answer one that the contract does not know, "" if it does."""
    if reading.response is None:
        return "no answer"
    lenient = reading.probe.question in (TRIED, STRANGE)
    if reading.probe.question == TAGGED and reading.status == 304:
        return ""
    if not reading.ok:
        refused = lenient or _turns_away(knowledge, reading) or not _has_worked(knowledge, reading)
        fault = (reading.status or 0) >= 500 and reading.status != NOT_IMPLEMENTED
        return f"an answer {reading.status}" if fault or not refused else ""
    if reading.malformed is not None:
        return BROKEN_BODY
    format_ = wanted(reading)
    if lenient or format_ not in knowledge.observed.formats(reading.probe.type):
        return ""
    if reading.page_for_people:
        return PAGE_FOR_PEOPLE
    return OTHER_TYPE if reading.label != format_ and _spelling_works(knowledge, reading) else ""


def _turns_away(knowledge: Knowledge, reading: Reading) -> bool:
    """Script of an origin that is not registered is refused, not only kept from reading, as some frameworks do."""
    origin = reading.probe.header("Origin")
    return bool(origin) and origin not in knowledge.observed.means.origins and reading.status in (400, 401, 403)


def _has_worked(knowledge: Knowledge, reading: Reading) -> bool:
    """It may be expected to be answered: a link that is offered always, a search or an Accept that is spelt out if that
    has worked before."""
    if reading.probe.question == NARROWED:
        type_name = reading.probe.type
        known = all(knowledge.works("option", type_name, name.lower()) for name in options_of(reading))
        return known and _is_number_of_elements(_options(reading))
    if is_search(knowledge.observed, reading):
        return knowledge.works("search", reading.probe.rel.lower())
    return _spelling_works(knowledge, reading)


def _spelling_works(knowledge: Knowledge, reading: Reading) -> bool:
    if reading.probe.question not in STEPS or not reading.probe.about:
        return True
    spelling = step_of(reading).spelling
    return spelling == "plain" or knowledge.works("spelling", spelling, wanted(reading))


def _is_unknown(knowledge: Knowledge, reading: Reading) -> bool:
    return bool(unknown(knowledge, reading))


def _ask_again(knowledge: Knowledge, reading: Reading) -> Questions:
    yield _asking(reading, AGAIN)


def _of_unknown(knowledge: Knowledge, reading: Reading) -> Questions:
    """The same once more, and, for what is not there, whether it is offered still, and what is offered now."""
    yield _asking(reading, AGAIN)
    if reading.status not in GONE:
        return
    parent = _parent(knowledge, reading)
    if parent is None or has_effect(knowledge.observed, parent.probe.url):
        return
    offering = yield _asking(parent, PARENT)
    url = _offered_still(knowledge, reading, offering)
    if url and urls.canonical(url) != urls.canonical(reading.probe.url):
        yield replace(_asking(reading, FRESH), url=url)


def _parent(knowledge: Knowledge, reading: Reading) -> Reading | None:
    number = reading.probe.parent
    return knowledge.observed.reading(number) if number is not None else None


def _offered_still(knowledge: Knowledge, reading: Reading, offering: Reading) -> str:
    """The URL by which what a link led to is offered now: the same one, else that of the link which stands in its
    place; "" when there is none."""
    observed, parent = knowledge.observed, _parent(knowledge, reading)
    if parent is None:
        return ""
    rel, url = reading.probe.rel.lower(), urls.canonical(reading.probe.url)
    then = [one for one in observed.offers(parent) if one.link.rel.lower() == rel]
    now = [one for one in observed.offers(offering) if one.link.rel.lower() == rel]
    polite = [urls.canonical(observed.polite(one.url or "", reading.probe.type)) for one in now]
    if url in polite:
        return reading.probe.url
    index = next(
        (i for i, one in enumerate(then) if urls.canonical(observed.polite(one.url or "", reading.probe.type)) == url),
        None,
    )
    if index is None:
        return ""
    same = [one for one in now if is_known(one.place) and one.place == then[index].place]
    chosen = same or (now[index : index + 1] if len(now) == len(then) else [])
    return observed.polite(chosen[0].url or "", reading.probe.type) if chosen else ""


def _unknown_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    because = unknown(knowledge, reading)
    again, offering, fresh = (confirmed.get(name) for name in (AGAIN, PARENT, FRESH))
    shown = tuple(one for one in (again, offering, fresh) if one is not None)
    if reading.status in GONE and again is not None and not again.ok and offering is not None:
        if not _offered_still(knowledge, reading, offering):
            return Surprise("unknown", because, shown=shown, excused="what the link led to is not offered any more")
        if fresh is not None and fresh.ok:
            return None  # the address was of its time; the way by relations is what is promised
    guarantees: tuple[str, ...] = ()
    if because == OTHER_TYPE and knowledge.before(reading) is not None:
        guarantees = ("ACCEPT-1",)  # the same Accept got its format: something else decided now
    if reading.probe.question == NARROWED:
        guarantees = _options_guarantee(knowledge, reading)
    elif reading.status in GONE and again is not None and not again.ok and knowledge.before(reading) is not None:
        guarantees = ("GET-3",)  # it was there, is offered still, and nothing was done but reading
    return Surprise("unknown", because, guarantees, shown=shown)


def _options_guarantee(knowledge: Knowledge, reading: Reading) -> tuple[str, ...]:
    """Whose promise a list with options keeps: that of browsing, where it is how the list was browsed."""
    options, before = _options(reading), knowledge.before(reading)
    first = _keys(knowledge, _base_of(knowledge, reading))
    if (before is not None and before.probe.question == PAGE) or options == {"$skip": str(len(first or ()))}:
        return ("REACH-4",)
    return ("LIST-3",) if options.keys() & {"$filter", "$orderby"} else ("LIST-2",)


# -- another answer than before ---------------------------------------------------------------------------------------


def _differs(knowledge: Knowledge, one: Reading, other: Reading) -> str:
    """In what two answers to one question differ, in a few words; "" when they mean the same."""
    if one.response is not None and other.response is not None and one.response.body == other.response.body:
        return ""
    if one.resource is None or other.resource is None:
        return "" if one.resource is other.resource else "one of them is no resource"
    type_name = knowledge.observed.type_of(one)
    where = list(knowledge.observed.meant_differently(type_name, one.resource, other.resource))
    return _few(where) if where else _other_links(knowledge.observed, one, other)


def _other_links(observed: Observed, one: Reading, other: Reading) -> str:
    """Relations that one of them offers and the other does not, by the place that offers them. A page that is found by
    another one of the same length is not told of: where a list is cut, its links to pages come and go."""
    left, right = (
        Counter(
            (str(offer.place), offer.link.rel.lower())
            for offer in observed.offers(reading)
            if offer.relation is not None and offer.relation.kind is not RelationKind.PAGE
        )
        for reading in (one, other)
    )
    return _few(f"{place} / {rel}" for place, rel in sorted(((left - right) + (right - left)).keys()))


def _few(where: Iterable[str]) -> str:
    found = list(dict.fromkeys(one or "the resource" for one in where))
    more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return ", ".join(found[:MOST_TOLD]) + more


def _is_changed(knowledge: Knowledge, reading: Reading) -> bool:
    if reading.probe.question not in (PLAIN, TAGGED, NARROWED) or reading.resource is None:
        return False
    before = knowledge.before(reading)
    return before is not None and bool(_differs(knowledge, before, reading))


TOLD_OLD = ("Age", "Warning")
"""Fields by which an answer says that it comes from a cache and may be old (RFC 9111, 5.1 and 5.5)."""


def _changed_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    """What was so before, is not so now, and is so again at once or later. What has changed and stays so may well have
    changed: that is judged where places are read again, but for what a list does not hold any more although it is
    there."""
    before, again = knowledge.before(reading), confirmed.get(AGAIN)
    if before is None:
        return None
    if again is None or again.resource is None:
        return Surprise("changed", "another answer than before", excused="it was not asked again")
    if any(one.response is not None and one.response.first(name) for one in (reading, again) for name in TOLD_OLD):
        return None
    if not _differs(knowledge, reading, again):
        again = confirmed.get(LATER, again)
    if not _differs(knowledge, reading, again):
        return _lost_surprise(knowledge, reading, confirmed)
    if _differs(knowledge, before, again):
        return None  # it does not hold still
    where = _differs(knowledge, before, reading)
    there, expected = knowledge.observed.place(reading), knowledge.expected_place(reading)
    if there != expected and is_known(there):
        because = f"{there} where {expected} is"
    else:
        because = f"an answer that differs from the same one before and after ({where})"
    return Surprise(
        "changed",
        because,
        _changed_guarantees(knowledge, before, reading),
        expected=f"what {expected} was before and is again",
        shown=(again, before),
    )


def _of_changed(knowledge: Knowledge, reading: Reading) -> Questions:
    """The same once more; if it is still so, what a list has lost at its own address, and after a while the same
    again."""
    again = yield _asking(reading, AGAIN)
    if again.resource is None or _differs(knowledge, reading, again):
        return
    for place in _gone(knowledge, reading)[:1]:
        visit = knowledge.observed.visits.get(place)
        if visit is not None:
            outer = knowledge.observed.outer(visit)
            yield ask_place(visit, CONFIRM, LOST, accept=outer)
    for other in knowledge.others(reading)[:A_WHILE]:
        yield replace(other.probe, about=f"{MEANWHILE} {_step_text(reading)}")
    yield _asking(reading, LATER)


def _gone(knowledge: Knowledge, reading: Reading) -> tuple[Place, ...]:
    """What the first page of a list held at the first visit, and does not hold now and when it is asked again."""
    visit = knowledge.observed.visits.get(knowledge.expected_place(reading))
    plain = reading.probe.question == PLAIN and not page_of(knowledge.observed, reading)
    if visit is None or not plain:
        return ()
    return lost(knowledge.observed, visit, reading)


def _lost_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    """What a list does not hold any more although it is there."""
    there = confirmed.get(LOST)
    if there is None or there.resource is None:
        return None
    because = f"a list without {knowledge.observed.place(there)}, which it held and which is still there"
    return Surprise("changed", because, ("REACH-5",), expected="what the list held before", shown=(there,), lasts=True)


def _changed_guarantees(knowledge: Knowledge, before: Reading, reading: Reading) -> tuple[str, ...]:
    """Whose promise besides REACH-6: texts in another language than was asked for are the language's (MODEL-4),
    elements that are missing or come twice that of browsing (REACH-4), of $top and $skip where they were used before
    (LIST-2), or of the second visit (REACH-5); all else that of GET (GET-3)."""
    row = knowledge.observed.type(knowledge.observed.type_of(before))
    then, now = _keys(knowledge, before), _keys(knowledge, reading)
    if then is None or now is None or Counter(then) == Counter(now):
        texts = (
            row is not None
            and row.localised
            and _language_before(knowledge, reading)
            and not any(beyond_texts(knowledge.observed, before, reading))
        )
        return ("MODEL-4",) if texts else ("GET-3",)
    if reading.probe.question == NARROWED:
        return _options_guarantee(knowledge, reading)
    if page_of(knowledge.observed, reading):
        return ("REACH-4",)
    return ("LIST-2",) if _options_before(knowledge, reading) else ("REACH-5",)


def _language_before(knowledge: Knowledge, reading: Reading) -> bool:
    """The walk has asked in a language before."""
    return any(language_of(one) for one in _steps_before(knowledge, reading))


def _options_before(knowledge: Knowledge, reading: Reading) -> bool:
    """The walk has cut a list before."""
    return any(one.probe.question == NARROWED for one in _steps_before(knowledge, reading))


def _steps_before(knowledge: Knowledge, reading: Reading) -> Iterator[Reading]:
    """The steps of its walk that came before."""
    for one in knowledge.observed.asked(*STEPS):
        if one.number < reading.number and walk_of(one) == walk_of(reading):
            yield one


# -- lists: cut, searched, sorted -------------------------------------------------------------------------------------


def _keys(knowledge: Knowledge, reading: Reading | None) -> tuple[str, ...] | None:
    """The keys of a list's elements in order; None where they do not all have one."""
    if reading is None or reading.resource is None:
        return None
    observed = knowledge.observed
    row = observed.type(observed.type_of(reading))
    element = observed.type(row.element) if row is not None else None
    if row is None or element is None or not element.key:
        return None
    found = [key_of(element, one) for one in elements(observed.contract, row.name, reading.resource)]
    return tuple(one for one in found if one) if all(found) else None


def _options(reading: Reading) -> dict[str, str]:
    return {name.lower(): value for name, value in urls.pairs(urls.query(reading.probe.url)) if name.startswith("$")}


def _is_number_of_elements(options: Mapping[str, str]) -> bool:
    """$skip and $top say how many. In a walk that somebody wrote they may say anything."""
    said = (options[name] for name in ("$skip", "$top") if name in options)
    return all(text.isascii() and text.isdigit() for text in said)


def _wrong_list(knowledge: Knowledge, reading: Reading, base: Reading | None) -> str:
    """What is wrong with a list that was cut, searched or sorted, by the list as it is without; "" if nothing is."""
    found = _keys(knowledge, reading)
    whole = _keys(knowledge, base)
    if found is None or whole is None:
        return ""
    options = _options(reading)
    if "$orderby" in options:
        return _wrong_order(knowledge, reading, options["$orderby"])
    if "$filter" in options:
        return _wrong_selection(knowledge, reading, options["$filter"], whole)
    if not _is_number_of_elements(options):
        return ""
    skip, top = int(options.get("$skip", "0")), int(options.get("$top", str(len(whole) + len(found))))
    due = whole[skip : skip + top]
    if found[: len(due)] != due[: len(found)] or len(found) < len(due) or len(found) > top:
        return f"{_few(found) or 'nothing'} where the list has {_few(due) or 'nothing'}"
    return ""


def _wrong_selection(knowledge: Knowledge, reading: Reading, condition: str, whole: tuple[str, ...]) -> str:
    name, _, value = condition.partition(" eq ")
    row = knowledge.observed.type(knowledge.observed.type_of(reading))
    if row is None or name != filter_property(knowledge.observed, row):
        return ""
    key = value.strip().strip("'").replace("''", "'")
    found = _keys(knowledge, reading) or ()
    others = [one for one in found if one != key]
    if others:
        return f"{_few(others)}, which do not fit"
    return f"nothing, although the list has {key}" if key in whole and not found else ""


def _wrong_order(knowledge: Knowledge, reading: Reading, order: str) -> str:
    observed = knowledge.observed
    row = observed.type(observed.type_of(reading))
    name, _, way = order.partition(" ")
    if row is None or name not in order_properties(observed, row) or reading.resource is None:
        return ""
    texts = [one.text(name) for one in elements(observed.contract, row.name, reading.resource)]
    values = [lexical.read(text, ValueKind.INSTANT) if text else None for text in texts]
    moments = [one for one in values if isinstance(one, lexical.Instant)]
    if len(moments) != len(values):
        return ""
    wrong = [(a, b) for a, b in pairwise(moments) if (a > b if way == "asc" else a < b)]
    return f"elements that are not in the order of {order}" if wrong else ""


def _base_of(knowledge: Knowledge, reading: Reading) -> Reading | None:
    return knowledge.before(without_options(reading))


def without_options(reading: Reading) -> Reading:
    """The reading as if the list had been asked for without options."""
    exchange = reading.exchange
    url = urls.without_parameters(reading.probe.url, lambda name: name.startswith("$"))
    return Reading(replace(exchange, probe=replace(exchange.probe, url=url)))


def _is_wrong_list(knowledge: Knowledge, reading: Reading) -> bool:
    return reading.probe.question == NARROWED and bool(_wrong_list(knowledge, reading, _base_of(knowledge, reading)))


def _of_list(knowledge: Knowledge, reading: Reading) -> Questions:
    yield _asking(without_options(reading), BASE)
    yield _asking(reading, AGAIN)


def _list_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    base, again = confirmed.get(BASE), confirmed.get(AGAIN)
    wrong = _wrong_list(knowledge, reading, base)
    before = _base_of(knowledge, reading)
    moved = _keys(knowledge, before) != _keys(knowledge, base)
    if not wrong or again is None or base is None or moved:
        return None  # the list has moved
    if _wrong_list(knowledge, again, base):
        return None  # so it is every time: the rules for lists tell it
    because = f"another part of the list than was asked for ({wrong})"
    return Surprise(
        "list",
        because,
        _options_guarantee(knowledge, reading),
        expected="what the same question gets",
        shown=(base, again),
    )


# -- tags, origins ----------------------------------------------------------------------------------------------------


def _is_unmodified(knowledge: Knowledge, reading: Reading) -> bool:
    return reading.probe.question == TAGGED and reading.status == 304


def _untagged(knowledge: Knowledge, reading: Reading) -> Questions:
    headers = tuple((name, value) for name, value in reading.probe.headers if name != "If-None-Match")
    yield replace(_asking(reading, UNTAGGED), headers=headers)


def _tag_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    now, sent = confirmed.get(UNTAGGED), reading.probe.header("If-None-Match")
    source = _tag_source(knowledge, reading)
    if now is None or now.response is None or not now.ok or sent is None or source is None or source.response is None:
        return None
    if now.response.body == source.response.body and now.label == source.label:
        return None
    tag = now.response.first("ETag")
    if tag is None or tag.removeprefix("W/") == sent.removeprefix("W/"):
        return None  # the tag itself is shared by what differs, which the rules for validators tell
    if wanted(now) == wanted(source) and language_of(now) == language_of(source):
        return None  # it may have changed in between
    because = "304 for the tag of another representation"
    return Surprise("tag", because, ("HTTP-4",), expected=f"200 with the tag {tag}", shown=(now, source))


def _tag_source(knowledge: Knowledge, reading: Reading) -> Reading | None:
    """The step whose tag was sent."""
    wanted_mark = f"{walk_of(reading)}.{step_of(reading).tag}"
    return next((one for one in _steps_before(knowledge, reading) if one.probe.walk == wanted_mark), None)


def strong_tag(reading: Reading) -> str:
    """The strong ETag of a good answer; "" where it has none."""
    tag = reading.response.first("ETag") if reading.ok and reading.response is not None else None
    return tag if tag is not None and not tag.startswith("W/") else ""


def _has_anothers_tag(knowledge: Knowledge, reading: Reading) -> bool:
    return knowledge.tagged_alike(reading) is not None


def _validator_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    other, again = knowledge.tagged_alike(reading), confirmed.get(AGAIN)
    if other is None or again is None or not strong_tag(again) or strong_tag(again) == strong_tag(reading):
        return None  # it is so each time: the rule for validators tells
    because = f"the ETag of its representation as {wanted(other)}"
    return Surprise("validator", because, ("ACCEPT-7",), expected=strong_tag(again), shown=(again, other))


def _is_shared_wrongly(knowledge: Knowledge, reading: Reading) -> bool:
    origin = reading.probe.header("Origin")
    if not origin or not reading.ok or reading.response is None or reading.probe.question not in (PLAIN, TAGGED):
        return False
    way = "denied" if allows(reading.response, origin) else "allowed"
    return knowledge.works(way, origin)


def _origin_surprise(knowledge: Knowledge, reading: Reading, confirmed: Mapping[str, Reading]) -> Surprise | None:
    origin = reading.probe.header("Origin") or ""
    again = confirmed.get(AGAIN)
    if reading.response is None or again is None or again.response is None:
        return None
    registered = origin in knowledge.observed.means.origins
    said = reading.response.first("Access-Control-Allow-Origin") or "none"
    because = f"Access-Control-Allow-Origin: {said} for the origin {origin}"
    guarantee = "CORS-2" if registered else "CORS-3"
    return Surprise("origin", because, (guarantee,), expected=origin if registered else "no leave", shown=(again,))


# -- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One way to be surprised: what is suspected, what makes sure, and what it comes to."""

    suspects: Callable[[Knowledge, Reading], bool]
    questions: Callable[[Knowledge, Reading], Questions]
    judges: Callable[[Knowledge, Reading, Mapping[str, Reading]], Surprise | None]


CHECKS: Mapping[str, Check] = {
    "unknown": Check(_is_unknown, _of_unknown, _unknown_surprise),
    "changed": Check(_is_changed, _of_changed, _changed_surprise),
    "list": Check(_is_wrong_list, _of_list, _list_surprise),
    "tag": Check(_is_unmodified, _untagged, _tag_surprise),
    "validator": Check(_has_anothers_tag, _ask_again, _validator_surprise),
    "origin": Check(_is_shared_wrongly, _ask_again, _origin_surprise),
}


# -- what the crawl knows ---------------------------------------------------------------------------------------------


def known_to_the_crawl(observed: Observed, reading: Reading, because: str) -> bool:
    """The crawl got just that at the same address in the same media type; or, where it is a matter of how a resource is
    written, at another one of that type."""
    url = urls.canonical(observed.polite(reading.probe.url))
    return any(
        other.asked == wanted(reading)
        and (
            urls.canonical(observed.polite(other.probe.url)) == url
            or (because in WRITTEN and other.probe.type == reading.probe.type)
        )
        and _as_the_crawl_sees_it(observed, other) == because
        for other in observed.crawled()
    )


def _as_the_crawl_sees_it(observed: Observed, reading: Reading) -> str:
    if reading.response is None:
        return "no answer"
    if not reading.ok:
        return f"an answer {reading.status}"
    if reading.malformed is not None:
        return BROKEN_BODY
    judged = reading.asked in observed.formats(reading.probe.type)
    if judged and reading.page_for_people:
        return PAGE_FOR_PEOPLE
    return OTHER_TYPE if judged and reading.label != reading.asked else ""
