"""JSON Web Tokens: made, signed, and looked at. The home of PyJWT, which is loaded when a token is really needed."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from samsvar.errors import UsageError

CLAIMS: Final = {"iss": "https://samsvar.example/", "sub": "samsvar", "aud": "samsvar", "nbf": 1_577_836_800}
NOBODYS_KEY: Final = b"nobody trusts this key, and nobody should"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Algorithms of signatures that a token may have: those with two keys. "none" and shared secrets are never believed."""


@cache
def wrong_token() -> str:
    """A well-formed token that nobody signed whom anybody trusts; its time is not over."""
    return _shared({**CLAIMS, "exp": 4_102_444_800})


@cache
def expired_token() -> str:
    """The same, whose exp is 2 January 2020. Whoever has one that the target did sign gives that to the vault."""
    return _shared({**CLAIMS, "exp": 1_577_923_200})


def _shared(claims: Mapping[str, Any]) -> str:
    import jwt

    return jwt.encode(dict(claims), NOBODYS_KEY, algorithm="HS256")


class SigningKey:
    """A private key with which grants are signed. Shows in no repr. ``kid``: its name, from the key itself if it is a
    JWK that has one."""

    __slots__ = ("_algorithm", "_key", "_text", "kid")

    def __init__(self, text: str) -> None:
        """Reads a PEM or a JWK. Raises UsageError, which shows nothing of it."""
        self.kid = ""
        self._text = text.strip()
        try:
            self._algorithm, self._key = self._jwk(text) if text.lstrip().startswith("{") else self._pem(text)
            self.signed({}, {})  # a key that cannot sign is told now, not in mid-run
        except _unusable() as error:
            raise UsageError(
                f"The private key of Maskinporten cannot be read ({type(error).__name__}).",
                "Give an RSA key as PEM without pass phrase, or as a JWK with its private members.",
            ) from None

    def __repr__(self) -> str:
        return f"SigningKey({self.kid!r})"

    def secrets(self) -> tuple[str, ...]:
        """What must not stand in anything that is written: the text, and what of it tells the key."""
        members = re.findall(r'"(?:d|p|q|dp|dq|qi)"\s*:\s*"([^"]+)"', self._text)
        lines = [line for line in self._text.splitlines() if len(line) >= 40 and "-----" not in line]
        return (self._text, *members, *lines)

    def _jwk(self, text: str) -> tuple[str, Any]:
        import jwt

        found = json.loads(text)
        if isinstance(found, dict) and isinstance(found.get("keys"), list) and len(found["keys"]) == 1:
            found = found["keys"][0]
        if not isinstance(found, dict) or "d" not in found:
            raise ValueError("it holds no private key")
        self.kid = str(found.get("kid", ""))
        name = str(found.get("alg") or ("RS256" if found.get("kty") == "RSA" else "ES256"))
        if name not in ALGORITHMS:
            raise ValueError("it signs in no way that others can verify")
        return name, jwt.PyJWK(found, algorithm=name).key

    def _pem(self, text: str) -> tuple[str, Any]:
        from jwt.algorithms import RSAAlgorithm

        if "PRIVATE KEY" not in text:
            raise ValueError("it holds no private key")
        return "RS256", RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(text)

    def signed(self, claims: Mapping[str, Any], headers: Mapping[str, Any]) -> str:
        """A token with these claims, signed."""
        import jwt

        return jwt.encode(dict(claims), self._key, algorithm=self._algorithm, headers=dict(headers))


def _unusable() -> tuple[type[Exception], ...]:
    """What reading a key can end in."""
    import jwt

    return (ValueError, TypeError, KeyError, AttributeError, RecursionError, jwt.PyJWTError)


def chain_of(pem: str) -> list[str]:
    """The certificates of a PEM text as an x5c member has them (RFC 7515, 4.1.6). Raises UsageError without any."""
    found = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", pem, re.DOTALL)
    if not found:
        raise UsageError("The file of the certificate for Maskinporten holds none.", "Give the chain as PEM.")
    return ["".join(one.split()) for one in found]


def claims_in(token: str) -> Mapping[str, Any] | None:
    """What a token says of itself, nothing verified; None if it is no JSON Web Token."""
    import jwt

    try:
        found: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    return found


def is_signed_by(token: str, keys: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of these keys (members of a JWK set, RFC 7517, 5) signed a token. Times are not looked at."""
    import jwt

    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError):
        return False
    named = [key for key in keys if kid is None or key.get("kid") in (None, kid)]
    return any(_signed(token, key) for key in named)


def _signed(token: str, key: Mapping[str, Any]) -> bool:
    import jwt

    options = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
    try:
        jwt.decode(token, jwt.PyJWK(dict(key)).key, algorithms=list(ALGORITHMS), options=options)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return False
    return True


def key_set(text: str) -> tuple[Mapping[str, Any], ...]:
    """The keys of a JWK set. Raises UsageError if it is none."""
    try:
        found = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise UsageError("The JWK set holds no keys.", 'Give a file such as {"keys": [...]} from the issuer.')
    return tuple(found)
