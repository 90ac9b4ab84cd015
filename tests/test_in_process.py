"""An environment in this process is asked as one behind a socket is, and lies as visibly."""

import asyncio
import gzip
from dataclasses import dataclass
from enum import StrEnum

import pytest

from samsvar.model.exchange import Fields, Login, Probe, Stage
from samsvar.world.addresses import Origin
from samsvar.world.credentials import Vault
from samsvar.world.dress import ClientCertificate, Person
from samsvar.world.in_process import InProcessTransport
from samsvar.world.transport import Outcome

ROOT = "https://miniature.samsvar.example/api"
HOME = Origin("https", "miniature.samsvar.example", 443)


class Word(StrEnum):
    HONEST = "honest"
    CHUNKED = "chunked"
    TRUNCATED = "truncated"
    CUT_CHUNKS = "cut-chunks"
    CUT_GZIP = "cut-gzip"


@dataclass(frozen=True)
class Question:
    method: str
    target: str
    headers: Fields
    body: bytes
    certificate: str | None


@dataclass(frozen=True)
class Said:
    status: int = 200
    headers: Fields = ()
    body: bytes = b""
    framing: Word = Word.HONEST
    reason: bytes = "P\u00e5krevd".encode("latin-1")


class Here:
    """Answers every question with the same, and remembers them."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.asked: list[Question] = []

    def answer(self, ask: Question) -> Said:
        self.asked.append(ask)
        return self.said


def vault() -> Vault:
    return Vault(
        HOME, api_key="k", token="t", person=Person("a", "b"), certificate=ClientCertificate(subject="VIRKSOMHET")
    )


def ask(here: Here, *probes: Probe) -> list[Outcome]:
    async def run() -> list[Outcome]:
        transport = InProcessTransport(here, Question, ROOT, vault())
        return [await transport.send(probe) for probe in probes]

    return asyncio.run(run())


def test_what_is_asked_is_what_a_socket_would_have_carried() -> None:
    here = Here(Said())
    ask(here, Probe("read", ROOT + "/my/messages?$top=1", headers=(("Accept", "a/b"),)))
    fields = (
        ("Host", "miniature.samsvar.example"),
        ("Accept", "a/b"),
        ("Accept-Encoding", "gzip"),
        ("User-Agent", "samsvar/1 (contract test harness)"),
        ("ApiKey", "k"),
        ("Authorization", "Bearer t"),
    )
    assert here.asked == [Question("GET", "/api/my/messages?$top=1", fields, b"", None)]


def test_a_certificate_is_shown_with_its_login_only() -> None:
    here = Here(Said())
    ask(here, Probe("read", ROOT + "/x", login=Login.CERTIFICATE), Probe("read", ROOT + "/x"))
    assert [(one.target, one.certificate) for one in here.asked] == [
        ("/api/x?ForceEIAuthentication", "VIRKSOMHET"),
        ("/api/x", None),
    ]


def test_signing_in_happens_once_and_its_cookie_is_sent() -> None:
    here = Here(Said(headers=(("Set-Cookie", ".ASPXAUTH=c; path=/"),)))
    ask(here, *[Probe("read", ROOT + "/x", login=Login.PASSWORD)] * 2)
    assert [one.method for one in here.asked] == ["POST", "GET", "GET"]
    assert here.asked[0].target == "/api/authentication/authenticatewithpassword"
    assert ("Cookie", ".ASPXAUTH=c") in here.asked[2].headers


def test_another_origin_is_never_asked() -> None:
    here = Here(Said())
    outcome = ask(here, Probe("follow", "https://www.altinn.no/api"))[0]
    assert outcome.failure is not None and outcome.failure.stage is Stage.REFUSED
    assert not here.asked


PACKED = gzip.compress(b"abc" * 100)
TEN = (("Content-Length", "10"),)
LIES = {
    "announced too much": (Said(body=b"abc", headers=TEN), Stage.FRAMING),
    "announced too little": (Said(body=b"a" * 11, headers=TEN), Stage.FRAMING),
    "truncated by the server": (Said(body=b"a" * 10, headers=TEN, framing=Word.TRUNCATED), Stage.FRAMING),
    "truncated already": (Said(body=b"a" * 4, headers=TEN, framing=Word.TRUNCATED), Stage.FRAMING),
    "no last chunk": (Said(body=b"abc", framing=Word.CUT_CHUNKS), Stage.FRAMING),
    "gzip cut": (
        Said(body=PACKED[:-9], headers=(("Content-Encoding", "gzip"),), framing=Word.CUT_GZIP),
        Stage.ENCODING,
    ),
    "gzip cut quietly": (Said(body=PACKED[:-9], headers=(("Content-Encoding", "gzip"),)), Stage.ENCODING),
    "two lengths": (Said(body=b"a" * 10, headers=(*TEN, ("content-length", "11"))), Stage.FRAMING),
}


@pytest.mark.parametrize(("said", "stage"), LIES.values(), ids=LIES.keys())
def test_a_lie_about_the_body_is_told(said: Said, stage: Stage) -> None:
    failure = ask(Here(said), Probe("read", ROOT))[0].failure
    assert failure is not None and failure.stage is stage


def test_an_honest_answer_is_a_response() -> None:
    said = Said(body=PACKED, headers=(("Content-Encoding", "gzip"), ("Content-Length", str(len(PACKED)))))
    response = ask(Here(said), Probe("read", ROOT))[0].response
    assert response is not None
    assert (response.body, response.wire_length, response.phrase) == (b"abc" * 100, len(PACKED), "P\u00e5krevd")


def test_an_answer_to_head_tells_a_length_and_carries_nothing() -> None:
    honest, lying = (
        ask(Here(said), Probe("head", ROOT, method="HEAD"))[0] for said in (Said(headers=TEN), Said(body=b"a"))
    )
    assert honest.response is not None
    assert lying.failure is not None and lying.failure.stage is Stage.FRAMING
