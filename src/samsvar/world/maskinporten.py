"""Logging in by Maskinporten: a grant signed with a private key gives a token of Maskinporten (RFC 7523), and that is
exchanged for one of Altinn.

The two services are origins of their own. Each gets what is its own and nothing else: Maskinporten the grant, the
exchange the token of Maskinporten and the enterprise user, the target the token that comes of it. Nothing that they say
is followed, and what is told of them holds no secret.
"""

import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import isfinite, nan
from typing import Any, Final
from urllib.parse import urlencode

from samsvar.model.exchange import Failure, Fields, Login, Response, Stage
from samsvar.world import tokens
from samsvar.world.addresses import Address
from samsvar.world.dress import ENCODING, USER_AGENT, Door, Dress, Person, Ready, Send
from samsvar.world.logins import ENTERPRISE_FIELD, Renewed, bearer, enterprise_user

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_SECONDS: Final = 100
"""A grant may live 120 seconds; its clock may be 10 seconds off."""
MARGIN: Final = 60.0
"""Seconds before its end from which a token is renewed; a fourth of its time if that is less."""
LEEWAY: Final = 60.0
UNTOLD: Final = 60.0
"""Seconds for which a token is taken to be valid that says nothing of it."""
SHORTEST: Final = 10.0
"""Seconds for which a token is taken to be valid at least: one that is over at once is not had anew for each question,
and the target will say so."""
MOST_TRIES: Final = 3
"""Tries in a row that may end without an answer, before it is left."""
LATER: Final = 30.0
"""Seconds until the next try while the old token still is valid."""
NOTED_SKEW: Final = 5.0
LIKE_A_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*|[A-Za-z0-9+/_=-]{40,}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for, by whom and where. issuer: the name of Maskinporten, the audience of a grant. exchange: where
    its token is exchanged, None when it is used as it is. kid, chain: which key signs, by name or by certificates.
    resource: for which API; consumer: organisation number of whom it is done for. token_issuer, keys: who has to have
    issued the token that comes, and with which keys; not looked at where none is given. user: an enterprise user."""

    client: str
    scopes: tuple[str, ...]
    token: Address
    issuer: str
    exchange: Address | None
    kid: str = ""
    chain: tuple[str, ...] = ()
    resource: str = ""
    consumer: str = ""
    token_issuer: str = ""
    keys: tuple[Mapping[str, Any], ...] = ()
    user: Person | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """How the services are reached, and what time it is."""

    ask: Send
    close: Callable[[], Awaitable[None]]
    now: Callable[[], float] = time.time


class Refused(Exception):
    """A step that did not end in a token. final: trying again would be answered the same."""

    def __init__(self, because: str, *, final: bool, stage: Stage = Stage.LOGIN) -> None:
        super().__init__(because)
        self.because = because
        self.final = final
        self.stage = stage


class Maskinporten(Renewed):
    """A login that is had by exchange when the first question needs it, and renewed before it runs out."""

    login = Login.MASKINPORTEN
    name = "maskinporten"

    def __init__(self, terms: Terms, key: tokens.SigningKey, way: Way) -> None:
        super().__init__()
        self._terms = terms
        self._key = key
        self._way = way
        self._token = ""
        self._until = 0.0
        self._renew = 0.0
        self._tries = 0
        self._had: dict[str, None] = {}

    def dress(self) -> Dress | None:
        if not self._token or self._way.now() >= self._renew:
            return None
        return bearer(self._token, self, self.session)

    async def fetch(self, door: Door) -> Failure | None:
        """The token, unless it was refused before. Nothing of the target's goes along."""
        async with self._lock:
            if self.dress() is not None:
                return None
            if self._refused is not None:
                return self._refused
            return await self._fetched()

    async def _fetched(self) -> Failure | None:
        try:
            token, lives = await self._exchanged(await self._granted())
        except Refused as refusal:
            return self._without(refusal)
        now = self._way.now()
        self._token, self._until = token, now + lives
        self._renew = now + lives - min(MARGIN, lives / 4)
        self._tries = 0
        self.session += 1
        return None

    def _without(self, refusal: Refused) -> Failure | None:
        """No new token. While the old one is valid it does, for a while."""
        now = self._way.now()
        self._tries += 1
        if self._token and now < self._until:
            self._renew = min(self._until, now + LATER)
            return None
        failure = Failure(refusal.stage, f"logging in by Maskinporten: {refusal.because}")
        if refusal.final or self._tries >= MOST_TRIES:
            self._refused = failure
        return failure

    def ended(self, ready: Ready) -> bool:
        again = super().ended(ready)
        if again and ready.session == self.session:
            self._token = ""
        return again

    def token(self) -> str:
        return self._token

    def secrets(self) -> tuple[str, ...]:
        user = self._terms.user
        return (*((user.password, enterprise_user(user)) if user else ()), *self._key.secrets(), *self._had)

    async def aclose(self) -> None:
        await self._way.close()

    # -- the two steps ----------------------------------------------------------------------------------------------

    def grant(self) -> str:
        """The grant, signed: who we are and what we ask for. Members that nobody asked for would be refused."""
        terms, now = self._terms, int(self._way.now())
        claims = {
            "aud": terms.issuer,
            "iss": terms.client,
            "scope": " ".join(terms.scopes),
            "iat": now,
            "exp": now + GRANT_SECONDS,
            "jti": str(uuid.uuid4()),
        }
        if terms.resource:
            claims["resource"] = terms.resource
        if terms.consumer:
            claims["consumer_org"] = terms.consumer
        return self._key.signed(claims, {"x5c": list(terms.chain)} if terms.chain else {"kid": terms.kid})

    async def _granted(self) -> tuple[str, float | None]:
        """The token of Maskinporten, and the seconds that it is said to live."""
        step = f"asking {self._terms.token.origin} for a token"
        body = urlencode({"grant_type": GRANT_TYPE, "assertion": self.grant()}).encode("ascii")
        fields = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
        said = await self._ask(step, "POST", self._terms.token, fields, body)
        found = _json(said)
        token = found.get("access_token") if isinstance(found, dict) else None
        if not _carriable(token):
            raise Refused(f"{step} was answered {said.status} without a token", final=True)
        self._had[str(token)] = None
        return str(token), _seconds(found.get("expires_in"))

    async def _exchanged(self, granted: tuple[str, float | None]) -> tuple[str, float]:
        """The token that the target gets, and the seconds that it lives."""
        token, lives = granted
        if self._terms.exchange is None:
            claims = tokens.claims_in(token)
            self._look(token, claims, "the token of Maskinporten", self._way.now())
            return token, max(SHORTEST, lives) if lives else _lifetime(claims or {}, self._way.now())
        step = f"exchanging the token of Maskinporten at {self._terms.exchange.origin}"
        user = self._terms.user
        fields: Fields = (("Authorization", f"Bearer {token}"), ("Accept", "application/json"))
        fields += ((ENTERPRISE_FIELD, enterprise_user(user)),) if user is not None else ()
        said = await self._ask(step, "GET", self._terms.exchange, fields, b"")
        found = _json(said)
        # A quoted JSON string; some environments send it without the quotes.
        text = found if isinstance(found, str) else said.body.decode("ascii", "replace").strip()
        if not _carriable(text):
            raise Refused(f"{step} was answered {said.status} without a token", final=True)
        self._had[text] = None
        claims = tokens.claims_in(text)
        if claims is None:
            raise Refused(f"{step} gave something that is no JSON Web Token", final=True)
        theirs = _their_time(said, self._way.now())
        self._look(text, claims, "the token that was exchanged", theirs)
        return text, _lifetime(claims, theirs)

    def _look(self, token: str, claims: Mapping[str, Any] | None, what: str, now: float) -> None:
        """Times, issuer and, where keys were given, signature of a token."""
        terms, told = self._terms, claims or {}
        expires, begins, issuer = _seconds(told.get("exp")), _seconds(told.get("nbf")), told.get("iss")
        if expires is not None and expires <= now - LEEWAY:
            raise Refused(f"{what} has expired already", final=True)
        if begins is not None and begins > now + LEEWAY:
            raise Refused(f"{what} is not valid yet", final=True)
        if terms.token_issuer and issuer != terms.token_issuer:
            raise Refused(f"{what} is not issued by {terms.token_issuer}", final=True)
        if terms.keys and not tokens.is_signed_by(token, terms.keys):
            raise Refused(f"{what} is signed by none of the keys that were given", final=True)

    async def _ask(self, step: str, method: str, where: Address, fields: Fields, body: bytes) -> Response:
        said = await self._way.ask(Ready(method, where, (*fields, ENCODING, USER_AGENT), body=body))
        if isinstance(said, Failure):
            raise Refused(f"{step}: {said.because}", final=said.stage is Stage.REFUSED, stage=said.stage)
        if 200 <= said.status < 300:
            return said
        if 300 <= said.status < 400:
            raise Refused(f"{step} was answered {said.status}: redirects are not followed with a login", final=True)
        told = f"{step} was answered {said.status}{self._words(said)}{_skewed(said, self._way.now())}"
        raise Refused(told, final=said.status < 500 and said.status != 429)

    def _words(self, said: Response) -> str:
        """What a service says of a refusal, as one line without anything that could be a secret."""
        found = _json(said)
        if isinstance(found, dict):
            parts = [found.get(name) for name in ("error", "error_description", "title", "detail", "message")]
            text = ": ".join(part for part in parts if isinstance(part, str) and part)
        else:
            text = f"{said.phrase} {said.body[:300].decode('utf-8', 'replace')}"
        for secret in self.secrets():
            text = text.replace(secret, "...") if len(secret) > 3 else text
        text = LIKE_A_SECRET.sub("...", " ".join(text.split()))
        shown = "".join(one for one in text if one.isprintable())[:200]
        return f" ({shown})" if shown else ""


def _json(said: Response) -> Any:
    try:
        return json.loads(said.body)
    except (ValueError, RecursionError):
        return None


def _seconds(value: object) -> float | None:
    """A number of seconds as a service tells it; None for what is none, and for what no clock can hold."""
    try:
        found = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else nan
    except OverflowError:
        return None
    return found if isfinite(found) else None


def _carriable(token: object) -> bool:
    return isinstance(token, str) and bool(re.fullmatch(r"[A-Za-z0-9._~+/=-]{1,20000}", token))


def _their_time(said: Response, ours: float) -> float:
    """The clock of a service where it tells the time, else ours."""
    try:
        return parsedate_to_datetime(said.first("Date") or "").timestamp()
    except (ValueError, OverflowError):
        return ours


def _skewed(said: Response, ours: float) -> str:
    skew = _their_time(said, ours) - ours
    if abs(skew) <= NOTED_SKEW:
        return ""
    return f"; its clock is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} ours"


def _lifetime(claims: Mapping[str, Any], now: float) -> float:
    """How long a token lives by its own words: from when it was issued, so that nobody's clock matters."""
    expires, issued = _seconds(claims.get("exp")), _seconds(claims.get("iat", claims.get("nbf")))
    if expires is None:
        return UNTOLD
    return max(SHORTEST, expires - (now if issued is None else issued))
