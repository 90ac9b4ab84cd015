"""Who is asking: key first, then login. Every refusal says why."""

import base64
import hmac
import json
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


def user_of(ask: Ask) -> str | Problem:
    """The user who is logged in, by token, cookie or certificate, or why nobody is."""
    if (authorization := ask.header("Authorization")) is not None:
        return user_of_token(authorization)
    if (session := session_of(ask)) is not None:
        return credentials.FIRST_USER if hmac.compare_digest(session, credentials.COOKIE) else WRONG_COOKIE
    if ask.certificate is not None:
        return credentials.FIRST_USER if ask.certificate == credentials.CERTIFICATE else WRONG_CERTIFICATE
    return NO_LOGIN


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
