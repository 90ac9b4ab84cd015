"""How a rule says what it saw: MET, UNMET or UNSEEN at a place, with the readings that show it."""

from samsvar.logic.observing import Visit
from samsvar.logic.reading import Reading
from samsvar.model.exchange import Login
from samsvar.model.verdict import Cause, Finding, Sight, Unseen

MOST_SHOWN = 200
"""Characters of a value that a finding quotes."""


def shown(value: object) -> str:
    """A value as a finding quotes it: one line, not too long."""
    text = (
        " ".join(str(value).split("\n"))
        if not isinstance(value, str)
        else value.replace("\r", "\\r").replace("\n", "\\n")
    )
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}... ({len(text)} characters)"


def met(*readings: Reading, because: str = "", place: str = "") -> Finding:
    """An observation that could have failed and did not."""
    return _finding(Sight.MET, because, readings, place=place)


def unmet(
    because: str,
    *readings: Reading,
    expected: object = "",
    observed: object = "",
    place: str = "",
    format: str = "",
    cause: Cause = Cause.TARGET,
) -> Finding:
    """An observation that shows the guarantee not met: what is wrong as one sentence, what was expected and seen."""
    return _finding(
        Sight.UNMET, because, readings, expected=expected, observed=observed, place=place, format=format, cause=cause
    )


def unseen(
    because: str, *readings: Reading, why: Unseen = Unseen.UNTESTED, place: str = "", cause: Cause = Cause.TARGET
) -> Finding:
    """Nothing could be told, and why: untested, inapplicable (proved by the readings) or unstable."""
    return _finding(Sight.UNSEEN, because, readings, place=place, cause=cause, why=why)


def unstable(visit: Visit) -> Finding:
    """A place that did not hold still however often it was read."""
    return _finding(
        Sight.UNSEEN,
        "the place gave different answers to the same question each time it was read",
        tuple(visit.latest.values()),
        place=str(visit.place),
        why=Unseen.UNSTABLE,
    )


def _finding(
    sight: Sight,
    because: str,
    readings: tuple[Reading, ...],
    *,
    expected: object = "",
    observed: object = "",
    place: str = "",
    format: str = "",
    cause: Cause = Cause.TARGET,
    why: Unseen = Unseen.UNTESTED,
) -> Finding:
    first = readings[0] if readings else None
    probe = first.probe if first else None
    return Finding(
        sight=sight,
        because=because,
        place=place or (str(probe.place or probe.type) if probe else ""),
        path=probe.path if probe else "",
        url=probe.url if probe else "",
        format=format or ((first.asked or first.label) if first else ""),
        expected=shown(expected) if expected != "" else "",
        observed=shown(observed) if observed != "" else "",
        cause=cause,
        exchanges=tuple(reading.number for reading in readings),
        unseen=why,
    )


def answered(reading: Reading) -> str:
    """What came, in a few words: "200 application/json", "connection: reset"."""
    if reading.response is None:
        failure = reading.exchange.failure
        return f"{failure.stage.value}: {failure.because}" if failure else "nothing"
    phrase = f" {reading.response.phrase}" if reading.response.phrase else ""
    return f"{reading.status}{phrase} {reading.label}".strip()


def refused_credentials(reading: Reading) -> bool:
    """The answer refuses the credentials that the run was given (401, 403, a login page, 400 about the key)."""
    if reading.probe.login is not Login.GIVEN or reading.response is None:
        return False
    about_key = reading.status == 400 and "apikey" in reading.response.phrase.lower()
    return reading.status in (401, 403) or about_key or (reading.ok and reading.page_for_people)
