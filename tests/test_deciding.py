"""Outcomes and verdicts: the tables are total, and nothing is green that was not seen."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product

import pytest
from stage import ROOT

from samsvar.logic.deciding import NEEDS, days_since, decide, judge, too_old, unbound, verdict
from samsvar.logic.observing import Observed
from samsvar.model.contract import Access, Contract, Entry, Guarantee, Level, Profile, ResourceType
from samsvar.model.exchange import Exchange, Failure, Means, Probe, Response, Stage, Target, TargetKind
from samsvar.model.verdict import EXIT_CODES, Cause, Finding, Judgement, Outcome, Sight, Unseen, Verdict, Waiver

CONTRACT = Contract(
    "test",
    "1",
    {},
    {"Open": ResourceType("Open", access=Access.OPEN), "Private": ResourceType("Private", access=Access.USER)},
    (),
    (Entry("open", "open", "Open", ""), Entry("private", "private", "Private", "my")),
    {},
    {},
)
MET, UNMET = Finding(Sight.MET), Finding(Sight.UNMET, "wrong", place="Message 1")
UNTESTED = Finding(Sight.UNSEEN, "not asked")
INAPPLICABLE = Finding(Sight.UNSEEN, "none there", unseen=Unseen.INAPPLICABLE)
UNSTABLE = Finding(Sight.UNSEEN, "moves", unseen=Unseen.UNSTABLE)


def seen(*said: tuple[str, Response | Failure], means: Means | None = None) -> Observed:
    observed = Observed(CONTRACT, Profile("test"), Target(TargetKind.LIVE, ROOT), means or Means(True, True))
    for number, (name, answer) in enumerate(said, 1):
        response, failure = (answer, None) if isinstance(answer, Response) else (None, answer)
        type_name = "Open" if name == "open" else "Private"
        probe = Probe("read", f"{ROOT}/{name}", type=type_name, path=name)
        observed.add(Exchange(number, probe, response, failure))
    return observed


def guarantee(level: Level = Level.MUST, **more: object) -> Guarantee:
    return Guarantee("TEST-1", level, {"en": "it is so"}, ("a test",), **more)  # type: ignore[arg-type]


OUTCOMES = {
    (): Outcome.UNTESTED,
    (MET,): Outcome.KEPT,
    (MET, UNTESTED): Outcome.KEPT,
    (MET, INAPPLICABLE): Outcome.KEPT,
    (MET, UNSTABLE): Outcome.UNSTABLE,
    (UNSTABLE,): Outcome.UNSTABLE,
    (UNTESTED,): Outcome.UNTESTED,
    (INAPPLICABLE,): Outcome.INAPPLICABLE,
    (INAPPLICABLE, UNTESTED): Outcome.UNTESTED,
    (UNMET,): Outcome.BROKEN,
    (MET, UNMET): Outcome.BROKEN,
    (UNMET, UNSTABLE): Outcome.BROKEN,
}


@pytest.mark.parametrize("findings", OUTCOMES, ids=lambda f: "+".join(str(one.sight) for one in f) or "nothing")
def test_findings_give_one_outcome(findings: tuple[Finding, ...]) -> None:
    assert decide(guarantee(), findings, seen()).outcome is OUTCOMES[findings]


@pytest.mark.parametrize("findings", list(product((MET, UNMET, UNTESTED, INAPPLICABLE, UNSTABLE), repeat=3)))
def test_only_an_observation_that_could_have_failed_keeps_a_guarantee(findings: tuple[Finding, ...]) -> None:
    kept = decide(guarantee(), findings, seen()).outcome is Outcome.KEPT
    assert kept == (MET in findings and UNMET not in findings and UNSTABLE not in findings)


@pytest.mark.parametrize(
    ("level", "outcome"),
    [(Level.MUST, Outcome.BROKEN), (Level.SHOULD, Outcome.DISCOURAGED), (Level.MAY, Outcome.NOTED)],
)
def test_the_level_decides_what_a_failure_is_called(level: Level, outcome: Outcome) -> None:
    assert decide(guarantee(level), (MET, UNMET), seen()).outcome is outcome


def test_missing_evidence_keeps_nothing() -> None:
    observed = seen()
    observed.missing = (3,)
    assert decide(guarantee(), (MET,), observed).outcome is Outcome.UNTESTED
    assert decide(guarantee(), (UNMET,), observed).outcome is Outcome.BROKEN


def test_a_waiver_covers_its_place_only() -> None:
    waiver = Waiver("TEST-1", "me", "known", "T-1", "2099-01-01", "Message 1")
    other = Finding(Sight.UNMET, "wrong", place="Message 2")
    assert decide(guarantee(), (MET, UNMET), seen(), (waiver,)).outcome is Outcome.WAIVED
    assert decide(guarantee(), (UNMET, other), seen(), (waiver,)).outcome is Outcome.BROKEN


def test_a_rule_that_crashes_is_untested_and_said_aloud() -> None:
    def crash(observed: Observed) -> Iterable[Finding]:
        raise KeyError("oops")

    found = judge(guarantee(), crash, seen())
    assert (found.outcome, found.cause) == (Outcome.UNTESTED, Cause.HARNESS)
    assert "oops" in found.because
    assert verdict({"TEST-1": found}, Profile("test"), seen(("open", Response(200))))[0] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("need", NEEDS)
def test_what_was_not_given_is_named(need: str) -> None:
    found = judge(guarantee(needs=(need,)), lambda observed: [MET], seen(means=Means()))
    assert found.outcome is Outcome.UNTESTED
    assert NEEDS[need] in found.because


def test_a_guarantee_that_no_test_judged_is_untested() -> None:
    assert unbound(guarantee()).outcome is Outcome.UNTESTED
    assert judge(guarantee(), None, seen()).outcome is Outcome.UNTESTED


def judged(outcome: Outcome, level: Level = Level.MUST) -> dict[str, Judgement]:
    return {"TEST-1": Judgement(guarantee(level), outcome, 1)}


ALL_WELL = (("open", Response(200)), ("private", Response(200)))


@pytest.mark.parametrize(("outcome", "level"), list(product(Outcome, Level)))
def test_every_outcome_gives_a_verdict(outcome: Outcome, level: Level) -> None:
    found, because = verdict(judged(outcome, level), Profile("test"), seen(*ALL_WELL))
    assert because
    assert EXIT_CODES[found] in (0, 1, 3)
    assert (found is Verdict.BROKEN) == (outcome is Outcome.BROKEN and level is Level.MUST)


@pytest.mark.parametrize("outcome", [Outcome.UNTESTED, Outcome.UNSTABLE])
def test_a_floor_that_was_not_tested_is_inconclusive(outcome: Outcome) -> None:
    floor = Profile("test", tested=("TEST-1",))
    assert verdict(judged(outcome), floor, seen(*ALL_WELL))[0] is Verdict.INCONCLUSIVE
    assert verdict(judged(Outcome.KEPT), floor, seen(*ALL_WELL))[0] is Verdict.KEPT


def test_too_few_places_are_inconclusive() -> None:
    few = Profile("test", places={"Private": 5})
    assert verdict(judged(Outcome.KEPT), few, seen(*ALL_WELL))[0] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((("open", Response(404)), ("private", Response(410))), "retired"),
        (
            (("open", Failure(Stage.DNS, "no such name")), ("private", Failure(Stage.DNS, "no such name"))),
            "no such name",
        ),
        ((("open", Response(200)), ("private", Response(401, reason=b"expired"))), "expired"),
        (
            (("open", Response(200)), ("private", Response(400, reason=b"Required header 'ApiKey' is missing."))),
            "ApiKey",
        ),
    ],
)
def test_a_target_that_cannot_be_judged_is_inconclusive_and_named(
    said: tuple[tuple[str, Response]], reason: str
) -> None:
    found, because = verdict(judged(Outcome.KEPT), Profile("test"), seen(*said))
    assert found is Verdict.INCONCLUSIVE
    assert reason in because


def test_a_run_that_was_stopped_is_inconclusive() -> None:
    observed = seen(*ALL_WELL)
    observed.stopped = "interrupted"
    assert verdict(judged(Outcome.KEPT), Profile("test"), observed)[0] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("recorded", "age"),
    [
        ("2026-11-24T12:00:00+00:00", 0),
        ("2026-11-23T12:00:01+00:00", 0),
        ("2026-11-23T12:00:00Z", 1),
        ("2026-11-24T13:30:00+02:00", 0),
        ("2026-10-14", 41),
        ("2026-12-24", 0),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_recording_has_the_whole_days_since_it_was_made(recorded: str, age: int | None) -> None:
    assert days_since(recorded, datetime(2026, 11, 24, 12, tzinfo=UTC)) == age


@pytest.mark.parametrize(
    ("greatest", "age", "why"),
    [(None, 4_000, ""), (None, None, ""), (90, 90, ""), (90, 91, "91 days old"), (90, None, "does not say when")],
)
def test_a_recording_older_than_the_profile_takes_proves_nothing(
    greatest: int | None, age: int | None, why: str
) -> None:
    found = too_old(Profile("test", greatest_age=greatest), age)
    assert (why in found) if why else found == ""
