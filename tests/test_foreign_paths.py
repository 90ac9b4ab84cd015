"""The rows of `foreign.paths` show on their path and on no shorter one, and not in a pass over all places.

Asked without a network: one environment with the row and one without get the same asks, and what the last is answered
is compared. A step is `FORMAT PLACE`, with words after it: `anonymous` (no login), `origin` and `stranger` (who asks
from a page), `same` (with the validator of the answer before), `head`.
"""

import gzip
import http.client
import json
import re
from collections import deque
from dataclasses import dataclass, field

import pytest
from foreign.campaign import EVERY, OF_GATEWAYS, ROWS, checked, judged
from foreign.path_variations import PATH_VARIATIONS
from foreign.paths import PATHS
from foreign.serving import KEY, ORIGIN, Environment, Joined, Twist, framed, serve, token
from foreign.writing import HAL_JSON, HAL_XML, JSON, XML
from test_foreign import at_night

MEDIA = {"hj": HAL_JSON, "hx": HAL_XML, "j": JSON, "x": XML, "any": "*/*"}
A, B, TASK = "my/messages/a71001", "my/messages/a71002", "metadata/formtask/4801/3"
COUNT, LETTERS = "metadata/formtask/2711/20260101", "metadata/correspondence/0519/190402"
NEEDS = "metadata/rolerequirements?serviceCode={}&serviceEditionCode={}"
NEED_TASK, NEED_COUNT = NEEDS.format("4801", 3), NEEDS.format("2711", 20260101)
BOX = "r60002/messages"

SEQUENCES = {
    "language-sticks": ("hj metadata?language=1033", f"x {TASK}?language=1033", f"j {TASK}"),
    "origin-sticks": ("hj metadata origin", f"hj {TASK} origin", "j reportees stranger"),
    "format-sticks": ("hx reportees", "x reportees/r60002", "j reportees"),
    "top-sticks": ("j my/messages?$top=2", f"hj {A}", "hj my/messages"),
    "page-kept": ("hj my/messages?$skip=3", "j my/messages/a71004", "hj my/messages"),
    "etag-kept": (f"hj {TASK}", "hj metadata", f"j {TASK}"),
    "login-lent": (f"hj {B}/forms/9101", f"any {B}/attachments/63", f"j {A} anonymous"),
    "reportee-sticks": ("hj reportees/r60002", f"x {BOX}", "j my/messages"),
    "one-at-a-time": (f"hj {BOX}", f"hj {BOX}/a81000", "hj r60003/messages"),
    "page-slides": ("hj my/messages", f"hj {A}", "hj my/messages?$skip=3"),
    "cache-no-accept": (f"j {A}", f"x {LETTERS}", f"hj {LETTERS}"),
    "cache-relabelled": ("hj metadata/roledefinitions/9", f"x {NEED_TASK}", f"j {NEED_TASK}"),
    "cache-no-login": ("hj my/messages", f"j {A}", f"j {A} anonymous"),
    "cache-no-reportee": ("x reportees/r60002", f"hj {BOX}", "hj r60003/messages"),
    "cache-no-language": ("x metadata?language=1033", f"hj {TASK}?language=1033", f"hj {TASK}"),
    "cache-no-query": (f"hj {TASK}", f"hj {NEED_TASK}", f"hj {NEED_COUNT}"),
    "cache-no-page": (f"hj {A}", "hj my/messages", "hj my/messages?$skip=3"),
    "cache-no-method": ("hj my/messages", f"j {A} head", f"j {A}"),
    "cache-no-origin": (f"hj {NEED_TASK}", "j metadata/roledefinitions/9", "j metadata/roledefinitions/9 origin"),
    "cache-refusal": ("hj my/messages", f"j {A} anonymous", f"j {A}"),
    "third-on-connection": (f"hj {TASK}", f"any {TASK}/forms/5511/40012/xsd", "j metadata"),
    "every-second-crossing": (f"hj {TASK}", "x my/messages", f"hj {LETTERS}", "j reportees"),
    "waiting-room": ("j my/messages", f"x {A}", "j reportees"),
    "stale-boxes": (f"hj {B}", f"any {B}/print", "j my/messages"),
    "stale-services": (f"hj {NEED_TASK}", "x metadata/roledefinitions/9", "hj metadata"),
    "inside-host": (f"hj {TASK}", f"any {TASK}/forms/5511/40012/xsd", "hj metadata"),
    "once-only": (f"hj {A}", "x my/messages", f"j {A}"),
    "date-after-xml": ("hj metadata", f"x {LETTERS}", f"j {TASK}"),
    "list-projection": ("hj my/messages", "x my/messages", f"hx {A}"),
    "latin-after-file": (f"j {B}/forms/9101", f"any {B}/forms/9101/formdata", f"hj {A}"),
}
"""For each row the asks that show it, the last of which is answered otherwise."""

LATER = {
    "one-at-a-time": ("hj reportees", "hj r60003/messages"),
    "cache-no-accept": ("j my/messages", f"hj {LETTERS}"),
    "cache-relabelled": ("hj metadata", f"j {NEED_TASK}"),
    "cache-no-reportee": ("hj reportees", "hj r60003/messages"),
    "cache-no-language": ("hj metadata", f"hj {COUNT}", f"hj {TASK}"),
    "cache-no-query": ("hj metadata", f"hj {COUNT}", f"hj {NEED_COUNT}"),
    "cache-no-origin": ("hj metadata", "j metadata/roledefinitions/9 origin"),
    "stale-boxes": ("j reportees", "j my/messages"),
    "stale-services": ("hj reportees", "hj metadata"),
}
"""What lasts for two or three asks: shown, too, by these asks in the place of the last one."""

SHORTER = {"date-after-xml": 1, "list-projection": 1}
"""Rows of two steps; the first of their asks is only there to be left out."""

WALK = (
    f"hj {BOX}",
    f"hj {BOX}/a81000",
    f"hj {BOX}",
    "hj my/messages/a71003/forms/9110",
    "any my/messages/a71003/forms/9110/formdata",
    "hj my/messages/a71003",
)
"""What some variations wait for before they do anything."""

MOVING = {"letter-in-walk", "growing-box", "colleague-signs"}
"""Variations whose content changes while one looks."""

TOGETHER = (
    "fresh-links",
    "letter-in-walk",
    "members-turn",
    "links-turn",
    "session-cookie",
    "busy-after-file",
    "second-visit-redirects",
    "told-now",
    "framing-turns",
    "quota-told",
    "hangs-up",
    "vary-widens",
)
"""Variations that make sense together."""

UNSEEN = {
    "cache-no-method": "no walk sends HEAD",
    "reportee-sticks": "what the own box held before is nowhere to be had as long as another box is shown in its place",
}
"""Defects of a path that long walks did not see when this was written, each with the reason why."""

IN_A_PASS: set[str] = set()
"""Rows that a pass over all places in breadth-first order sees."""


@dataclass
class Client:
    environment: Environment
    login: str = field(default_factory=token)
    etag: str = ""
    said: bytes = b""  # the last body, without coding and framing

    def ask(self, step: str) -> tuple[int, str, list[tuple[str, str]], bytes]:
        """Status, reason, header fields and body, as they leave the environment."""
        media, place, *words = step.split()
        headers = {"Accept": MEDIA[media], "ApiKey": KEY, "Authorization": "Bearer " + self.login}
        headers["Accept-Encoding"] = "gzip"
        if "anonymous" in words:
            del headers["Authorization"]
        if "origin" in words or "stranger" in words:
            headers["Origin"] = ORIGIN if "origin" in words else "https://fremmed.example"
        if "same" in words:
            headers["If-None-Match"] = self.etag
        if re.search(r"/messages/[^/?]+(\?|$)", place):
            place += ("&" if "?" in place else "?") + "markAsRead=false"
        method = "HEAD" if "head" in words else "GET"
        reply = self.environment.answer(method, "/api/" + place, Joined(headers.items()))
        self.etag = reply.get("ETag") or ""
        self.said = gzip.decompress(reply.body) if reply.get("Content-Encoding") else reply.body
        _, _, body = framed(self.environment, method, reply).partition(b"\r\n\r\n")
        return reply.status, reply.reason, reply.headers, body


def made(*twists: Twist) -> Environment:
    environment = Environment(twists)
    environment.root = "http://nordmarka.example/api"
    return environment


def plain_one(row: Twist) -> Twist:
    """The same content and settings without the defect."""
    return Twist("plain", "", size=row.size, settings=row.settings)


def last(row: Twist, steps: tuple[str, ...]) -> tuple[int, str, list[tuple[str, str]], bytes]:
    client = Client(made(row))
    return [client.ask(one) for one in steps][-1]


def differs(row: Twist, steps: tuple[str, ...]) -> bool:
    return last(row, steps) != last(plain_one(row), steps)


def places(environment: Environment) -> list[str]:
    """Every place that links lead to from the entries, in breadth-first order."""
    client = Client(environment)
    waiting = deque(["metadata", "metadata/codelists", "metadata/roledefinitions", "my/messages", "reportees"])
    known = list(waiting)
    while waiting:
        _, _, headers, body = client.ask("hj " + waiting.popleft())
        if HAL_JSON in dict(headers)["Content-Type"]:
            for href in re.findall(r'"href": "([^"{]+)"', body.decode()):
                place = href.removeprefix(environment.root + "/")
                if place != href and place not in known:
                    known.append(place)
                    waiting.append(place)
    return known


def asks_of(order: list[str]) -> list[str]:
    return [f"{media} {place}" for place in order for media in ("hj", "hx", "x", "j", "hj")]


BY_ID = {one.id: one for one in PATHS}
ALL = [pytest.param(one, id=one.id) for one in PATHS]


def test_each_row_has_its_asks_and_names_what_it_hurts() -> None:
    assert 25 <= len(PATHS) <= 30
    assert len(PATH_VARIATIONS) >= 15
    assert set(SEQUENCES) == {one.id for one in PATHS}
    assert set(LATER) | set(SHORTER) | IN_A_PASS <= set(SEQUENCES)
    assert all(one.family for one in PATHS)
    assert not any(one.family for one in PATH_VARIATIONS)
    assert not any(other in EVERY[name].clash for name in TOGETHER for other in TOGETHER)
    assert len(EVERY) == len(ROWS) + len(PATHS) + len(PATH_VARIATIONS) + len(OF_GATEWAYS)


@pytest.mark.parametrize("row", ALL)
def test_a_row_shows_on_its_path(row: Twist) -> None:
    steps = SEQUENCES[row.id]
    assert differs(row, steps)
    if row.id in LATER:
        assert differs(row, steps[:-1] + LATER[row.id])


@pytest.mark.parametrize("row", ALL)
def test_no_row_shows_when_a_step_of_its_path_is_left_out(row: Twist) -> None:
    steps = SEQUENCES[row.id]
    for left_out in range(SHORTER.get(row.id, 0), len(steps) - 1):
        assert not differs(row, steps[:left_out] + steps[left_out + 1 :]), steps[left_out]
    assert not any(differs(row, steps[:length]) for length in range(1, len(steps)))
    assert not differs(row, steps[-1:])


@pytest.mark.parametrize("row", ALL)
def test_no_row_shows_in_a_pass_over_all_places(row: Twist) -> None:
    bare = plain_one(row)
    order = places(made(bare))
    assert len(order) > 40
    one, other = Client(made(row)), Client(made(bare))
    shown = [step for step in asks_of(order) if one.ask(step) != other.ask(step)]
    assert bool(shown) == (row.id in IN_A_PASS), shown[:3]


@pytest.mark.parametrize("row", [pytest.param(one, id=one.id) for one in PATH_VARIATIONS])
def test_a_variation_is_another_answer_with_the_same_meaning(row: Twist) -> None:
    """In two passes and a walk; what is to be asked again, or elsewhere inside, has no meaning to compare."""
    bare = plain_one(row)
    asks = [*asks_of(places(made(bare)) * 2), *WALK]
    one, other = Client(made(row)), Client(made(bare))
    different = False
    for step in asks:
        answer, said = one.ask(step), one.said
        wanted = other.ask(step)
        different |= answer != wanted
        if answer[0] in (307, 503):
            headers = dict(answer[2])
            assert headers.get("Retry-After") == "0" or headers["Location"].startswith("/api/"), step
            continue
        assert answer[0] == wanted[0], step
        if step.startswith("j ") and row.id not in MOVING and said.startswith((b"{", b"[")):
            assert json.loads(said) == json.loads(other.said), step
    assert different


def through(address: tuple[str, int], steps: tuple[str, ...], connections: int) -> int:
    """The status of the last answer, when the asks come over so many connections in turn."""
    lines = [http.client.HTTPConnection(*address, timeout=5) for _ in range(connections)]
    status = 0
    for number, step in enumerate(steps):
        line = lines[number % connections]
        media, place = step.split()
        line.request("GET", "/api/" + place, headers={"Accept": MEDIA[media]})
        answer = line.getresponse()
        answer.read()
        status = answer.status
    for line in lines:
        line.close()
    return status


def test_over_the_network_a_connection_has_a_counter_of_its_own() -> None:
    row, steps = BY_ID["third-on-connection"], SEQUENCES["third-on-connection"]
    for connections, status in ((1, 500), (2, 200)):
        with serve(row) as environment:
            host, _, port = environment.root.removeprefix("http://").removesuffix("/api").partition(":")
            assert through((host, int(port)), steps, connections) == status


def test_variations_of_the_path_raise_no_alarm() -> None:
    row = checked(TOGETHER)
    assert judged(row) == "kept", row


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, ids in (("lone", [one.id for one in PATH_VARIATIONS]), ("defect", [one.id for one in PATHS])):
        if name in metafunc.fixturenames:
            why = "each by itself takes minutes: tox -e nightly, or SAMSVAR_NIGHTLY=1"
            by_day = [pytest.param("", marks=pytest.mark.skip(why), id="by day")]
            metafunc.parametrize(name, ids if at_night(metafunc.config) else by_day)


def test_no_variation_of_the_path_raises_an_alarm_by_itself(lone: str) -> None:
    row = checked((lone,), "thorough")
    assert judged(row) == "kept", row


def test_a_defect_of_a_path_is_seen_by_long_walks(defect: str) -> None:
    row = checked((defect,), "thorough")
    seen = judged(row) == "caught" or "REACH-6" in row["bad"]
    assert seen is (defect not in UNSEEN), row


def test_a_defect_of_a_path_is_seen_by_few_walks() -> None:
    row = checked(("third-on-connection",))
    assert "REACH-6" in row["bad"], row
