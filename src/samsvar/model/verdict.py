"""What a judgement is: findings at places, outcomes of guarantees, the verdict of a run."""

from dataclasses import dataclass
from enum import StrEnum

from samsvar.model.contract import Guarantee
from samsvar.model.exchange import NotVisited, Provenance, Target
from samsvar.model.walk import Walked


class Sight(StrEnum):
    """What was seen of a guarantee at one place."""

    MET = "MET"
    UNMET = "UNMET"
    UNSEEN = "UNSEEN"


class Unseen(StrEnum):
    """Why something was not seen."""

    UNTESTED = "untested"
    INAPPLICABLE = "inapplicable"  # an observation proves that there is nothing to see
    UNSTABLE = "unstable"  # the same question got different answers, unexplained


class Cause(StrEnum):
    """Whose it is."""

    TARGET = "target"
    CONFIGURATION = "configuration"  # key, token, origin, wrong root
    ENVIRONMENT = "environment"  # network, TLS, clock
    HARNESS = "harness"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about one guarantee at one place, with the exchanges (numbers) that show it."""

    sight: Sight
    because: str = ""
    place: str = ""
    path: str = ""
    url: str = ""
    format: str = ""
    expected: str = ""
    observed: str = ""
    cause: Cause = Cause.TARGET
    exchanges: tuple[int, ...] = ()
    unseen: Unseen = Unseen.UNTESTED


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    DISCOURAGED = "discouraged"
    NOTED = "noted"
    UNTESTED = "untested"
    INAPPLICABLE = "inapplicable"
    UNSTABLE = "unstable"
    WAIVED = "waived"


class Verdict(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    INCONCLUSIVE = "inconclusive"


EXIT_CODES = {Verdict.KEPT: 0, Verdict.BROKEN: 1, Verdict.INCONCLUSIVE: 3}


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known failure that is accepted until its last day (ISO date, inclusive)."""

    guarantee: str
    owner: str
    reason: str
    ticket: str
    until: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of one guarantee. asked: how many observations could have failed. findings: what is worth telling
    (every UNMET, and for an untested or inapplicable outcome why). because: one line that sums up."""

    guarantee: Guarantee
    outcome: Outcome
    asked: int
    findings: tuple[Finding, ...] = ()
    because: str = ""
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says. seconds is the only figure that two equal runs may differ in. recording: where a
    cassette comes from; age: its days today (None where it tells no instant). walked: which relations were walked."""

    samsvar: str
    contract: str
    profile: str
    target: Target
    verdict: Verdict
    because: str
    judgements: tuple[Judgement, ...]
    requests: int
    seconds: float
    places: tuple[tuple[str, int], ...]
    requests_by_question: tuple[tuple[str, int], ...] = ()
    not_visited: tuple[NotVisited, ...] = ()
    notes: tuple[str, ...] = ()
    recording: Provenance | None = None
    age: int | None = None
    walked: tuple[Walked, ...] = ()
