"""Planted private values: made up here, sent by an environment in many spellings and places, and searched for, by a
search of its own, in all that a run writes.

Run as a program, it records that environment into a folder, for whoever watches what a process writes.
"""

import base64
import html
import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import small_environment as small
from cleaned import account, national, organisation
from small_environment import Thing
from stage import ROOT

from samsvar.logic.exploring import Limits
from samsvar.model.exchange import JSON, Login, Means, Probe, Response, Target, TargetKind
from samsvar.model.verdict import Verdict
from samsvar.running import Order, Session, Way, junit_text, page_text, record, results_text, sarif_text, write
from samsvar.world.driver import policy_for
from samsvar.world.transport import Outcome

# Values

FRONTS = ("bj", "r", "sk", "v", "l", "t", "gr", "s", "fj", "kr", "h", "st")
SYLLABLES = tuple(f"{front}{end}" for front in FRONTS for end in ("ø", "å", "æ", "ol"))


def word(seed: str, count: int = 4) -> str:
    """A word that is in no language, with Norwegian letters."""
    return "".join(SYLLABLES[byte % len(SYLLABLES)] for byte in sha256(seed.encode()).digest()[:count]).capitalize()


def mark(seed: str, count: int = 20) -> str:
    return base64.b32encode(sha256(seed.encode()).digest()).decode()[:count]


def jwt(seed: str) -> str:
    parts = (
        b'{"alg":"RS256"}',
        json.dumps({"pid": mark(seed), "sub": word(seed)}).encode(),
        sha256(seed.encode()).digest(),
    )
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


KINDS: dict[str, tuple[str, ...]] = {
    "person": tuple(
        national(day + d, month + m, year, 100 + 7 * year)
        for d in (0, 40)
        for m in (0, 40, 65, 80)
        for day, month, year in ((1, 1, 61), (9, 5, 74), (17, 9, 85), (28, 12, 93))
    ),
    "person of 2032": tuple(national(3, month + 80, 31, 300, month) for month in (1, 2, 3)),
    "company": tuple(organisation(91_000_000 + 7_919 * number) for number in range(20)),
    "name": tuple(f"{word(f'f{number}', 3)} {word(f'l{number}')}" for number in range(40)),
    "address": tuple(f"{word(f'a{number}')}gata {number + 2} B" for number in range(15)),
    "mail": tuple(
        f"{mark(f'm{number}', 8).lower()}.{number}@{mark(f'd{number}', 6).lower()}.no" for number in range(20)
    ),
    "phone": tuple(str(91_234_567 + 104_729 * number) for number in range(20)),
    "account": tuple(account(1_503_000_000 + 15_485_863 * number) for number in range(10)),
    "user": tuple(f"{mark(f'u{number}', 10).lower()}" for number in range(10)),
    "password": tuple(f"{mark(f'p{number}', 14)}!" for number in range(5)),
    "token": tuple(jwt(f"t{number}") for number in range(5)),
    "cookie": tuple(mark(f"c{number}", 24) for number in range(5)),
    "code": tuple(mark(f"o{number}", 16) for number in range(10)),
    "certificate": tuple(
        f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(mark(f's{number}', 50).encode() * 3).decode()}\n"
        "-----END CERTIFICATE-----"
        for number in range(2)
    ),
    "text": tuple(f"{word(f'x{number}')} om {word(f'y{number}')}, {word(f'z{number}')}." for number in range(30)),
    "given": (mark("api key", 32), jwt("given"), mark("given cookie", 28), f"{mark('given password', 12)}#"),
}
"""Kinds of value; the last are the credentials of the run."""
ALL = tuple((kind, value) for kind, values in KINDS.items() for value in values)

LATER = f"{word('later')} {word('than that')}"
"""Who is told of only after an error named them."""
NIGHT = bool(os.environ.get("SAMSVAR_NIGHTLY"))

# Spellings


def escapes(text: str) -> str:
    return "".join(f"\\u{ord(one):04x}" for one in text)


def each_percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quoted": lambda text: quote(text, safe=""),
    "percent": each_percent,
    "decimal references": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "hexadecimal references": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "named references": lambda text: html.escape(text).replace("ø", "&oslash;").replace("å", "&aring;"),
    "escapes": escapes,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hexadecimal": lambda text: text.encode().hex(),
    "capitals": str.upper,
    "small letters": str.lower,
    "hard blank": lambda text: f"{text[:6]}\u00a0{text[6:]}" if text.isdigit() and len(text) == 11 else text,
    "hyphen": lambda text: f"{text[:6]}-{text[6:]}" if text.isdigit() and len(text) == 11 else text,
}


# The search


@cache
def needles() -> tuple[tuple[str, str, bytes], ...]:
    """What is searched for: kind, spelling, bytes in small letters."""
    found: dict[bytes, tuple[str, str]] = {}
    for kind, value in ALL:
        for spelling, data in _written(value):
            found.setdefault(data.lower(), (kind, spelling))
        for part in _words(kind, value):
            for spelling in ("plain", "quoted", "escaped letters", "latin-1", "named references"):
                found.setdefault(dict(_written(part))[spelling].lower(), (kind, f"{spelling}, in part"))
    return tuple((kind, spelling, data) for data, (kind, spelling) in found.items())


def _words(kind: str, value: str) -> Iterator[str]:
    """Words that alone tell of whom a value is."""
    if kind in ("name", "text", "address"):
        yield from (one.strip(",.") for one in value.split() if len(one) >= 9)
    if kind == "person" and value[0] == "0":
        yield value[1:]
    if kind == "certificate":
        yield value.split("\n")[1]


def _written(text: str) -> Iterator[tuple[str, bytes]]:
    for name, spell in SPELLINGS.items():
        if not name.startswith("base64"):
            yield name, spell(text).encode()
    yield "latin-1", text.encode("latin-1")
    yield "decomposed", unicodedata.normalize("NFD", text).encode()
    for codec in ("utf-16-le", "utf-16-be"):
        yield codec, text.encode(codec)
    yield "escaped letters", json.dumps(text)[1:-1].encode()
    for data in {text.encode()[:24], text.encode("latin-1")[:24]}:
        for front in range(3):  # base64 of a value depends on where it stands
            for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
                whole = alphabet(b"\0" * front + data).rstrip(b"=")
                # Which letters hold nothing but the value: the first and the last may share theirs.
                start, end = -(-front * 4 // 3), (front + len(data)) * 8 // 6
                yield f"base64 from byte {front}", whole[start:end]


def found_in(data: bytes) -> list[tuple[str, str]]:
    """Kind and spelling of every planted value that stands in some bytes."""
    lower = data.lower()
    return [hit for start in range(0, len(lower), STEP) for hit in _found_in(lower[start : start + STEP + OVERLAP])]


STEP, OVERLAP, GRAM = 500_000, 4_000, 6


def _found_in(part: bytes) -> Iterator[tuple[str, str]]:
    there = {part[at : at + GRAM] for at in range(len(part))}  # most needles need not be looked for at all
    for kind, spelling, needle in needles():
        if needle[:GRAM] in there and needle[-GRAM:] in there and needle in part:
            yield kind, spelling


def found_in_files(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """What stands in which file, and in which name of one."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            hits = found_in(str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes())
            if hits:
                found[path.name] = hits
    return found


# The environment


SHOWN: dict[str, Callable[[str], str]] = {
    "phone": lambda value: f"+47{value}",
    "account": lambda value: f"{value[:4]}.{value[4:6]}.{value[6:]}",
}
"""How numbers show what they are where no name says it. Bare, they look like ids of the target."""


class Turns:
    """Goes through some values, over and over. showing: they show what they are."""

    def __init__(self, *kinds: str, showing: bool = False) -> None:
        shown = SHOWN if showing else {}
        self._values = [shown.get(kind, str)(value) for kind in kinds for value in KINDS[kind]]
        self.at = -1

    def __call__(self) -> str:
        self.at += 1
        return self._values[self.at % len(self._values)]


def things() -> dict[str, Thing]:
    """Resources whose declared members are full of planted values."""
    next_ = {kind: Turns(kind) for kind in KINDS}

    def message(number: int, owner: str) -> Thing:
        properties = {
            "MessageId": f"a{100_000 + number}",
            "Subject": next_["text"](),
            "Summary": f"{next_['text']()} {next_['person']()}",
            "Body": f"<p title='{next_['name']()}'>{next_['text']()}</p> {next_['mail']()}, {next_['phone']()}",
            "MessageSender": next_["name"](),
            "LastChangedBy": next_["name"](),
            "Type": "Correspondence",
            "ServiceCode": "5682",
            "LastChangedDateTime": f"2026-10-{number % 20 + 1:02d}T10:00:00",
        }
        own = f"{owner}/messages/a{100_000 + number}"
        attached = tuple(("attachment", f"{own}/attachments/{kind}") for kind in DOCUMENTS) if number == 0 else ()
        code = (("gui", f"{own}?code={next_['code']()}"),)
        return Thing("Message", properties, (("self", own), *attached, *code))

    def reportee(number: int) -> Thing:
        person, company = next_["person"](), next_["company"]()
        properties = {
            "ReporteeId": f"r{50_000 + number}",
            "Name": next_["name"](),
            "Type": "Foretak" if number % 2 else "Person",
            "SocialSecurityNumber": "" if number % 2 else person,
            "OrganizationNumber": company if number % 2 else "",
        }
        who = f"r{50_000 + number}" if number else person
        links = (("self", f"reportees/r{50_000 + number}"), ("messages", f"{who}/messages"))
        return Thing("Reportee", properties, links)

    mine = tuple(message(number, "my") for number in range(8))
    people = tuple(reportee(number) for number in range(12))
    theirs = tuple(message(20 + number, people[0].links[1][1].partition("/")[0]) for number in range(3))
    companies = tuple(
        Thing(
            "Organization",
            {"OrganizationNumber": value, "Name": next_["name"](), "Type": "Foretak"},
            (("self", f"organizations/{value}"),),
        )
        for value in KINDS["company"][:6]
    )
    profile = Thing(
        "MyProfile",
        {
            "Name": next_["name"](),
            "AddressLine1": next_["address"](),
            "AddressLine2": next_["address"](),
            "UserName": next_["user"](),
            "MobileNumber": next_["phone"](),
        },
        (("self", "my/profile"),),
    )
    return {
        "metadata": small.THINGS["metadata"],
        "my/messages": small.listing("messages", mine, "my/messages"),
        people[0].links[1][1].lower(): small.listing("messages", theirs, people[0].links[1][1]),
        "reportees": small.listing("reportees", people, "reportees"),
        "organizations": small.listing("organizations", companies, "organizations"),
        "my/profile": profile,
        **{one.links[0][1].lower(): one for one in (*small.SERVICES, *mine, *theirs, *people, *companies)},
        **{
            f"{mine[0].links[0][1]}/attachments/{kind}": Thing("Attachment", document=document)
            for kind, document in DOCUMENTS.items()
        },
    }


DOCUMENTS: dict[str, bytes] = {
    "1": b"%PDF-1.4 " + " ".join(value for _, value in ALL).encode("latin-1") + b"\x00\xff",
    "2": "\n".join(value for _, value in ALL).encode(),
    "3": "<html><title>{}</title><p>{}</p></html>".format(*KINDS["text"][:2]).encode(),
    "4": json.dumps({"Unheard": [value for _, value in ALL]}).encode("utf-16"),
    "5": b"PK\x03\x04" + " ".join(KINDS["name"]).encode(),
}
LABELS = {"1": "application/pdf", "2": "text/csv", "3": "text/html", "4": "application/json", "5": "application/zip"}


@dataclass
class Planted:
    """The environment. early: an error names somebody of whom a resource tells only later. counts: how many values
    went out in each place."""

    early: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._things = things()
        if self.early:
            self._things["my/profile"].properties["Name"] = LATER
        self._any = Turns(*KINDS, showing=True)
        self._form = Turns("person", "person of 2032", "mail", "token", "certificate", "given")

        self._name, self._cookie, self._user = Turns("name"), Turns("cookie"), Turns("user")
        self._number, self._code = Turns("person", "company"), Turns("code")
        self._phone, self._account = Turns("phone"), Turns("account")
        self._spelling = 0
        self._told: list[str] = []

    def answer(self, probe: Probe) -> Response:
        with patch.dict(small.THINGS, self._things, clear=True):
            said = small.kept(probe)
        path = small.path_of(probe)
        thing = self._things.get(path)
        if said.status >= 400:
            said = self._refused(said)
        elif thing is not None and thing.document and said.body:
            said = self._labelled(said, path[-1])
        elif thing is not None and thing.private and said.body and probe.method == "GET":
            said = self._filled(said)
            self._told += [value for kind in ("name", "text") for value in KINDS[kind] if value in said.body.decode()]
        return replace(said, headers=(*said.headers, *self._fields()))

    def _count(self, place: str, value: str) -> str:
        self.counts[place] = self.counts.get(place, 0) + 1
        return value

    def _spelled(self, place: str, value: str) -> str:
        """The value in the next spelling; what lets somebody in as it is, or in one that can be told."""
        names = list(SPELLINGS)
        self._spelling += 1
        name = names[self._spelling % len(names)]
        return self._count(f"{place}, {name}", SPELLINGS[name](value))

    def _filled(self, said: Response) -> Response:
        label = said.first("Content-Type") or ""
        text = said.body.decode()
        text = self._json(text) if "json" in label else self._xml(text)
        return replace(said, body=text.encode())

    def _json(self, text: str) -> str:
        front, brace, rest = text.partition("{")
        if not brace:
            return text
        members = {f"Unheard{at}": self._spelled("member", self._any()) for at in range(12)}
        members |= {f"Figure{at}": int(self._count("number", self._number())) for at in range(2)}  # type: ignore[misc]
        members |= {"phoneNumber": int(self._count("number", self._phone()))}  # type: ignore[dict-item]
        members |= {"kontonummer": self._count("member", self._account())}
        members |= {self._count("key", self._name()): "x", self._count("key", self._form()): "x"}
        members |= {"Lines": [self._count("list", self._any()), [self._count("list", self._any())]]}  # type: ignore[dict-item]
        members |= {"Wrapped": json.dumps({"Name": self._count("JSON in JSON", self._name())})}
        link = f"{ROOT}/x/{quote(self._count('link', self._form()))}?code={self._code()}&name={quote(self._name())}"
        return f'{front}{{{json.dumps(members)[1:-1]}, "Elsewhere": {json.dumps(link)}, {rest}'

    def _xml(self, text: str) -> str:
        at = text.index(">") + 1
        inside = "".join(
            f'<Unheard{number} c="{html.escape(self._spelled("attribute", self._any()))}">'
            f"{html.escape(self._spelled('element', self._any()))}</Unheard{number}>"
            for number in range(6)
        )
        form = self._spelled("comment", self._form()).replace("--", "")
        inside += f"<!-- {self._count('comment', self._name())} {form} -->"
        inside += f"<Unheard><![CDATA[{self._count('CDATA', self._any())}]]></Unheard>"
        inside += f"<Cut>{self._name()[:5]}<!-- -->{self._any()}</Cut>"
        inside += f"<?note {self._count('instruction', self._name())}?>"
        return text[:at] + inside + text[at:]

    def _labelled(self, said: Response, kind: str) -> Response:
        said = small.setting(said, "Content-Type", LABELS.get(kind, "application/pdf"))
        name = self._count("file name", self._name())
        return small.setting(
            said, "Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}.pdf; filename=\"{name}\""
        )

    def _refused(self, said: Response) -> Response:
        known = LATER if self.early else self._told[-1] if self._told else "somebody"
        words = {
            "Message": f"{self._spelled('error', self._form())} for {self._count('error', known)}",
            "Detail": f"ApiKey {self._spelled('error', KINDS['given'][0])}; Bearer {KINDS['given'][1]}",
            "Name": self._count("error, by name", self._name()),
        }
        reason = f"Not for {self._count('reason phrase', self._form()).splitlines()[0]}"
        if reason.endswith("-----"):
            reason = "Not Found"
        return replace(
            said,
            headers=(*said.headers, ("Content-Type", JSON)),
            body=json.dumps(words).encode(),
            reason=reason.encode(),
        )

    def _fields(self) -> tuple[tuple[str, str], ...]:
        return (
            ("Set-Cookie", f"ASP.NET_SessionId={self._count('cookie', self._cookie())}; path=/; HttpOnly"),
            ("X-Trace", self._spelled("header field", self._form()).replace("\n", " ")),
            ("X-Altinn-UserName", self._count("header field, by name", self._user())),
            ("Link", f"<{ROOT}/x?code={self._count('header link', self._code())}>; rel=more"),
        )


class PlantedTransport:
    """Sends probes to the environment by calling it."""

    immediate = True

    def __init__(self, environment: Planted) -> None:
        self._environment = environment

    async def send(self, probe: Probe) -> Outcome:
        said = self._environment.answer(probe)
        sent = (*probe.headers, ("X-Sent", KINDS["given"][0]), ("ApiKey", KINDS["given"][0]))
        return Outcome(said, None, sent, ("ApiKey",), time.time(), 0.01)

    async def aclose(self) -> None:
        pass


def session_with(environment: Planted, folder: Path, **more: object) -> Session:
    """A session that asks that environment as if it were a live target."""
    target = Target(TargetKind.LIVE, ROOT)
    means = Means(True, True, (Login.TOKEN,), small.ORIGINS)
    way = Way(
        target,
        means,
        PlantedTransport(environment),  # type: ignore[arg-type]
        replace(policy_for(target), rate=None, concurrency=4),
        Limits(requests=NIGHT * 500 + 110, places=40, pages=3),
        loopback=True,
        secrets=KINDS["given"],
    )
    settings = {"SAMSVAR_PSEUDONYM_KEY": "5a" * 32}
    order = Order(target=ROOT, journal=str(folder / "journal"), settings=settings, **more)  # type: ignore[arg-type]
    with patch("samsvar.running.sessions.way_to", lambda _: way):
        session = Session.of(order)
        session.gather()
    return session


def recorded(session: Session, folder: Path) -> Verdict:
    """Everything that can be written of a session: the journal is there already."""
    for id_ in sorted(session.selected):
        session.judge(id_)
    report = session.finish(session.ledger, str(folder / "results.json"))
    write(str(folder / "junit.xml"), junit_text(report), session.gate)
    write(str(folder / "report.sarif"), sarif_text(report), session.gate)
    write(str(folder / "report.html"), page_text(report, session.evidence.exchanges, KINDS["given"]), session.gate)
    (folder / "again.json").write_text(results_text(report))
    record(session, str(folder / "recording"))
    return report.verdict


def main(arguments: Iterable[str]) -> None:
    folder = Path(*arguments)
    session = session_with(Planted(), folder)
    recorded(session, folder)
    session.end()


if __name__ == "__main__":
    main(sys.argv[1:])
