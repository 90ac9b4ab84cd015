"""The credentials that open the miniature. They are public on purpose: there is nothing behind them but synthetic
data.
"""

import base64
import hmac
import json

API_KEY = "3F0D51F5-0000-4000-A000-5A35AA35AA35"
USERNAME = "kari.syntetisk"
PASSWORD = "Ikke-hemmelig-1"
CERTIFICATE = "SAMSVAR TESTVIRKSOMHET"
ORIGINS = ("https://www.eksempel.no", "https://skjema.eksempel.no")
NOW = 1_793_534_400
"""The miniature's own present: 1 November 2026, 12:00 UTC, in seconds since the epoch. Content does not age; sessions
do, by a second for each ask."""
SIGNING_KEY = b"samsvar-miniature"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def signature(text: str) -> str:
    """HS256 (RFC 7518, 3.2) with the miniature's key."""
    return _part(hmac.digest(SIGNING_KEY, text.encode("ascii"), "sha256"))


def token(subject: str, expires: int) -> str:
    """A JWT for a user of the miniature; ``expires`` in seconds since the epoch."""
    head = _part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = _part(json.dumps({"iss": "https://miniature.samsvar.example/", "sub": subject, "exp": expires}).encode())
    return f"{head}.{claims}.{signature(f'{head}.{claims}')}"


FIRST_USER = "first"
SECOND_USER = "second"
TOKEN = token(FIRST_USER, 4_102_444_800)
SECOND_TOKEN = token(SECOND_USER, 4_102_444_800)
EXPIRED_TOKEN = token(FIRST_USER, NOW - 3600)
COOKIE_NAME = ".ASPXAUTH"


def ticket(user: str, ends: int) -> str:
    """What a session cookie holds: whose the session is, and when it ends, in seconds since the epoch."""
    bare = f"{user}.{ends}"
    return f"{bare}.{signature(bare)}"


COOKIE = ticket(FIRST_USER, 4_102_444_800)
ENTERPRISE_USER = "virksomhet.syntetisk"
ENTERPRISE_PASSWORD = "Ikke-hemmelig-2"
