"""A recording answers what it was asked, and nothing else."""

import asyncio

import pytest

from samsvar.model.exchange import Failure, Fields, Login, Probe, Response, Stage
from samsvar.world.replay import Recorded, ReplayTransport, normalised
from samsvar.world.transport import Outcome

URL = "https://www.altinn.no/api/metadata"
JSON: Fields = (("Accept", "application/json"),)


def recorded(body: bytes, **about: object) -> Recorded:
    return Recorded("GET", URL, Response(200, body=body), **{"fields": JSON, **about})  # type: ignore[arg-type]


def probe(**about: object) -> Probe:
    return Probe("read", URL, **{"headers": JSON, **about})  # type: ignore[arg-type]


def ask(transport: ReplayTransport, *probes: Probe) -> list[bytes | Stage]:
    async def run() -> list[Outcome]:
        return [await transport.send(one) for one in probes]

    return [
        outcome.response.body if outcome.response else outcome.failure.stage  # type: ignore[union-attr]
        for outcome in asyncio.run(run())
    ]


def test_what_was_recorded_is_answered() -> None:
    assert ask(ReplayTransport([recorded(b"a")]), probe()) == [b"a"]


@pytest.mark.parametrize(
    "other",
    [
        probe(method="HEAD"),
        probe(headers=()),
        probe(headers=(("Accept", "application/xml"),)),
        probe(headers=(("Accept", "application/JSON"),)),
        probe(headers=(*JSON, ("Origin", "https://www.eksempel.no"))),
        probe(headers=(*JSON, ("If-None-Match", '"1"'))),
        probe(headers=(*JSON, ("Access-Control-Request-Method", "GET"))),
        probe(login=Login.NONE),
        Probe("read", URL + "?language=1044", headers=JSON),
        Probe("read", URL + "/", headers=JSON),
    ],
)
def test_another_question_is_not_answered(other: Probe) -> None:
    assert ask(ReplayTransport([recorded(b"a")]), other) == [Stage.NOT_RECORDED]


def test_what_is_not_decisive_does_not_matter() -> None:
    fields = (("User-Agent", "x"), ("accept", " application/json "), ("Accept-Encoding", "gzip"))
    assert ask(ReplayTransport([recorded(b"a")]), probe(headers=fields)) == [b"a"]


def test_the_same_question_gets_the_recorded_answers_in_turn_and_then_the_last() -> None:
    transport = ReplayTransport([recorded(b"a"), recorded(b"b")])
    assert ask(transport, *[probe()] * 4) == [b"a", b"b", b"b", b"b"]


def test_a_question_is_answered_by_what_was_recorded_for_it() -> None:
    transport = ReplayTransport([recorded(b"a", question="read"), recorded(b"b", question="again", about="x")])
    again = Probe("again", URL, about="x", headers=JSON)
    assert ask(transport, again, probe(), again, Probe("other", URL, headers=JSON)) == [b"b", b"a", b"b", b"a"]


def test_a_recorded_failure_is_a_failure() -> None:
    one = Recorded("GET", URL, Failure(Stage.FRAMING, "cut"), JSON)
    assert ask(ReplayTransport([one]), probe()) == [Stage.FRAMING]


@pytest.mark.parametrize(
    "same",
    [
        "HTTPS://WWW.ALTINN.NO/api/metadata",
        "https://www.altinn.no:443/api/metadata",
        "https://www.altinn.no/api/%6Detadata",
        "https://www.altinn.no/api/metadata#top",
    ],
)
def test_spellings_of_one_url_are_one(same: str) -> None:
    assert normalised(same) == normalised(URL)


@pytest.mark.parametrize(
    "other",
    [
        "https://www.altinn.no/api/Metadata",
        "https://www.altinn.no/api/meta%2Fdata",
        "http://www.altinn.no/api/metadata",
    ],
)
def test_other_urls_stay_other(other: str) -> None:
    assert normalised(other) != normalised(URL)
