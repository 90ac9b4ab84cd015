"""GET-1 to GET-5: kept, each defect crude and subtle, harmless variations, nothing to see."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from stage import ROOT, explore

from samsvar.logic.asking import methods
from samsvar.logic.asking.methods import documented_methods, without_parameters
from samsvar.logic.judging.methods import RULES
from samsvar.logic.observing import Observed
from samsvar.model.contract import Profile
from samsvar.model.exchange import HAL_JSON, Failure, Means, Probe, Response, Stage
from samsvar.model.verdict import Finding, Sight, Unseen
from samsvar.world.documents import read_contract

CONTRACT = read_contract("altinn2")
PROFILE = Profile("test", formats=(HAL_JSON,))
ALL = Means(key=True, login=True, unsafe=True, ours=True)
SOME = Means(key=True, login=True)
Said = Response | Failure
Record = dict[str, Any]


def message(number: int) -> Record:
    return {
        "MessageId": f"a{number}",
        "Subject": f"Brev {number}",
        "Status": "Ulest" if number % 2 else "Lest",
        "LastChangedDateTime": f"2025-05-{10 + number % 10}T10:00:00",
        "LastChangedBy": "Testdepartementet",
        "ServiceOwner": "Testdepartementet",
        "Type": "Correspondence",
        "ServiceCode": "5682",
        "ServiceEdition": 2,
    }


ONLY_READING = Response(405, (("Allow", "GET, HEAD, OPTIONS"),), b"", b"Only reading")


@dataclass
class Box:
    """A message box with state. The functions are what a defect or a variation changes."""

    records: dict[str, Record] = field(default_factory=lambda: {f"a{n}": message(n) for n in range(1, 5)})
    read: Callable[["Box", Record, Probe], None] = lambda box, record, probe: box.mark(record, probe)
    tell: Callable[[Probe, Response], Said] = lambda probe, said: said
    unsafe: Response = ONLY_READING
    asked: int = 0

    def mark(self, record: Record, probe: Probe) -> None:
        """The documented effect."""
        if "markasread" not in probe.url.lower():
            record["Status"] = "Lest"

    def __call__(self, probe: Probe) -> Said:
        self.asked += 1
        said = self._answer(probe)
        return self.tell(probe, said)

    def _answer(self, probe: Probe) -> Response:
        if probe.method == "OPTIONS":
            return Response(200, (("Allow", "GET, HEAD, OPTIONS"),), b"", b"OK")
        if probe.method not in ("GET", "HEAD"):
            return self.unsafe
        path = probe.url.partition("?")[0].removeprefix(f"{ROOT}/")
        body = self._body(path, probe)
        if body is None:
            return Response(404, (), b"", b"Nothing there")
        if isinstance(body, bytes):
            return _answered(probe, "application/pdf", body)
        return _answered(probe, HAL_JSON, json.dumps(body).encode())

    def _body(self, path: str, probe: Probe) -> Record | bytes | None:
        if path == "my/messages":
            return {"_links": {"self": {"href": f"{ROOT}/my/messages"}, **FIND}, "_embedded": {"messages": self._all()}}
        if path == "reportees":
            return {"_links": {"self": {"href": f"{ROOT}/reportees"}}, "_embedded": {"reportees": [REPORTEE]}}
        if path == "my/messages/a2/attachments/1":
            return b"%PDF-1.4 synthetic"
        record = self.records.get(path.rpartition("/")[2]) if path.startswith("my/messages/") else None
        if record is None:
            return None
        self.read(self, record, probe)
        return _linked(record)

    def _all(self) -> list[Record]:
        return [_linked(record) for record in self.records.values()]


FIND = {"find": {"href": f"{ROOT}/my/messages/{{MessageId}}", "isTemplated": True}}
REPORTEE = {"ReporteeId": "r5", "Name": "SYNTETISK KATT", "Type": "Person"}


def _linked(record: Record) -> Record:
    own = f"{ROOT}/my/messages/{record['MessageId']}"
    links: Record = {"self": {"href": own}}
    if record["MessageId"] == "a2":
        links["attachment"] = [{"href": f"{own}/attachments/1", "name": "1", "filesize": 18}]
    return {**record, "_links": links}


def _answered(probe: Probe, media_type: str, body: bytes) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
    described = (("Content-Type", media_type), ("ETag", tag), ("Content-Length", str(len(body))), ("Vary", "Accept"))
    head = probe.method == "HEAD"
    return Response(200, described, b"" if head else body, b"OK", wire_length=None if head else len(body))


def see(environment: Callable[[Probe], Said], means: Means = ALL) -> Observed:
    rounds = ((methods.ask,), (methods.ask_again,), (methods.ask_last,))
    return explore(environment, CONTRACT, rounds=rounds, means=means, profile=PROFILE).observed


def judged(guarantee: str, environment: Callable[[Probe], Said], means: Means = ALL) -> tuple[Finding, ...]:
    return tuple(RULES[guarantee](see(environment, means)))


def sights(findings: Iterable[Finding]) -> set[Sight]:
    return {one.sight for one in findings}


def reasons(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{one.because} ({one.observed})" for one in findings if one.sight is not Sight.MET)


@pytest.mark.parametrize("guarantee", RULES)
def test_a_box_that_keeps_the_contract_is_met(guarantee: str) -> None:
    findings = judged(guarantee, Box())
    assert sights(findings) == {Sight.MET}, reasons(findings)


def where(when: Callable[[Probe], bool], change: Callable[[Response], Said]) -> Callable[[Probe, Response], Said]:
    return lambda probe, said: change(said) if when(probe) else said


def heads(probe: Probe) -> bool:
    return probe.method == "HEAD"


def lacking(*names: str) -> Callable[[Response], Response]:
    return lambda said: replace(said, headers=tuple(one for one in said.headers if one[0] not in names))


def having(name: str, value: str) -> Callable[[Response], Response]:
    return lambda said: replace(said, headers=(*lacking(name)(said).headers, (name, value)))


def at(end: str, *methods_: str) -> Callable[[Probe], bool]:
    return lambda probe: probe.url.partition("?")[0].endswith(end) and probe.method in (methods_ or ("GET",))


def refusing_get(said: Response) -> Response:
    return Response(405, (("Allow", "POST"),), b"", b"Use POST")


def empty(said: Response) -> Response:
    return replace(said, body=b"")


def always_marks(box: Box, record: Record, probe: Probe) -> None:
    record["Status"] = "Lest"


def marks_and_dates(box: Box, record: Record, probe: Probe) -> None:
    if record["Status"] == "Ulest":
        record.update(Status="Lest", LastChangedDateTime="2026-05-05T10:00:00")


def changes_one_subject(box: Box, record: Record, probe: Probe) -> None:
    box.mark(record, probe)
    if record["MessageId"] == "a3" and box.asked > 10:
        record["Subject"] = "Lest av noen"


def dates_each_reading(box: Box, record: Record, probe: Probe) -> None:
    record["LastChangedDateTime"] = f"2026-05-05T10:00:{box.asked % 60:02}.{box.asked}"


def marks_all(box: Box, record: Record, probe: Probe) -> None:
    if "markasread" not in probe.url.lower():
        for one in box.records.values():
            one["Status"] = "Lest"


def marks_and_dates_once(box: Box, record: Record, probe: Probe) -> None:
    if "markasread" not in probe.url.lower():
        marks_and_dates(box, record, probe)


def never_marks(box: Box, record: Record, probe: Probe) -> None:
    return


@dataclass
class Generous(Box):
    """Another method retrieves as GET does, whatever status it tells."""

    method: str = "PATCH"
    status: int = 200

    def _answer(self, probe: Probe) -> Response:
        if probe.method != self.method:
            return super()._answer(probe)
        return replace(super()._answer(replace(probe, method="GET")), status=self.status)


@dataclass
class Forgetful(Box):
    """A message that was read without the parameter has another date from then on, but only where it stands alone."""

    seen: set[str] = field(default_factory=set)

    def _body(self, path: str, probe: Probe) -> Record | bytes | None:
        body = super()._body(path, probe)
        if path.startswith("my/messages/a") and "markasread" not in probe.url.lower():
            self.seen.add(path)
        late = path in self.seen and isinstance(body, dict)
        return {**body, "LastChangedDateTime": "2026-01-01T10:00:00"} if late else body


DEFECTS: Mapping[str, tuple[str, Callable[[], Box], Means]] = {
    "an attachment is to be posted for": ("GET-1", lambda: Box(tell=where(at("/1"), refusing_get)), ALL),
    "one message does not come": ("GET-1", lambda: Box(tell=where(at("/a3"), refusing_get)), ALL),
    "a message is empty": ("GET-1", lambda: Box(tell=where(at("/a3"), empty)), ALL),
    "an attachment is 204": (
        "GET-1",
        lambda: Box(tell=where(at("/1", "GET", "HEAD"), lambda said: Response(204))),
        ALL,
    ),
    "PATCH retrieves": ("GET-2", lambda: Generous(method="PATCH"), ALL),
    "PUT on a list retrieves": ("GET-2", lambda: Generous(method="PUT"), ALL),
    "a refusal brings the content": ("GET-2", lambda: Generous(method="PATCH", status=405), ALL),
    "OPTIONS retrieves": ("GET-2", lambda: Generous(method="OPTIONS"), SOME),
    "no Allow": ("GET-2", lambda: Box(unsafe=Response(405, (), b"", b"No")), ALL),
    "Allow without GET": ("GET-2", lambda: Box(unsafe=Response(405, (("Allow", "HEAD"),), b"", b"No")), ALL),
    "400 instead of 405": ("GET-2", lambda: Box(unsafe=Response(400, (), b"", b"No such method")), ALL),
    "500 instead of 405": ("GET-2", lambda: Box(unsafe=Response(500, (), b"", b"Out of order")), ALL),
    "OPTIONS tells of DELETE": (
        "GET-2",
        lambda: Box(tell=where(at("reportees", "OPTIONS"), having("Allow", "GET, DELETE"))),
        SOME,
    ),
    "OPTIONS does not tell of GET": (
        "GET-2",
        lambda: Box(tell=where(at("reportees", "OPTIONS"), having("Allow", "HEAD"))),
        SOME,
    ),
    "markAsRead=false marks": ("GET-3", lambda: Box(read=always_marks), SOME),
    "markAsRead=false marks and dates": ("GET-3", lambda: Box(read=marks_and_dates), SOME),
    "reading changes a subject": ("GET-3", lambda: Box(read=changes_one_subject), SOME),
    "reading dates": ("GET-3", lambda: Box(read=dates_each_reading), SOME),
    "HEAD is refused": ("GET-4", lambda: Box(tell=where(heads, refusing_get)), ALL),
    "HEAD is 404 for a message": ("GET-4", lambda: Box(tell=where(at("/a1", "HEAD"), lambda said: Response(404))), ALL),
    "HEAD says that there is nothing": ("GET-4", lambda: Box(tell=where(heads, having("Content-Length", "0"))), ALL),
    "HEAD has no tag": ("GET-4", lambda: Box(tell=where(heads, lacking("ETag"))), ALL),
    "HEAD has another type": ("GET-4", lambda: Box(tell=where(at("/1", "HEAD"), having("Content-Type", "a/b"))), ALL),
    "HEAD has no Vary": ("GET-4", lambda: Box(tell=where(at("reportees", "HEAD"), lacking("Vary"))), ALL),
    "HEAD has a body": ("GET-4", lambda: Box(tell=where(heads, lambda said: replace(said, body=b"more"))), ALL),
    "HEAD breaks the framing": (
        "GET-4",
        lambda: Box(tell=where(heads, lambda said: Failure(Stage.FRAMING, "9 bytes came after the end", said))),
        ALL,
    ),
    "reading does not mark": ("GET-5", lambda: Box(read=never_marks), ALL),
    "reading dates the message too": ("GET-5", lambda: Box(read=marks_and_dates_once), ALL),
    "reading dates the message, and its list does not tell": ("GET-5", Forgetful, ALL),
    "reading marks every message": ("GET-5", lambda: Box(read=marks_all), ALL),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_unmet_in_its_guarantee(name: str) -> None:
    guarantee, box, means = DEFECTS[name]
    findings = judged(guarantee, box(), means)
    assert Sight.UNMET in sights(findings), reasons(findings)


@pytest.mark.parametrize("name", [name for name in DEFECTS if name != "reading dates"])
def test_a_defect_is_unmet_in_no_other_guarantee(name: str) -> None:
    own, box, means = DEFECTS[name]
    observed = see(box(), means)
    others = {
        guarantee
        for guarantee, rule in RULES.items()
        if guarantee != own and any(one.sight is Sight.UNMET for one in rule(observed))
    }
    assert not others


@dataclass
class Moving(Box):
    """Life goes on: after some answers a message arrives, another is read by its owner."""

    at: int = 12

    def __call__(self, probe: Probe) -> Said:
        if self.asked == self.at:
            self.records = {"a9": message(9), **self.records}
            self.records["a3"].update(Status="Lest", LastChangedDateTime="2026-06-06T10:00:00")
        return super().__call__(probe)


@dataclass
class Flapping(Box):
    """Two servers behind one name do not know the same."""

    def __call__(self, probe: Probe) -> Said:
        self.records["a3"]["Subject"] = f"Brev {self.asked % 2}"
        return super().__call__(probe)


def _busy_with_heads(said: Response) -> Response:
    return Response(503, (("Retry-After", "1"),), b"", b"Later")


class Turning(Box):
    """Two servers by turns, of which one calls its tags weak."""

    def __call__(self, probe: Probe) -> Said:
        said = super().__call__(probe)
        if not isinstance(said, Response) or self.asked % 2:
            return said
        weak = tuple((name, f"W/{value}" if name == "ETag" else value) for name, value in said.headers)
        return replace(said, headers=weak)


VARIATIONS: Mapping[str, Callable[[], Box]] = {
    "two servers with tags of their own": Turning,
    "life goes on early": lambda: Moving(at=6),
    "life goes on late": lambda: Moving(at=20),
    "two servers": Flapping,
    "HEAD without a length": lambda: Box(tell=where(heads, lacking("Content-Length"))),
    "GET in chunks": lambda: Box(
        tell=lambda probe, said: said if heads(probe) else replace(lacking("Content-Length")(said))
    ),
    "compressed for GET": lambda: Box(
        tell=lambda probe, said: (
            said
            if heads(probe)
            else replace(having("Content-Encoding", "gzip")(having("Content-Length", "20")(said)), wire_length=20)
        )
    ),
    "each answer has its own number": lambda: Box(
        tell=lambda probe, said: replace(said, headers=(*said.headers, ("X-Request-Id", probe.url + probe.question)))
    ),
    "Allow with more safe methods": lambda: Box(tell=where(at("", "OPTIONS"), having("Allow", "GET, HEAD, TRACE"))),
    "OPTIONS is not known": lambda: Box(
        tell=where(lambda probe: probe.method == "OPTIONS", lambda said: Response(404))
    ),
    "methods that no server knows": lambda: Box(unsafe=Response(501, (), b"", b"No such method")),
    "busy": lambda: Box(tell=where(heads, _busy_with_heads)),
    "no tags": lambda: Box(tell=lambda probe, said: lacking("ETag")(said)),
    "extra members that count": lambda: Box(
        read=lambda box, record, probe: (box.mark(record, probe), record.update(ReadCount=box.asked))[0]
    ),
    "status in English": lambda: Box(
        records={f"a{n}": {**message(n), "Status": "Unread" if n % 2 else "Read"} for n in range(1, 5)},
        read=lambda box, record, probe: record.update(Status="Read") if "markAsRead" not in probe.url else None,
    ),
}


@pytest.mark.parametrize("means", [ALL, SOME])
@pytest.mark.parametrize("name", VARIATIONS)
def test_harmless_variations_fail_nothing(name: str, means: Means) -> None:
    observed = see(VARIATIONS[name](), means)
    for guarantee, rule in RULES.items():
        findings = tuple(rule(observed))
        assert Sight.UNMET not in sights(findings), f"{guarantee}: {reasons(findings)}"


def test_what_flaps_is_unstable() -> None:
    findings = judged("GET-3", Flapping(), SOME)
    assert Unseen.UNSTABLE in {one.unseen for one in findings if one.sight is Sight.UNSEEN}


@pytest.mark.parametrize("guarantee", RULES)
def test_nothing_is_told_where_nothing_answers(guarantee: str) -> None:
    findings = judged(guarantee, lambda _probe: Failure(Stage.CONNECT, "nobody is there"))
    assert Sight.MET not in sights(findings) and Sight.UNMET not in sights(findings)


def asked_methods(observed: Observed) -> set[tuple[str, str]]:
    return {(one.probe.method, one.probe.url.partition("?")[0].removeprefix(ROOT)) for one in observed.readings}


def test_without_leave_only_safe_methods_are_asked_and_nothing_is_read_without_the_parameter() -> None:
    observed = see(Box(), SOME)
    assert {method for method, _ in asked_methods(observed)} <= {"GET", "HEAD", "OPTIONS"}
    singles = [
        one.probe.url for one in observed.readings if "/messages/a" in one.probe.url and "/1" not in one.probe.url
    ]
    assert singles and all("markAsRead=false" in url for url in singles)


def test_elsewhere_than_in_the_miniature_nothing_that_holds_content_is_deleted_or_posted_to() -> None:
    observed = see(Box(), replace(ALL, ours=False))
    unsafe = {one for one in asked_methods(observed) if one[0] not in ("GET", "HEAD", "OPTIONS")}
    assert unsafe
    assert all(
        path in ("/my/messages", "/reportees")
        for method, path in unsafe
        if method in ("PUT", "PATCH") and "no-such" not in path
    )
    assert all("no-such" in path for method, path in unsafe if method in ("POST", "DELETE"))


def test_documented_operations_are_never_tried() -> None:
    tried = asked_methods(see(Box()))
    assert ("POST", "/my/messages") not in tried
    assert not {("PUT", "/my/messages/a1"), ("DELETE", "/my/messages/a1")} & tried
    assert ("PATCH", "/my/messages") in tried


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("my/messages", {"POST"}),
        ("MY/Messages/a1", {"PUT", "DELETE"}),
        ("metadata", set()),
        ("v2/x/8f3a", None),
    ],
)
def test_what_the_documentation_allows_is_read_from_the_path(path: str, expected: set[str] | None) -> None:
    assert documented_methods(CONTRACT, ROOT, f"{ROOT}/{path}") == expected


def test_a_parameter_is_taken_off_and_the_rest_stays() -> None:
    assert without_parameters("https://x/a?b=1&MarkAsRead=false&c=2", ["markAsRead"]) == "https://x/a?b=1&c=2"


def test_questions_about_methods_are_few() -> None:
    requests = see(Box()).requests()
    asked = {question: count for question, count in requests.items() if question not in ("read", "follow", "page")}
    assert sum(asked.values()) <= 60, asked
