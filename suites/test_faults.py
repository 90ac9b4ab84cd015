"""Faults are told honestly."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("HTTP-1")
def test_faults_are_told_by_status(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("HTTP-2")
def test_framing_is_honest(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("HTTP-3")
def test_an_error_says_what_is_wrong_and_shows_no_insides(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("HTTP-4")
def test_validators_that_are_offered_work(judged: Judged) -> None:
    assert judged.holds, judged.explanation
