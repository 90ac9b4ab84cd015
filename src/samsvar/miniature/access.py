"""Who is asking: key first, then login. Every refusal says why."""

import base64
import hmac
import json
import re
from http.cookies import CookieError, SimpleCookie

from samsvar.miniature import credentials
from samsvar.miniature.records import Problem
from samsvar.miniature.wire import Ask

NO_KEY = Problem(400, "Required header 'ApiKey' is missing.")
WRONG_KEY = Problem(403, "Forbidden - The API key is not authorized for this operation")
CHALLENGE = (("WWW-Authenticate", 'Bearer realm="miniature"'),)
NO_LOGIN = Problem(
    401, "Authorization failed: log in with a bearer token, a cookie or an enterprise certificate", CHALLENGE
)
WRONG_TOKEN = Problem(401, "IDX10511: Signature validation failed. The token is not ours", CHALLENGE)
EXPIRED_TOKEN = Problem(401, "IDX10223: Lifetime validation failed. The token is expired", CHALLENGE)
WRONG_COOKIE = Problem(401, "Authorization failed: the session is unknown or has ended", CHALLENGE)
WRONG_CERTIFICATE = Problem(
    401, "Enterprise certificate authentication failed, verify that the supplied certificate is valid", CHALLENGE
)
WRONG_ENTERPRISE_USER = Problem(
    401, "Authorization failed: the enterprise user is unknown, or its password wrong", CHALLENGE
)
NO_ORGANISATION = Problem(
    403, "Authorization failed: There is no authenticated organization number set on this request"
)
NOT_OWNER = Problem(403, "Forbidden - Only a service owner may do this")


def key_problem(ask: Ask) -> Problem | None:
    """Why the key does not do, or None."""
    given = ask.header("ApiKey")
    if not given:
        return NO_KEY
    return None if given == credentials.API_KEY else WRONG_KEY


SESSION = 1_800
"""Seconds that a session lives after it was last used."""
FORCED = re.compile(r"[?&]ForceEIAuthentication(?:[=&]|$)", re.IGNORECASE)
ENTERPRISE_FIELD = "X-Altinn-EnterpriseUser-Authentication"


def user_of(ask: Ask, now: int = credentials.NOW) -> str | Problem:
    """The user who is logged in, by token, cookie or certificate, or why nobody is. ``now``: the miniature's own
    present. A certificate counts only where the query asks for it to be looked at."""
    if (authorization := ask.header("Authorization")) is not None:
        return user_of_token(authorization)
    if (session := session_of(ask)) is not None:
        return user_of_session(session, now)
    if ask.certificate is not None and FORCED.search(ask.target):
        return user_of_certificate(ask)
    return NO_LOGIN


def user_of_certificate(ask: Ask) -> str | Problem:
    """The user that a certificate stands for; an enterprise user that is named has to be the right one."""
    if ask.certificate != credentials.CERTIFICATE:
        return WRONG_CERTIFICATE
    named = ask.header(ENTERPRISE_FIELD)
    pair = f"{credentials.ENTERPRISE_USER}:{credentials.ENTERPRISE_PASSWORD}".encode()
    right = named is None or hmac.compare_digest(named.encode(), base64.b64encode(pair))
    return credentials.FIRST_USER if right else WRONG_ENTERPRISE_USER


def user_of_session(ticket: str, now: int) -> str | Problem:
    """The user of a session that we opened and that has not ended."""
    ends = end_of(ticket)
    user = ticket.partition(".")[0]
    if ends is None or not hmac.compare_digest(ticket.encode(), credentials.ticket(user, ends).encode()):
        return WRONG_COOKIE
    return user if now < ends else WRONG_COOKIE


def end_of(ticket: str) -> int | None:
    """When a session ends by its ticket, None if it is none."""
    found = re.fullmatch(r"[a-z]+\.([0-9]{1,12})\.[\w-]+", ticket, re.ASCII)
    return int(found[1]) if found else None


def renewed(ask: Ask, now: int, lives: int) -> str | None:
    """The ticket with which a session goes on, when more than half of its time is over; None before."""
    ticket = session_of(ask)
    ends = end_of(ticket) if ticket is not None else None
    if ticket is None or ends is None or ends - now > lives // 2:
        return None
    return credentials.ticket(ticket.partition(".")[0], now + lives)


def session_of(ask: Ask) -> str | None:
    """The session cookie that came, if one did."""
    text = ask.header("Cookie")
    if text is None:
        return None
    try:
        found = SimpleCookie(text.replace(", ", "; ")).get(credentials.COOKIE_NAME)
    except CookieError:
        return ""
    return None if found is None else found.value.encode("ascii", "replace").decode()


def user_of_token(authorization: str) -> str | Problem:
    """The user that a bearer token names, if we signed it and it has not expired."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return NO_LOGIN
    signed, _, mark = token.strip().rpartition(".")
    if not signed.isascii() or not mark.isascii():
        return WRONG_TOKEN
    claims = claims_of(signed)
    expires = claims.get("exp") if claims else None
    if isinstance(expires, int) and expires <= credentials.NOW:
        return EXPIRED_TOKEN
    if not claims or not hmac.compare_digest(mark, credentials.signature(signed)):
        return WRONG_TOKEN
    known = {credentials.FIRST_USER, credentials.SECOND_USER}
    return str(claims.get("sub")) if claims.get("sub") in known else WRONG_TOKEN


def claims_of(signed: str) -> dict[str, object] | None:
    """The claims of a JWT, or None if it is not one."""
    part = signed.rpartition(".")[2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def log_in(ask: Ask) -> bool:
    """Whether the body holds the right user name and password."""
    try:
        body = json.loads(ask.body)
    except ValueError:
        return False
    expected = {"UserName": credentials.USERNAME, "UserPassword": credentials.PASSWORD}
    return isinstance(body, dict) and {name: body.get(name) for name in expected} == expected
