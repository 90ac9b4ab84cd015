"""CORS-9, and a part of CORS-10: what script can read in a real browser. The browser decides; here only its word is
told.

A browser that does not ask, or that keeps an answer from script by other rules than CORS (mixed content, local
network), has shown nothing of the target.
"""

from collections.abc import Iterable, Mapping

from samsvar.logic.asking.browsing import KEPT_FROM, READABLE
from samsvar.logic.asking.cross_origin import WARNING
from samsvar.logic.findings import answered, met, unmet, unseen
from samsvar.logic.judging import Rule
from samsvar.logic.judging.access import BUSY_SAID, busy
from samsvar.logic.observing import Observed
from samsvar.logic.reading import Reading
from samsvar.model.exchange import Login, Stage
from samsvar.model.verdict import Cause, Finding, Sight

OURS: Mapping[Stage, Cause] = {
    Stage.REFUSED: Cause.CONFIGURATION,
    Stage.LOGIN: Cause.CONFIGURATION,
    Stage.LIMIT: Cause.HARNESS,
    Stage.NOT_RECORDED: Cause.HARNESS,
    Stage.INTERRUPTED: Cause.HARNESS,
}
"""Whose it is that a browser has shown nothing; of the other failures it is the environment's."""


def script_reads(observed: Observed) -> Iterable[Finding]:
    """CORS-9: script on a page of a registered origin reads the answer, script of another origin does not. Where it
    was not seen that anybody can read or should have, that others cannot shows nothing."""
    readable = [_read(observed, reading) for reading in observed.asked(READABLE)]
    yield from readable
    shown = any(one.sight is not Sight.UNSEEN for one in readable)
    for finding in map(_kept, observed.asked(KEPT_FROM)):
        if shown or finding.sight is not Sight.MET:
            yield finding


def _page(reading: Reading) -> str:
    return reading.probe.header("Origin") or ""


def _unshown(reading: Reading) -> Finding:
    """The browser gave no answer and no refusal of the target's."""
    failure = reading.exchange.failure
    cause = OURS.get(failure.stage, Cause.ENVIRONMENT) if failure is not None else Cause.HARNESS
    return unseen(answered(reading), reading, cause=cause)


def _read(observed: Observed, reading: Reading) -> Finding:
    failure = reading.exchange.failure
    if failure is not None and failure.stage is Stage.SHARING:
        return unmet(
            f"script on a page of {_page(reading)} cannot read the answer",
            reading,
            expected="script reads it",
            observed=failure.because,
        )
    if reading.response is None:
        return _unshown(reading)
    if busy(reading):
        return unseen(BUSY_SAID, reading)
    if reading.ok:
        return met(reading)
    otherwise = _without_browser(observed, reading)
    if otherwise is None:
        return unseen(f"script was answered {answered(reading)}, and nobody else got more", reading)
    return unmet(
        f"script on a page of {_page(reading)} is refused what others with the same login get",
        reading,
        otherwise,
        expected=answered(otherwise),
        observed=answered(reading),
    )


def _without_browser(observed: Observed, reading: Reading) -> Reading | None:
    """A good answer to the same question with the same login when samsvar itself put it."""
    probe = reading.probe
    logins = {probe.login} if probe.login in (Login.NONE, Login.NO_LOGIN) else {probe.login, Login.GIVEN}
    for one in observed.readings:
        alike = one.probe.url == probe.url and one.probe.header("Accept") == probe.header("Accept")
        if alike and one.ok and one.probe.login in logins and one.probe.method == probe.method:
            return one
    return None


def _kept(reading: Reading) -> Finding:
    failure = reading.exchange.failure
    if failure is not None and failure.stage is Stage.SHARING:
        return met(reading)
    if reading.response is None:
        return _unshown(reading)
    kind = reading.probe.about
    return unmet(
        f"script on a page of {_page(reading)} ({kind}) reads the answer",
        reading,
        expected="the browser keeps it from script",
        observed=f"script read {answered(reading)}",
    )


RULES: Mapping[str, Rule] = {"CORS-9": script_reads}


def script_sees_the_warning(observed: Observed) -> Iterable[Finding]:
    """CORS-10, by what script saw: where it could read the list, it sees the field by which the list says that it was
    cut short."""
    for reading in observed.asked(READABLE):
        if reading.probe.about != WARNING or reading.response is None or not reading.ok:
            continue
        if reading.response.first(WARNING) is not None:
            yield met(reading)
        else:
            names = ", ".join(name for name, _ in reading.response.headers) or "none"
            yield unmet(f"script in a browser does not see {WARNING}", reading, expected=WARNING, observed=names)


CONTRIBUTIONS: Mapping[str, Rule] = {"CORS-10": script_sees_the_warning}
