"""Faults of the CORS and AUTH families: who may read."""

from collections.abc import Callable
from dataclasses import replace

from samsvar.miniature import access, cors, credentials
from samsvar.miniature.parts import Call, Change, Fault, Parts
from samsvar.miniature.records import Listing, Problem
from samsvar.miniature.switching import (
    always,
    at,
    chain,
    edit_answer,
    edit_bad,
    on_answer,
    on_final,
    on_listing,
    without_value,
)
from samsvar.miniature.wire import Answer
from samsvar.model.exchange import HAL_XML, Fields

ALLOW = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
SUFFIX, PREFIX = "eksempel.no", "https://www.eksempel.no"


def sharing(allowed: Callable[[str], bool]) -> Change:
    """Lets in other origins than the registered, with credentials, in ordinary answers."""

    def fields(origin: str | None) -> Fields:
        if origin is None or not (allowed(origin) or cors.allowed(origin)):
            return ()
        return ((ALLOW, origin), (CREDENTIALS, "true"), ("Access-Control-Expose-Headers", cors.EXPOSED))

    return lambda parts: replace(parts, sharing=fields)


def sharing_as(rule: Callable[[str | None], Fields]) -> Change:
    """Says something else to origins."""
    return lambda parts: replace(parts, sharing=rule)


def preflighting_as(rule: Callable[[str | None], Fields]) -> Change:
    """Says something else in preflights."""
    return lambda parts: replace(parts, preflight=rule)


def unshared(answer: Answer) -> Answer:
    """Without any field of sharing."""
    return replace(answer, headers=tuple(pair for pair in answer.headers if not pair[0].startswith("Access-Control-")))


def with_star(origin: str | None) -> Fields:
    """Everybody, with credentials."""
    return () if origin is None else ((ALLOW, "*"), (CREDENTIALS, "true"))


def star_for_nobody(origin: str | None) -> Fields:
    """The wildcard with credentials, where no origin asks."""
    return cors.sharing_fields(origin) if origin is not None else ((ALLOW, "*"), (CREDENTIALS, "true"))


def both_origins(origin: str | None) -> Fields:
    """The whole list of origins in one field."""
    found = cors.sharing_fields(origin)
    return tuple((name, ", ".join(credentials.ORIGINS) if name == ALLOW else value) for name, value in found)


def said_twice(call: Call, answer: Answer) -> Answer:
    """The same origin in two fields, on lists."""
    found = answer.first(ALLOW)
    return answer.adding(ALLOW, found) if found and call.template in ("metadata", "reportees") else answer


def narrower(name: str) -> Callable[[str | None], Fields]:
    """A preflight that does not allow one request field."""

    def rule(origin: str | None) -> Fields:
        return tuple((field, value.replace(f"{name}, ", "")) for field, value in cors.preflight_fields(origin))

    return rule


def wider(name: str) -> Callable[[str | None], Fields]:
    """A preflight that allows one request field more."""

    def rule(origin: str | None) -> Fields:
        fields = cors.preflight_fields(origin)
        return tuple((field, f"{value}, {name}" if field.endswith("Headers") else value) for field, value in fields)

    return rule


def on_304(change: Callable[[Answer], Answer]) -> Change:
    """Changes what is said of content that the caller has already."""
    return on_final(lambda call, answer: change(answer) if answer.status == 304 else answer)


def as_for_the_first(answer: Answer) -> Answer:
    """A permission as some cache kept it: that of the origin that happened to come first."""
    return answer.having(ALLOW, credentials.ORIGINS[0]) if answer.first(ALLOW) else answer


def second_on_private(call: Call) -> bool:
    """The second registered origin at a private place."""
    private = call.route is not None and call.route.access == "user"
    return private and call.ask.header("Origin") == credentials.ORIGINS[1]


def welcome_by_cookie(call: Call, answer: Answer) -> Answer:
    """Whoever comes with a cookie is let in, whatever page it comes from."""
    origin = call.ask.header("Origin")
    if origin in (None, "null") or answer.first(ALLOW) or not by_cookie(call):
        return answer
    return answer.adding(ALLOW, origin or "").adding(CREDENTIALS, "true")


def preflight_refused(call: Call, answer: Answer) -> Answer:
    """A preflight without a key is refused, as once in the test environment."""
    asked = call.ask.method == "OPTIONS" and call.ask.header("Access-Control-Request-Method") is not None
    refused = replace(unshared(answer), status=400, reason=b"Required header 'ApiKey' is missing.")
    return refused.adding("Content-Length", "0") if asked else answer


def admitting(rule: Callable[[Call, str | Problem], str | Problem]) -> Change:
    """Changes the judgement of who may come."""

    def changed(parts: Parts) -> Parts:
        before = parts.admit
        return replace(parts, admit=lambda call: rule(call, before(call)))

    return changed


def key_for_metadata(call: Call, user: str | Problem) -> str | Problem:
    """Metadata ask for a key."""
    return (access.key_problem(call.ask) or user) if call.template.startswith("metadata") else user


def login_for_roles(call: Call, user: str | Problem) -> str | Problem:
    """Open role definitions ask for a login."""
    return access.user_of(call.ask) if call.template == "metadata/roledefinitions/{roleDefinitionId}" else user


def key_forgotten(when: Callable[[Call], bool]) -> Change:
    """Nobody looks at the key."""
    return admitting(
        lambda call, user: (
            access.user_of(call.ask) if user in (access.NO_KEY, access.WRONG_KEY) and when(call) else user
        )
    )


def login_forgotten(when: Callable[[Call], bool]) -> Change:
    """Nobody looks at the login."""
    return admitting(lambda call, user: credentials.FIRST_USER if user == access.NO_LOGIN and when(call) else user)


def accepting(*problems: Problem) -> Change:
    """Some refusals are not made."""
    return admitting(lambda call, user: user_behind(call) if user in problems else user)


def user_behind(call: Call) -> str | Problem:
    """Whoever logs in, when a key does not matter; the first user, when the token does not."""
    user = access.user_of(call.ask)
    return user if isinstance(user, str) or user == access.NO_LOGIN else credentials.FIRST_USER


def silent(answer: Answer) -> Answer:
    """A refusal that says nothing."""
    phrases = {400: b"Bad Request", 401: b"Unauthorized", 403: b"Forbidden"}
    return replace(answer, reason=phrases.get(answer.status, b"")).carrying(b"") if answer.status in phrases else answer


def by_cookie(call: Call) -> bool:
    """Logged in by user name and password."""
    return call.ask.header("Authorization") is None and call.ask.header("Cookie") is not None


def by_certificate(call: Call) -> bool:
    """Logged in by enterprise certificate."""
    return not by_cookie(call) and call.ask.header("Authorization") is None and call.ask.certificate is not None


def fewer(call: Call, listing: Listing) -> Listing:
    """A list without its last element."""
    return replace(listing, count=max(listing.count - 1, 0))


PRINT = "{who}/messages/{messageId}/print"
ATTACHMENT = "{who}/messages/{messageId}/attachments/{attachmentId}"
ROWS: tuple[Fault, ...] = (
    Fault(
        "cors-1-nobody-on-metadata",
        "CORS-1",
        "Metadata are shared with nobody.",
        False,
        on_answer(lambda call, answer: unshared(answer) if call.template == "metadata" else answer),
        ("CORS-2", "CORS-10", "CORS-7", "EXAMPLE-1"),
    ),
    Fault(
        "cors-1-second-origin-forgotten",
        "CORS-1",
        "Metadata are shared with the first registered origin only.",
        True,
        on_answer(
            lambda call, answer: (
                unshared(answer)
                if call.template == "metadata" and call.ask.header("Origin") == credentials.ORIGINS[1]
                else answer
            )
        ),
        ("CORS-2", "CORS-7"),
    ),
    Fault(
        "cors-2-not-on-private-resources",
        "CORS-2",
        "Private resources are shared with nobody.",
        False,
        on_answer(
            lambda call, answer: (
                unshared(answer)
                if call.route and call.route.access == "user" and call.ask.method != "OPTIONS"
                else answer
            )
        ),
        ("CORS-10",),
    ),
    Fault("cors-2-not-on-errors", "CORS-2", "Errors are shared with nobody.", True, edit_bad(unshared)),
    Fault(
        "cors-2-not-in-hal-xml",
        "CORS-2",
        "hal+xml is shared with nobody.",
        True,
        on_answer(lambda call, answer: unshared(answer) if HAL_XML in (answer.first("Content-Type") or "") else answer),
    ),
    Fault(
        "cors-2-second-origin-forgotten-on-private-resources",
        "CORS-2",
        "Private resources are shared with the first registered origin only.",
        True,
        on_answer(
            lambda call, answer: (
                unshared(answer) if second_on_private(call) and call.ask.method != "OPTIONS" else answer
            )
        ),
    ),
    Fault(
        "cors-2-304-for-nobody",
        "CORS-2",
        "Script may ask whether something has changed, and the answer that it has not is shared with nobody.",
        True,
        chain(preflighting_as(wider("If-None-Match")), on_304(unshared)),
    ),
    Fault(
        "cors-2-304-for-the-first-origin",
        "CORS-2",
        "304 allows the first registered origin, whichever of them asks.",
        True,
        on_304(as_for_the_first),
    ),
    Fault(
        "cors-2-not-on-405",
        "CORS-2",
        "The refusal of a method is shared with nobody.",
        True,
        edit_answer(lambda answer: unshared(answer) if answer.status == 405 else answer),
    ),
    Fault(
        "cors-3-everybody-reflected",
        "CORS-3",
        "Every origin gets itself back.",
        False,
        sharing(lambda origin: origin != "null"),
        ("CORS-5",),
    ),
    Fault(
        "cors-3-suffix-suffices",
        "CORS-3",
        "Origins that end like a registered one are allowed.",
        True,
        sharing(lambda origin: origin.endswith(SUFFIX) and origin.startswith("https://")),
        ("CORS-5",),
    ),
    Fault(
        "cors-3-prefix-suffices",
        "CORS-3",
        "Origins that begin like a registered one are allowed.",
        True,
        sharing(lambda origin: origin.startswith(PREFIX)),
        ("CORS-5",),
    ),
    Fault(
        "cors-3-scheme-ignored",
        "CORS-3",
        "Registered origins are allowed without TLS too.",
        True,
        sharing(lambda origin: cors.allowed(origin.replace("http://", "https://", 1))),
        ("CORS-5",),
    ),
    Fault(
        "cors-3-anybody-with-a-cookie",
        "CORS-3",
        "Whoever comes with a session cookie is allowed, whatever its origin.",
        True,
        on_answer(welcome_by_cookie),
        ("CORS-5",),
    ),
    Fault(
        "cors-3-second-origin-is-a-pattern",
        "CORS-3",
        "The second registered origin was entered as a wildcard: whatever ends like it is allowed.",
        True,
        sharing(lambda origin: origin.endswith(credentials.ORIGINS[1].removeprefix("https://"))),
        ("CORS-5",),
    ),
    Fault(
        "cors-3-unregistered-in-preflight",
        "CORS-3",
        "Preflights allow every origin.",
        True,
        preflighting_as(
            lambda origin: (
                tuple(
                    (name, origin or "" if name == ALLOW else value)
                    for name, value in cors.preflight_fields(credentials.ORIGINS[0])
                    if name != CREDENTIALS
                )
                if origin not in (None, "null")
                else ()
            )
        ),
    ),
    Fault(
        "cors-4-null-allowed",
        "CORS-4",
        "The origin null is allowed.",
        False,
        sharing(lambda origin: origin == "null"),
        ("CORS-5", "CORS-3"),
    ),
    Fault(
        "cors-4-null-allowed-in-preflight",
        "CORS-4",
        "Preflights allow the origin null.",
        True,
        preflighting_as(lambda origin: ((ALLOW, "null"),) if origin == "null" else cors.preflight_fields(origin)),
        ("CORS-3",),
    ),
    Fault(
        "cors-5-star-with-credentials",
        "CORS-5",
        "Everybody is allowed by *, with credentials.",
        False,
        sharing_as(with_star),
        ("CORS-1", "CORS-2", "CORS-3", "CORS-4", "CORS-8", "CORS-10", "EXAMPLE-1"),
    ),
    Fault(
        "cors-5-star-without-origin",
        "CORS-5",
        "Answers to requests without Origin allow everybody, with credentials.",
        True,
        sharing_as(star_for_nobody),
    ),
    Fault(
        "cors-6-no-vary",
        "CORS-6",
        "No answer says that it depends on Origin.",
        False,
        edit_answer(without_value("Origin", "Vary")),
    ),
    Fault(
        "cors-6-no-vary-when-refused",
        "CORS-6",
        "Answers that allow nothing do not say that they depend on Origin.",
        True,
        edit_answer(lambda answer: answer if answer.first(ALLOW) else without_value("Origin", "Vary")(answer)),
    ),
    Fault(
        "cors-6-no-vary-on-304",
        "CORS-6",
        "304 does not say that the answer depends on Origin.",
        True,
        on_304(without_value("Origin", "Vary")),
    ),
    Fault(
        "cors-7-preflight-needs-a-key",
        "CORS-7",
        "Preflights are refused for want of a key.",
        False,
        on_answer(preflight_refused),
    ),
    Fault(
        "cors-7-apikey-not-allowed",
        "CORS-7",
        "Preflights do not allow the field ApiKey.",
        True,
        preflighting_as(narrower("ApiKey")),
    ),
    Fault(
        "cors-7-authorization-not-allowed",
        "CORS-7",
        "Preflights do not allow the field Authorization.",
        True,
        preflighting_as(narrower("Authorization")),
    ),
    Fault(
        "cors-7-second-origin-refused-on-private-resources",
        "CORS-7",
        "Preflights for private resources allow the first registered origin only.",
        True,
        on_answer(
            lambda call, answer: (
                unshared(answer) if second_on_private(call) and call.ask.method == "OPTIONS" else answer
            )
        ),
    ),
    Fault(
        "cors-8-all-origins-in-one-field",
        "CORS-8",
        "The field holds all registered origins.",
        False,
        sharing_as(both_origins),
        ("CORS-1", "CORS-2"),
    ),
    Fault(
        "cors-8-field-twice-on-lists",
        "CORS-8",
        "Lists carry the field twice.",
        True,
        on_answer(said_twice),
        ("CORS-1", "CORS-2"),
    ),
    Fault(
        "cors-10-nothing-exposed",
        "CORS-10",
        "No field is exposed to script.",
        False,
        edit_answer(lambda answer: answer.without("Access-Control-Expose-Headers")),
    ),
    Fault(
        "cors-10-not-exposed-where-it-matters",
        "CORS-10",
        "The warning is exposed everywhere but where it stands.",
        True,
        edit_answer(
            lambda answer: (
                answer.without("Access-Control-Expose-Headers") if answer.first("X-Warning-LimitReached") else answer
            )
        ),
    ),
    Fault(
        "cors-11-x-requested-with-not-allowed",
        "CORS-11",
        "Preflights do not allow the field X-Requested-With.",
        False,
        preflighting_as(narrower("X-Requested-With")),
    ),
    Fault(
        "cors-11-no-preflight-for-head",
        "CORS-11",
        "Preflights for HEAD allow nobody.",
        True,
        on_answer(
            lambda call, answer: (
                unshared(answer) if call.ask.header("Access-Control-Request-Method") == "HEAD" else answer
            )
        ),
    ),
    Fault(
        "auth-1-metadata-need-a-key",
        "AUTH-1",
        "Metadata ask for a key.",
        False,
        admitting(key_for_metadata),
        ("CORS-1", "EXAMPLE-1"),
    ),
    Fault(
        "auth-1-role-definition-needs-a-login",
        "AUTH-1",
        "An open role definition alone asks for a login.",
        True,
        admitting(login_for_roles),
    ),
    Fault("auth-2-no-key-needed", "AUTH-2", "Nobody looks for a key.", False, key_forgotten(always), ("AUTH-4",)),
    Fault(
        "auth-2-no-key-needed-for-prints",
        "AUTH-2",
        "Prints and attachments come without a key.",
        True,
        key_forgotten(at(PRINT, ATTACHMENT)),
        ("AUTH-4",),
    ),
    Fault(
        "auth-2-refused-without-a-word",
        "AUTH-2",
        "A missing key is refused without a word.",
        True,
        on_answer(lambda call, answer: silent(answer) if not call.ask.header("ApiKey") else answer),
        ("HTTP-3",),
    ),
    Fault(
        "auth-3-no-login-needed", "AUTH-3", "Private content comes with the key alone.", False, login_forgotten(always)
    ),
    Fault(
        "auth-3-no-login-needed-for-attachments",
        "AUTH-3",
        "Attachments come with the key alone.",
        True,
        login_forgotten(at(ATTACHMENT)),
    ),
    Fault(
        "auth-3-no-login-needed-for-reportees-in-xml",
        "AUTH-3",
        "Reportees come without login when asked for as XML.",
        True,
        login_forgotten(lambda call: call.template == "reportees" and "xml" in (call.ask.header("Accept") or "")),
    ),
    Fault(
        "auth-4-any-key-will-do", "AUTH-4", "Any key is as good as the right one.", False, accepting(access.WRONG_KEY)
    ),
    Fault(
        "auth-4-any-token-will-do",
        "AUTH-4",
        "Nobody looks at the signature of a token.",
        False,
        accepting(access.WRONG_TOKEN),
    ),
    Fault(
        "auth-4-expired-token-will-do", "AUTH-4", "Expired tokens are accepted.", True, accepting(access.EXPIRED_TOKEN)
    ),
    Fault(
        "auth-5-certificate-refused",
        "AUTH-5",
        "The enterprise certificate is refused.",
        False,
        admitting(
            lambda call, user: (
                access.WRONG_CERTIFICATE if call.ask.certificate and not call.ask.header("Authorization") else user
            )
        ),
    ),
    Fault(
        "auth-5-cookie-gives-fewer-reportees",
        "AUTH-5",
        "With the cookie one reportee is missing.",
        True,
        on_listing(fewer, lambda call: call.template == "reportees" and by_cookie(call)),
    ),
    Fault(
        "auth-5-certificate-gives-fewer-reportees",
        "AUTH-5",
        "With the enterprise certificate one reportee is missing.",
        True,
        on_listing(fewer, lambda call: call.template == "reportees" and by_certificate(call)),
    ),
)
