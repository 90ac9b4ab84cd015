"""What refusals of a key or a login mean, and what the things themselves say that were given to log in with.

In go the words of an answer or of a failed login, a token, the dates of a certificate; out comes what was seen and what
to do. All of it tables: the words that Altinn, Maskinporten and TLS are known to use, in the order in which they are
tried.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from samsvar.logic.reading import Reading
from samsvar.model.exchange import Response

KEY, LOGIN = "key", "login"


@dataclass(frozen=True, slots=True)
class Sign:
    """Words in a refusal and what they mean: at which step, what was seen, what to do."""

    words: re.Pattern[str]
    step: str
    seen: str
    remedy: str


def _sign(words: str, step: str, seen: str, remedy: str) -> Sign:
    return Sign(re.compile(words, re.IGNORECASE), step, seen, remedy)


NEW_TOKEN: Final = "Fetch a new token for this environment and give it (SAMSVAR_TOKEN, or the file or keyring named)."
MASKINPORTEN: Final = "logging in by maskinporten: "
ASKING, EXCHANGING = MASKINPORTEN + "asking ", MASKINPORTEN + "exchanging "
NTP: Final = "Set the clock of this machine by NTP: Maskinporten allows ten seconds."
CERTIFICATE_OF_THE_KEY: Final = (
    "Check that SAMSVAR_CLIENT_CERT holds the certificate that is registered, with its chain."
)
LOGINS = (
    _sign(
        rf"{ASKING}.*(unknown key identifier|\bkid\b)",
        LOGIN,
        "Maskinporten does not know the key of this client",
        "Write kid as the client's key is named there; a key is for one client in one environment.",
    ),
    _sign(
        rf"{ASKING}.*(issue time|in the future|jwt has expired|clock is (?:[1-9]\d)\d* seconds)",
        LOGIN,
        "Maskinporten refuses the grant for its times",
        NTP,
    ),
    _sign(
        rf"{ASKING}.*(invalid_client|unknown client|client.{{0,20}}(not found|unknown|does not exist))",
        LOGIN,
        "Maskinporten does not know this client",
        "Check client_id, and that token_endpoint is of the same environment: test and production differ.",
    ),
    _sign(
        rf"{ASKING}.*scope",
        LOGIN,
        "Maskinporten does not give this client the scopes",
        "Correct scopes, or have the API's owner give the organisation access and add them to the client.",
    ),
    _sign(
        rf"{ASKING}.*(audience|\baud\b)",
        LOGIN,
        "Maskinporten does not take itself for the audience of the grant",
        "Write issuer as this environment of Maskinporten calls itself, such as https://test.maskinporten.no/.",
    ),
    _sign(
        rf"{ASKING}.*(client authentication failed|signature|invalid_grant)",
        LOGIN,
        "Maskinporten does not accept the grant",
        "Check that the private key, kid and client_id belong together and to this environment.",
    ),
    _sign(
        rf"{EXCHANGING}.*answered 401",
        LOGIN,
        "the exchange does not take the token of Maskinporten",
        "Check that exchange_endpoint and token_endpoint are of one environment; check the enterprise user.",
    ),
    _sign(
        rf"{EXCHANGING}.*answered 403",
        LOGIN,
        "the exchange refuses this organisation or enterprise user",
        "Check enterprise_username and its password, and that the scopes are some of Altinn (altinn:...).",
    ),
    _sign(
        rf"{MASKINPORTEN}.*(has expired already|not valid yet)",
        LOGIN,
        "the times of the token that came do not fit",
        NTP,
    ),
    _sign(
        rf"{MASKINPORTEN}.*(is not issued by|signed by none)",
        LOGIN,
        "the token that came is not from whom it should be",
        "Correct token_issuer or jwks_file; if they are right, do not use what answers there.",
    ),
    _sign(
        rf"{MASKINPORTEN}.*(without a token|no json web token|redirects are not followed)",
        LOGIN,
        "what answers there gives no token",
        "Correct token_endpoint or exchange_endpoint.",
    ),
    _sign(
        rf"{MASKINPORTEN}.*",
        LOGIN,
        "the token could not be had",
        "Try again later; if it stays, check token_endpoint and exchange_endpoint and the way there.",
    ),
    _sign(
        r"signing in with user name and password was answered 4(00|01|03)",
        LOGIN,
        "user name and password are not accepted",
        "Correct them before the next try: every wrong one counts towards a locked account. samsvar tries once.",
    ),
    _sign(
        r"signing in with user name and password was answered [23]",
        LOGIN,
        "signing in gave no session",
        "The user may have to use a one-time code or accept new terms: log in to the portal once, or take another.",
    ),
    _sign(
        r"signing in with user name and password was answered (404|405|410)",
        LOGIN,
        "user name and password are no way to log in here",
        "Give a token instead.",
    ),
    _sign(
        r"a client certificate needs a PEM file and an https root",
        LOGIN,
        "a certificate cannot be shown to a root that is not https",
        "Give the https root.",
    ),
    _sign(
        r"tls: .*certificate required",
        LOGIN,
        "the certificate was not sent, and the server insists on one",
        "Give SAMSVAR_CLIENT_CERT as the first login; a gateway in between that opens TLS takes it away.",
    ),
    _sign(
        r"tls: .*alert (certificate )?(expired|revoked|unknown ca|bad certificate|certificate unknown)"
        r"|tls: .*alert certificate (expired|revoked|unknown)",
        LOGIN,
        "the server refuses the certificate",
        "Check its dates and that it is registered here, and that the file holds its chain.",
    ),
)
"""Texts of logins that fail before the question itself is put: our own words about what a service said."""

SIGNS = (
    _sign(
        r"header 'apikey' is missing|api ?key.{0,20}\b(missing|required|mangler)|missing.{0,20}api ?key",
        KEY,
        "the ApiKey did not arrive",
        "Set SAMSVAR_API_KEY; if it is set, look for a gateway that drops the header field ApiKey.",
    ),
    _sign(
        r"authorization code is either expired or invalid",
        KEY,
        "the key may not do this, or the authorization code is expired or wrong",
        "Ask for the API resource of this operation on the key, or get a new code.",
    ),
    _sign(
        r"api ?key is not authorized for this operation",
        KEY,
        "the key is not one of this environment, or lacks the API resource of this operation",
        "Check that SAMSVAR_API_KEY is a key of this environment; ask for the API resource (Message.read, ...) on it.",
    ),
    _sign(
        r"(invalid|unknown|wrong|ugyldig|ukjent|not valid).{0,20}api ?key"
        r"|api ?key.{0,30}(invalid|unknown|not valid|not found)",
        KEY,
        "nobody knows the key",
        "Check SAMSVAR_API_KEY: a key is for one environment, and keys of test and production differ.",
    ),
    _sign(
        r"missing required scope|insufficient_scope",
        LOGIN,
        "the token lacks a scope",
        "Order the scopes (altinn:...) for the client and fetch a new token.",
    ),
    _sign(
        r"IDX10223|token.{0,30}expired|expired.{0,30}token|lifetime validation failed",
        LOGIN,
        "the token is expired",
        NEW_TOKEN,
    ),
    _sign(
        r"IDX1\d{4}|invalid_token|signature.{0,30}(invalid|failed)",
        LOGIN,
        "the token is not accepted",
        "Fetch a token from the issuer that this environment trusts: those of test and production differ.",
    ),
    _sign(
        r"enterprise certificate authentication failed",
        LOGIN,
        "the enterprise certificate is not accepted",
        CERTIFICATE_OF_THE_KEY,
    ),
    _sign(
        r"no authenticated organization number",
        LOGIN,
        "the login is not one of an organisation",
        "Log in with an enterprise certificate or a Maskinporten token.",
    ),
    _sign(
        r"user profile",
        LOGIN,
        "the user has no profile here",
        "Log in to the portal of this environment once, or take another test user.",
    ),
)
"""Texts that the documentation and integrators report (feilsoking, releases), in the order in which they are tried."""


IN_TURN = (
    *(sign for sign in SIGNS if sign.step == KEY),
    *LOGINS,
    *(sign for sign in SIGNS if sign.step != KEY),
)
"""A key that is refused explains a login that fails, never the other way round."""


def sign_of(reading: Reading) -> Sign | None:
    """What the words of a refusal mean, None when they are not known."""
    text = refusal_text(reading)
    return next((sign for sign in IN_TURN if sign.words.search(text)), None)


def refusal_text(reading: Reading) -> str:
    """The reason phrase, and the body if it is not a page for people: HTTP/2 has no reason phrase. Where there is no
    answer, why, and what was said to the login that failed."""
    response, failure = reading.response, reading.exchange.failure
    if response is not None:
        return _words(response, with_body=not reading.page_for_people)
    if failure is None:
        return ""
    said = failure.response
    page = said is not None and "html" in (said.first("Content-Type") or "").lower()
    return f"{failure.because} {_words(said, with_body=not page) if said is not None else ''}"


def _words(response: Response, *, with_body: bool) -> str:
    challenge = response.first("WWW-Authenticate") or ""
    body = response.body[:2_000].decode("utf-8", "replace") if with_body else ""
    return f"{response.phrase} {challenge} {body}"


# -- what a token and a certificate say of themselves -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """What a bearer token says of itself, nothing verified. expires, begins: seconds since the epoch, None where it
    does not say; readable: it is a JSON Web Token at all; issuer: who issued it, "" where it does not say; scopes: what
    it is for, None where it does not say."""

    readable: bool
    expires: float | None = None
    begins: float | None = None
    issuer: str = ""
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """From when to when a client certificate is valid, in seconds since the epoch."""

    begins: float
    expires: float


def read_token(text: str) -> Token:
    """What a JSON Web Token says (RFC 7519, 4.1; RFC 9068, 2.2.3 of scopes)."""
    parts = text.removeprefix("Bearer ").strip().split(".")
    if len(parts) != 3:
        return Token(False)
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return Token(False)
    if not isinstance(claims, dict):
        return Token(False)
    scope, issuer = claims.get("scope"), claims.get("iss")
    scopes = scope if isinstance(scope, list) else scope.split() if isinstance(scope, str) else None
    return Token(
        True,
        _seconds(claims.get("exp")),
        _seconds(claims.get("nbf")),
        issuer if isinstance(issuer, str) else "",
        None if scopes is None else tuple(map(str, scopes)),
    )


def _seconds(value: object) -> float | None:
    try:
        found = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


UNITS: tuple[tuple[float, str], ...] = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def span(seconds: float) -> str:
    """A length of time in words."""
    size, name = next((unit for unit in UNITS if seconds >= 2 * unit[0]), UNITS[-1])
    return f"{seconds / size:.0f} {name}"


CLOCK_LEEWAY: Final = 60.0
SHORT_LIVED: Final = 600.0
SOON: Final = 14 * 86_400.0
"""Seconds before its end from which a certificate is worth a word: a new one takes days."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A token and what became of it. now: our clock; refused: the target refused it; root: whom it was given to."""

    token: Token
    now: float
    refused: bool
    root: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be said: seen, what to do, and whether it is at fault or only worth a word."""

    seen: str
    remedy: str
    fault: bool = True


RENEW: Final = "Log in anew or fetch a new token for this environment."


def _expired(one: Situation) -> Told | None:
    end = one.token.expires
    return Told(f"expired {span(one.now - end)} ago", RENEW) if end is not None and end <= one.now else None


def _early(one: Situation) -> Told | None:
    begin = one.token.begins
    if begin is None or begin <= one.now + CLOCK_LEEWAY:
        return None
    return Told(f"valid only in {span(begin - one.now)}", "Check the clock of this machine against the issuer's (NTP).")


def _no_token(one: Situation) -> Told | None:
    if one.token.readable or not one.refused:
        return None
    seen = "it is no JSON Web Token, and it is refused: it may be a cookie, a key, or cut short"
    return Told(seen, "Give the access token alone; a cookie belongs in SAMSVAR_COOKIE. Never send both.", fault=False)


def _not_exchanged(one: Situation) -> Told | None:
    if not one.refused or not re.search(r"\bmaskinporten\.no", one.token.issuer):
        return None
    remedy = 'Exchange it for a token of Altinn: [login] kind = "maskinporten" in samsvar.toml does.'
    return Told(f"it is issued by {one.token.issuer}, and was not exchanged", remedy)


ISSUERS: Final = re.compile(r"^https://([\w.-]*\.)?(idporten|maskinporten|altinn)\.(no|cloud)\b", re.IGNORECASE)
TEST: Final = re.compile(r"//(?:[\w.-]*\.)?(?:test|tt02|ver[12]|at2\d|yt01)\.", re.IGNORECASE)


def _other_environment(one: Situation) -> Told | None:
    known = ISSUERS.match(one.token.issuer) and ISSUERS.match(one.root)
    theirs, ours = bool(TEST.search(one.token.issuer)), bool(TEST.search(one.root))
    if not one.refused or not known or theirs is ours:
        return None
    words = {True: "a test environment", False: "production"}
    seen = f"it is issued by {one.token.issuer}, which is of {words[theirs]}, for a target that is of {words[ours]}"
    return Told(seen, "Fetch a token from the issuer that this environment trusts.")


def _without_scopes(one: Situation) -> Told | None:
    scopes = one.token.scopes
    if scopes is None or not one.refused or any(scope.startswith("altinn:") for scope in scopes):
        return None
    seen = f"none of its scopes is one of Altinn ({', '.join(scopes) or 'it has none'})"
    return Told(seen, "Order scopes such as altinn:instances.read for the client, and ask for them.")


LISTS_ONLY: Final = "altinn:instances.meta"


def _lists_only(one: Situation) -> Told | None:
    altinn = [scope for scope in one.token.scopes or () if scope.startswith("altinn:")]
    if altinn != [LISTS_ONLY]:
        return None
    remedy = "Ask for altinn:instances.read too, to see the messages themselves."
    return Told(f"{LISTS_ONLY} shows lists of messages and no message", remedy, fault=False)


def _ends_soon(one: Situation) -> Told | None:
    end = one.token.expires
    if end is None or end - one.now >= SHORT_LIVED:
        return None
    return Told(f"expires in {span(end - one.now)}: a run may outlive it", RENEW, fault=False)


LOOKS: Final[tuple[Callable[[Situation], Told | None], ...]] = (
    _expired,
    _early,
    _not_exchanged,
    _other_environment,
    _without_scopes,
    _no_token,
    _lists_only,
    _ends_soon,
)
"""What is looked at in a token, the weightiest first."""


def about_token(situation: Situation) -> Told | None:
    """What a token's own words say is wrong, None if nothing."""
    return next((told for look in LOOKS if (told := look(situation)) is not None), None)


def about_certificate(certificate: Certificate, now: float) -> Told | None:
    """What a certificate's dates say is wrong, None if nothing."""
    if certificate.expires <= now:
        return Told(f"expired {span(now - certificate.expires)} ago", "Order a new one and register it.")
    if certificate.begins > now + CLOCK_LEEWAY:
        return Told(f"valid only in {span(certificate.begins - now)}", "Wait, or check the clock of this machine.")
    if certificate.expires - now < SOON:
        return Told(f"expires in {span(certificate.expires - now)}", "Order a new one in time.", fault=False)
    return None
