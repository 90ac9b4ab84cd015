"""The faults that show only after a certain path: each is shown by its path, and by nothing else that is asked."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from samsvar.miniature import EVOLUTIONS, FAULTS, Answer, Ask, Miniature
from samsvar.miniature import credentials as given
from samsvar.miniature.parts import Call
from samsvar.miniature.trails import SESSIONS, Memory
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML

KEY = ("ApiKey", given.API_KEY)
TOKEN = (KEY, ("Authorization", f"Bearer {given.TOKEN}"))
COOKIE = (KEY, ("Cookie", f"{given.COOKIE_NAME}={given.COOKIE}"))
HOST = "https://miniature.samsvar.example"
ROWS = tuple(name for name, row in FAULTS.items() if row.path)
LASTING = {"reach-5-service-missing-after-going-back", "get-3-reportee-gone-after-its-box"}
SHARED = {"auth-3-from-the-cache-after-a-login"}
"""What one login does is seen by others."""


@dataclass(frozen=True, slots=True)
class Step:
    """One ask. path: below the root. tag_of: a path whose entity tag is sent in If-None-Match."""

    path: str
    accept: str = HAL_JSON
    origin: str = ""
    login: tuple[tuple[str, str], ...] = TOKEN
    tag_of: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """Asks, the last of which shows the fault, and another order of the same asks, in which nothing shows."""

    steps: tuple[Step, ...]
    harmless: tuple[int, ...]


def path(*steps: str | Step, harmless: tuple[int, ...]) -> Path:
    return Path(tuple(step if isinstance(step, Step) else Step(step) for step in steps), harmless)


BOX, LETTER, OTHER = "my/messages", "my/messages/a1000000?markAsRead=false", "my/messages/a1000004?markAsRead=false"
FILE = "my/messages/a1000000/attachments/10000005"
REPORTEE, ITS_BOX = "reportees/r50000018", "r50000018/messages"
ITS_MESSAGE = f"{ITS_BOX}/{Miniature().content.at(Miniature().content.people.parties[1], 0).id}?markAsRead=false"
SERVICE = "metadata/formtask/0042/1"
NEEDED = "metadata/rolerequirements?serviceCode=0042&serviceEditionCode=1"
FIRST, SECOND = given.ORIGINS
PATHS = {
    "reach-6-box-after-a-message-of-it-crashes": path(BOX, LETTER, BOX, harmless=(0, 2, 1)),
    "reach-6-message-by-way-of-a-reportee-gone": path(REPORTEE, ITS_BOX, ITS_MESSAGE, harmless=(1, 2, 0)),
    "reach-6-reportees-after-a-part-of-a-message-empty": path(LETTER, FILE, "reportees", harmless=(0, 2, 1)),
    "reach-6-message-before-instead": path(LETTER, BOX, OTHER, harmless=(0, 2, 1)),
    "reach-6-service-after-its-requirements-is-them": path(SERVICE, NEEDED, SERVICE, harmless=(0, 2, 1)),
    "format-3-message-after-a-part-of-it-broken-off": path(LETTER, FILE, LETTER, harmless=(0, 2, 1)),
    "reach-6-box-after-a-part-of-a-message-is-a-page": path(LETTER, FILE, BOX, harmless=(1, 0, 2)),
    "reach-6-hal-xml-after-a-plain-reading-crashes": path(
        "reportees", Step(REPORTEE, JSON), Step(REPORTEE, HAL_XML), harmless=(0, 2, 1)
    ),
    "format-4-values-of-the-one-before-in-hal-xml": path(LETTER, BOX, Step(OTHER, HAL_XML), harmless=(0, 2, 1)),
    "reach-4-page-two-after-a-message-repeats": path(ITS_BOX, ITS_MESSAGE, f"{ITS_BOX}?$skip=50", harmless=(0, 2, 1)),
    "reach-4-page-two-after-a-plain-page-one-refused": path(
        Step(ITS_BOX, XML), f"{ITS_BOX}?$skip=50", harmless=(1, 0)
    ),
    "list-2-top-stays-for-the-next": path(f"{BOX}?$top=2", LETTER, BOX, harmless=(2, 1, 0)),
    "reach-6-second-box-shows-the-one-before": path(BOX, "reportees", ITS_BOX, harmless=(1, 0, 2)),
    "reach-6-last-box-after-reportees-in-xml-crashes": path(
        Step("reportees", XML), "r50000086/messages", harmless=(1, 0)
    ),
    "reach-5-service-missing-after-going-back": path("metadata", SERVICE, "metadata", harmless=(0, 2, 1)),
    "get-3-reportee-gone-after-its-box": path(REPORTEE, ITS_BOX, REPORTEE, harmless=(0, 2, 1)),
    "accept-1-other-type-when-asked-again": path("reportees", REPORTEE, REPORTEE, harmless=(1, 0, 2)),
    "http-4-unchanged-in-another-language": path(
        "reportees", Step("reportees?language=1033", tag_of="reportees"), harmless=(1, 0)
    ),
    "model-4-language-of-the-list-stays": path("reportees?language=1033", REPORTEE, harmless=(1, 0)),
    "cors-2-origin-of-the-ask-before-stays": path(
        Step("reportees", origin=FIRST), Step(REPORTEE, origin=SECOND), harmless=(1, 0)
    ),
    "cors-3-welcome-of-the-ask-before-stays": path(
        Step("reportees", origin=FIRST), Step(REPORTEE, origin="https://evil.example"), harmless=(1, 0)
    ),
    "accept-1-format-of-a-quality-value-stays": path(
        Step("reportees", "application/xml, */*;q=0.1"), REPORTEE, harmless=(1, 0)
    ),
    "auth-3-from-the-cache-after-a-login": path(REPORTEE, Step(REPORTEE, login=(KEY,)), harmless=(1, 0)),
}  # fmt: skip


def target_of(site: Miniature, wanted: str) -> str:
    """Where a place stands in this environment."""
    return site.parts.layout.publish(Call(Ask("GET", ""), root=site.root, session="0"), wanted).removeprefix(HOST)


def answered(site: Miniature, step: Step, tag: str = "") -> Answer:
    """What is said in the end: redirects are followed, and the same is asked again after 503."""
    fields = [*step.login, ("Accept", step.accept), *([("Origin", step.origin)] if step.origin else [])]
    fields += [("If-None-Match", tag)] if tag else []
    target = target_of(site, step.path)
    for _ in range(4):
        answer = site.answer(Ask("GET", target, tuple(fields)))
        if answer.status == 307:
            target = (answer.first("Location") or "").removeprefix(HOST)
        elif answer.status != 503:
            break
    return answer


def answers(fault: str, steps: tuple[Step, ...], *evolutions: str) -> tuple[Answer, ...]:
    """What a new environment says to these, one after the other; "" for the one that keeps everything."""
    site = Miniature(faults=(fault,) if fault else (), evolutions=evolutions)
    return tuple(answered(site, step, tag_for(step, evolutions)) for step in steps)


def tag_for(step: Step, evolutions: tuple[str, ...] = ()) -> str:
    """The entity tag that a step sends, as the environment gives it for another place."""
    if not step.tag_of:
        return ""
    return answered(Miniature(evolutions=evolutions), replace(step, path=step.tag_of, tag_of="")).first("ETag") or ""


def reordered(one: Path) -> tuple[Step, ...]:
    return tuple(one.steps[place] for place in one.harmless)


def test_there_is_a_path_for_each_of_them_and_each_is_subtle() -> None:
    assert set(PATHS) == set(ROWS)
    assert len(ROWS) >= 16
    assert all(FAULTS[name].subtle for name in ROWS)
    assert all(sorted(one.harmless) == list(range(len(one.steps))) for one in PATHS.values())


def test_each_ends_in_an_unknown_answer_or_says_so() -> None:
    assert [name for name in ROWS if "REACH-6" not in (FAULTS[name].guarantee, *FAULTS[name].companions)] == []


@pytest.mark.parametrize("name", ROWS)
def test_the_last_step_of_the_path_shows_it_and_no_step_before(name: str) -> None:
    *before, last = answers(name, PATHS[name].steps)
    *kept_before, kept_last = answers("", PATHS[name].steps)
    assert before == kept_before
    assert last != kept_last


@pytest.mark.parametrize("name", ROWS)
def test_the_same_asks_in_another_order_do_not_show_it(name: str) -> None:
    steps = reordered(PATHS[name])
    assert steps != PATHS[name].steps
    assert answers(name, steps) == answers("", steps)


@pytest.mark.parametrize("name", ROWS)
def test_the_next_ask_for_the_same_is_right_again_but_for_those_that_last(name: str) -> None:
    steps = (*PATHS[name].steps, PATHS[name].steps[-1])
    assert (answers(name, steps)[-1] != answers("", steps)[-1]) is (name in LASTING)


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_tells_what_lasts(name: str) -> None:
    assert ("from then on" in FAULTS[name].statement) is (name in LASTING)


@pytest.mark.parametrize("name", ROWS)
def test_a_path_that_two_logins_share_shows_nothing_but_what_is_cached_for_all(name: str) -> None:
    *before, last = PATHS[name].steps
    other = replace(last, login=COOKIE if last.login == TOKEN else last.login)
    steps = (*before, other)
    assert (answers(name, steps) != answers("", steps)) is (name in SHARED)


@pytest.mark.parametrize("name", ROWS)
def test_a_new_environment_knows_nothing_of_the_paths_of_another(name: str) -> None:
    *before, last = PATHS[name].steps
    answers(name, tuple(before))
    assert answers(name, (last,)) == answers("", (last,))


@pytest.mark.parametrize("name", ROWS)
def test_asks_that_retrieve_nothing_do_not_lead_off_the_path(name: str) -> None:
    site = Miniature(faults=(name,))
    *before, last = PATHS[name].steps
    for step in before:
        answered(site, step)
        for method in ("HEAD", "OPTIONS"):
            site.answer(Ask(method, "/api/my/profile", (*TOKEN, ("Accept", JSON))))
    assert answered(site, last, tag_for(last)) != answers("", PATHS[name].steps)[-1]


WALKABLE = (
    "urls-moved", "urls-nested", "urls-opaque", "urls-per-session", "urls-other-case", "redirects", "busy",
    "front-page", "pages-of-ten", "links-for-elements", "members-shuffled", "gzip", "chunked", "times-in-utc",
)  # fmt: skip


@pytest.mark.parametrize("evolution", WALKABLE)
@pytest.mark.parametrize("name", ROWS)
def test_the_path_leads_there_whatever_has_moved(name: str, evolution: str) -> None:
    assert evolution in EVOLUTIONS
    assert answers(name, PATHS[name].steps, evolution)[-1] != answers("", PATHS[name].steps, evolution)[-1]


def offered(body: bytes) -> Iterator[str]:
    """The links of a HAL+JSON body into the API, at any depth."""
    waiting = deque([json.loads(body)])
    while waiting:
        found = waiting.popleft()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            href = found.get("href")
            if isinstance(href, str) and href.startswith(f"{HOST}/api/") and "{" not in href:
                yield href.removeprefix(HOST)
            waiting.extend(found.values())


@cache
def crawl() -> tuple[Ask, ...]:
    """Every place that links lead to, and further pages: hal+json, hal+xml, xml, json, hal+json; first come, first
    served, so that many places are read side by side."""
    site = Miniature(size=70)
    order = (HAL_JSON, HAL_XML, XML, JSON, HAL_JSON)
    entries = ("/api/metadata", "/api/my/messages", "/api/reportees", "/api/my/messages?$skip=10")
    waiting, seen, asks = deque((target, 0) for target in entries), set(entries), []
    while waiting:
        target, round_ = waiting.popleft()
        asks.append(Ask("GET", target, (*TOKEN, ("Accept", order[round_]))))
        answer = site.answer(asks[-1])
        if HAL_JSON not in (answer.first("Content-Type") or "") and round_ == 0:
            asks[-1] = Ask("GET", target, (*TOKEN, ("Accept", "*/*")))
            continue
        waiting += [(target, round_ + 1)] if round_ < len(order) - 1 else []
        if round_ == 0:
            more = [link + ("?markAsRead=false" if "/messages/" in link else "") for link in offered(answer.body)]
            new = [link for link in dict.fromkeys(more) if link not in seen]
            seen.update(new)
            waiting.extend((link, 0) for link in new)
    return tuple(asks)


def test_the_crawl_reads_everything_in_every_format() -> None:
    kinds = {ask.header("Accept") for ask in crawl()}
    assert kinds == {*FORMATS, "*/*"}
    assert len(crawl()) > 600


def test_none_of_them_shows_when_every_place_is_read_in_order_twice() -> None:
    """All at once: as long as none shows, none can hide another. There are no exceptions."""
    kept, faulty = Miniature(size=70), Miniature(size=70, faults=ROWS)
    assert [ask.target for ask in (*crawl(), *crawl()) if kept.answer(ask) != faulty.answer(ask)] == []


def test_a_memory_forgets_the_session_that_was_quiet_for_longest() -> None:
    memory: Memory[int] = Memory()
    for number in range(SESSIONS):
        memory.put(str(number), number)
    memory.put("0", 7)
    memory.put("new", 8)
    assert (memory.get("0"), memory.get("1"), memory.get("2"), memory.get("new")) == (7, None, 2, 8)
