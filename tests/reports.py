"""Reports made by hand, with everything in them that is hard to write down: for tests of reports."""

from samsvar.model.contract import Guarantee, Level
from samsvar.model.exchange import Exchange, NotVisited, Probe, Response, Target, TargetKind
from samsvar.model.verdict import Cause, Finding, Judgement, Outcome, Report, Sight, Unseen, Verdict

ROOT = "https://api.example/api"
NASTY = "a\"b'c <script>alert(1)</script> & \x1b[31m \u202e \x00 \ud800 \ufffe \U0001f600 ]]> $(id) `id`"
"""Text that a terminal, a shell, XML and HTML would each take for something else."""

TELLING = {Outcome.BROKEN, Outcome.DISCOURAGED, Outcome.NOTED, Outcome.WAIVED}


def guarantee(id_: str, level: Level = Level.MUST, excluded: str = "") -> Guarantee:
    return Guarantee(
        id_, level, {"en": f"{id_} is so."}, ("a source",), remedy={"en": f"Mend {id_}."}, excluded=excluded
    )


def finding(place: str = "Message b1", text: str = "it differs", number: int = 1, url: str = f"{ROOT}/my") -> Finding:
    return Finding(
        Sight.UNMET,
        text,
        place,
        "my/messages > self",
        url,
        "application/xml",
        f"expected {text}",
        f"observed {text}",
        exchanges=(number,),
    )


def judgement(outcome: Outcome, id_: str = "", text: str = "it differs", count: int = 1) -> Judgement:
    level = {Outcome.DISCOURAGED: Level.SHOULD, Outcome.NOTED: Level.MAY}.get(outcome, Level.MUST)
    found = tuple(finding(f"Message b{n}", text) for n in range(count)) if outcome in TELLING else ()
    if outcome is Outcome.UNSTABLE:
        found = (Finding(Sight.UNSEEN, "it moved", "Message b1", unseen=Unseen.UNSTABLE),)
    kept = outcome is Outcome.KEPT
    asked = 1 if kept or found else 0
    because = "" if kept else f"because of {text}"
    id_ = id_ or f"FORMAT-{list(Outcome).index(outcome) + 1}"
    return Judgement(guarantee(id_, level), outcome, asked, found, because, None if kept else Cause.TARGET)


def report(*judgements: Judgement, verdict: Verdict = Verdict.BROKEN, kind: TargetKind = TargetKind.LIVE) -> Report:
    return Report(
        samsvar="1.0.0",
        contract="altinn2@2026-11",
        profile="default",
        target=Target(kind, ROOT),
        verdict=verdict,
        because="the reason",
        judgements=judgements,
        requests=7,
        seconds=1.5,
        places=(("Message", 3),),
        requests_by_question=(("read", 7),),
        not_visited=(NotVisited("a page for people", 2, "https://portal.example/"),),
        notes=("a note",),
    )


def every_outcome(text: str = "it differs") -> Report:
    """A report with one guarantee of each outcome."""
    return report(*(judgement(outcome, text=text) for outcome in Outcome))


def exchange(number: int = 1, url: str = f"{ROOT}/my", body: bytes = b"<x/>") -> Exchange:
    """A whole exchange with credentials, a session cookie and a token that came back."""
    headers = (("Content-Type", "application/xml"), ("Set-Cookie", ".ASPXAUTH=sessionsecret; path=/"))
    probe = Probe("read", url, headers=(("Accept", "application/xml"), ("Origin", "https://www.eksempel.no")))
    return Exchange(
        number, probe, Response(200, headers, body, b"OK"), sent=probe.headers, credentials=("ApiKey", "Authorization")
    )
