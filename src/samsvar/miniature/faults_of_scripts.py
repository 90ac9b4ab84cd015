"""Faults that only a real browser shows: what it sends on its own, and what it reads more strictly than others do."""

from samsvar.miniature.parts import Call, Fault
from samsvar.miniature.switching import edit_answer, on_answer
from samsvar.miniature.wire import Answer

CREDENTIALS = "Access-Control-Allow-Credentials"


def by_script(call: Call) -> bool:
    """Sent by script in a browser, which says so (Fetch Metadata)."""
    return call.ask.header("Sec-Fetch-Mode") == "cors"


def turned_away(answer: Answer) -> Answer:
    """What a filter in front says, which knows nothing of sharing."""
    kept = tuple(pair for pair in answer.headers if not pair[0].lower().startswith("access-control-"))
    refused = Answer(403, b"Forbidden", kept, b"Request blocked.\n")
    return refused.having("Content-Type", "text/plain").having("Content-Length", str(len(refused.body)))


def capital(answer: Answer) -> Answer:
    """The word of credentials as some frameworks write booleans."""
    return answer.having(CREDENTIALS, "True") if answer.first(CREDENTIALS) else answer


ROWS: tuple[Fault, ...] = (
    Fault(
        "cors-9-script-turned-away",
        "CORS-9",
        "A filter in front turns away whatever script of another site asks, registered or not.",
        False,
        on_answer(lambda call, answer: turned_away(answer) if by_script(call) else answer),
    ),
    Fault(
        "cors-9-preflight-of-a-browser-turned-away",
        "CORS-9",
        "A filter in front turns away preflights that a browser sends, and lets those of other clients through.",
        True,
        on_answer(
            lambda call, answer: turned_away(answer) if by_script(call) and call.ask.method == "OPTIONS" else answer
        ),
    ),
    Fault(
        "cors-9-credentials-in-capitals",
        "CORS-9",
        "Credentials are allowed by the word True, which is not the one that browsers read.",
        True,
        edit_answer(capital),
    ),
)
