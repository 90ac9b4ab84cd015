"""From findings to outcomes to the verdict (DESIGN 3), by total tables."""

import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from samsvar.logic.judging import Rule
from samsvar.logic.observing import Observed
from samsvar.model.contract import Guarantee, Level, Profile
from samsvar.model.exchange import Client
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Sight, Unseen, Verdict, Waiver

UNMET_OUTCOMES = {Level.MUST: Outcome.BROKEN, Level.SHOULD: Outcome.DISCOURAGED, Level.MAY: Outcome.NOTED}

NEEDS = {
    "key": "an ApiKey (SAMSVAR_API_KEY)",
    "login": "a login (SAMSVAR_TOKEN, or SAMSVAR_USERNAME and SAMSVAR_PASSWORD, or SAMSVAR_CLIENT_CERT)",
    "origin": "a registered origin (--origin)",
    "browser": "a real browser (pip install 'samsvar[browser]', and Chromium: apt-get install chromium, or Chrome)",
    "unsafe": "leave to use unsafe methods (--unsafe-methods)",
    "second-login": "two or more ways to log in",
    "two-snapshots": "two snapshots to compare (samsvar compare)",
}
"""What a run may have to be given, in words."""


def lacking(guarantee: Guarantee, observed: Observed) -> tuple[str, ...]:
    """What the guarantee needs and the run was not given."""
    means = observed.means
    given = {
        "key": means.key,
        "login": means.login,
        "origin": bool(means.origins),
        "browser": Client.BROWSER in means.clients,
        "unsafe": means.unsafe,
        "second-login": len(means.logins) > 1,
        "two-snapshots": False,
    }
    return tuple(need for need in guarantee.needs if not given[need])


def judge(guarantee: Guarantee, rule: Rule | None, observed: Observed, waivers: Iterable[Waiver] = ()) -> Judgement:
    """The outcome of one guarantee on what was observed. ``waivers`` are those in force today."""
    if guarantee.excluded:
        return _untold(guarantee, f"cannot be seen from outside: {guarantee.excluded}", Cause.HARNESS)
    needs = lacking(guarantee, observed)
    if needs:
        said = " and ".join(NEEDS[need] for need in needs)
        return _untold(guarantee, f"needs {said}, which this run was not given", Cause.CONFIGURATION)
    if guarantee.not_yet or rule is None:
        return _untold(guarantee, guarantee.not_yet or "no rule is bound to it", Cause.HARNESS)
    try:
        findings = tuple(rule(observed))
    except Exception as error:  # noqa: BLE001 - a rule that crashes has told nothing: untested, said aloud (F42)
        last = traceback.extract_tb(error.__traceback__)[-1]
        because = f"the rule failed: {type(error).__name__}: {error} ({last.name}, line {last.lineno})"
        return _untold(guarantee, because, Cause.HARNESS)
    return decide(guarantee, findings, observed, tuple(waivers))


def decide(
    guarantee: Guarantee, findings: tuple[Finding, ...], observed: Observed, waivers: tuple[Waiver, ...] = ()
) -> Judgement:
    """The outcome that a guarantee's findings give."""
    unmet = tuple(one for one in findings if one.sight is Sight.UNMET)
    accepted = tuple(one for one in unmet if any(_waives(waiver, guarantee, one) for waiver in waivers))
    open_ones = tuple(one for one in unmet if one not in accepted)
    asked = sum(one.sight is not Sight.UNSEEN for one in findings)
    unseen = Counter(one.unseen for one in findings if one.sight is Sight.UNSEEN)
    told = tuple(one for one in findings if one.sight is Sight.UNSEEN)
    if open_ones:
        because = f"{len(open_ones)} of {asked} observations are not met"
        return Judgement(guarantee, UNMET_OUTCOMES[guarantee.level], asked, unmet, because, _cause(open_ones))
    if accepted:
        used = [waiver for waiver in waivers if any(_waives(waiver, guarantee, one) for one in accepted)]
        because = "; ".join(f"waived until {one.until}: {one.reason} ({one.owner}, {one.ticket})" for one in used)
        return Judgement(guarantee, Outcome.WAIVED, asked, unmet, because, _cause(accepted))
    if observed.missing:
        return _untold(guarantee, f"evidence is missing: exchanges {_some(observed.missing)}", Cause.HARNESS, asked)
    if unseen[Unseen.UNSTABLE]:
        because = f"{unseen[Unseen.UNSTABLE]} places gave different answers to the same question"
        return Judgement(guarantee, Outcome.UNSTABLE, asked, told, because, Cause.TARGET)
    if asked:
        return Judgement(guarantee, Outcome.KEPT, asked)
    if unseen[Unseen.INAPPLICABLE] and not unseen[Unseen.UNTESTED]:
        return Judgement(guarantee, Outcome.INAPPLICABLE, 0, told, told[0].because, Cause.TARGET)
    return _untold(guarantee, _reasons(told) or _nothing(observed), _cause(told) or Cause.TARGET, findings=told)


def _untold(
    guarantee: Guarantee, because: str, cause: Cause, asked: int = 0, findings: tuple[Finding, ...] = ()
) -> Judgement:
    return Judgement(guarantee, Outcome.UNTESTED, asked, findings, because, cause)


def unbound(guarantee: Guarantee) -> Judgement:
    """The outcome of a guarantee that no test judged."""
    reason = f"cannot be seen from outside: {guarantee.excluded}" if guarantee.excluded else "no test judged it"
    return _untold(guarantee, reason, Cause.HARNESS)


def _waives(waiver: Waiver, guarantee: Guarantee, finding: Finding) -> bool:
    return waiver.guarantee == guarantee.id and waiver.place in ("", finding.place)


def _cause(findings: tuple[Finding, ...]) -> Cause | None:
    """The most frequent cause of findings that are not met."""
    counts = Counter(one.cause for one in findings)
    return counts.most_common(1)[0][0] if counts else None


def _reasons(findings: tuple[Finding, ...]) -> str:
    return "; ".join(dict.fromkeys(one.because for one in findings[:3]))


def _nothing(observed: Observed) -> str:
    return f"nothing was seen: {observed.stopped}" if observed.stopped else "nothing was seen that could have failed"


def _some(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")


def verdict(judgements: Mapping[str, Judgement], profile: Profile, observed: Observed) -> tuple[Verdict, str]:
    """The verdict of a run and the one line that gives its reason."""
    must = [one for one in judgements.values() if one.guarantee.level is Level.MUST]
    broken = [one.guarantee.id for one in must if one.outcome is Outcome.BROKEN]
    if broken:
        return Verdict.BROKEN, f"{len(broken)} MUST guarantees are broken: {', '.join(broken)}"
    if observed.missing:
        return Verdict.INCONCLUSIVE, f"evidence is missing: exchanges {_some(observed.missing)}"
    reason = retired(observed) or refused(observed) or _stopped(observed)
    if reason:
        return Verdict.INCONCLUSIVE, reason
    unstable = [one.guarantee.id for one in must if one.outcome is Outcome.UNSTABLE]
    if unstable:
        return Verdict.INCONCLUSIVE, f"unstable answers, so nothing can be said of {', '.join(unstable)}"
    crashed = [one.guarantee.id for one in judgements.values() if one.because.startswith("the rule failed")]
    if crashed:
        return Verdict.INCONCLUSIVE, f"samsvar itself failed to judge {', '.join(crashed)}"
    return _floors(judgements, profile, observed)


def _floors(judgements: Mapping[str, Judgement], profile: Profile, observed: Observed) -> tuple[Verdict, str]:
    tested = {Outcome.KEPT, Outcome.INAPPLICABLE, Outcome.DISCOURAGED, Outcome.NOTED, Outcome.WAIVED}
    below = [id_ for id_ in profile.tested if id_ not in judgements or judgements[id_].outcome not in tested]
    if below:
        return (
            Verdict.INCONCLUSIVE,
            f"the profile {profile.name} asks that {', '.join(below)} be tested, and it was not",
        )
    counts = Counter(visit.type for visit in observed.visits.values() if visit.resource is not None)
    few = [f"{least} of {name} ({counts[name]} seen)" for name, least in profile.places.items() if counts[name] < least]
    if few:
        return Verdict.INCONCLUSIVE, f"the profile {profile.name} asks for at least {', '.join(few)}"
    return Verdict.KEPT, "every MUST guarantee that was tested is kept"


def days_since(recorded: str, now: datetime) -> int | None:
    """The whole days between an instant or a day (ISO 8601) and now, at least 0; None where it is neither."""
    try:
        then = datetime.fromisoformat(recorded)
    except ValueError:
        return None
    then = then if then.tzinfo is not None else then.replace(tzinfo=UTC)
    return max(0, (now - then).days)


def too_old(profile: Profile, age: int | None) -> str:
    """Why a recording of that age proves nothing any more by a profile; "" when it does."""
    if profile.greatest_age is None:
        return ""
    if age is None:
        return f"the recording does not say when it was made, and the profile {profile.name} asks for that"
    if age > profile.greatest_age:
        most = profile.greatest_age
        return f"the recording is {age} days old, and the profile {profile.name} takes none older than {most}"
    return ""


def _stopped(observed: Observed) -> str:
    return f"the run was stopped: {observed.stopped}" if observed.stopped else ""


GONE = (301, 302, 303, 307, 308, 404, 410, 503)


def entries(observed: Observed) -> dict[str, tuple[int | None, ...]]:
    """The status codes that each required entry gave, in order of asking (None: no answer)."""
    required = {entry.name for entry in observed.contract.entries if entry.required}
    found: dict[str, list[int | None]] = {}
    for reading in observed.crawled():
        if reading.probe.path in required and not reading.probe.rel:
            found.setdefault(reading.probe.path, []).append(reading.status)
    return {name: tuple(statuses) for name, statuses in found.items()}


def retired(observed: Observed) -> str:
    """Why the target looks retired, not there, or not what was meant: no required entry answers; "" when one does."""
    seen = entries(observed)
    statuses = [status for group in seen.values() for status in group]
    if not statuses or any(status is not None and 200 <= status < 300 for status in statuses):
        return ""
    if all(status is None for status in statuses):
        failures = [r.exchange.failure for r in observed.crawled() if r.exchange.failure]
        because = failures[0].because if failures else "no answer"
        return f"the target cannot be reached: {because}"
    if all(status in GONE for status in statuses if status is not None):
        return (
            f"no entry answers ({', '.join(f'{name}: {group[0]}' for name, group in seen.items())}): "
            "the environment is retired, moved, or the root is not an API root"
        )
    return ""


def refused(observed: Observed) -> str:
    """Why the credentials that were given do not work: every private entry refuses them; "" when one does not."""
    if not (observed.means.key or observed.means.login):
        return ""
    types = observed.contract.types
    private = {
        e.name for e in observed.contract.entries if e.required and e.type in types and types[e.type].access != "open"
    }
    readings = [r for r in observed.crawled() if r.probe.path in private and not r.probe.rel and r.response]
    if readings and all(r.status in (400, 401, 403) or (r.ok and r.page_for_people) for r in readings):
        first = readings[0]
        phrase = f" {first.response.phrase}" if first.response and first.response.phrase else ""
        return f"the credentials are refused: {first.probe.path} answers {first.status}{phrase}"
    return ""
