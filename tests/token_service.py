"""A token service on this machine: what Maskinporten and Altinn's exchange are to a client, each an origin of its own.

It verifies a grant by its own means (RFC 7523, 3, and what Maskinporten says of grants), gives tokens of its own that
are signed with its own key, and exchanges those and no others for tokens that the miniature takes.
"""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from samsvar.miniature import credentials

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KNOWN_CLAIMS = {"aud", "iss", "scope", "iat", "exp", "jti", "resource", "consumer_org"}
Said = tuple[int, Any]


@dataclass
class Client:
    """Who is registered: public keys by name, certificates by their DER, scopes that were granted."""

    keys: dict[str, Any] = field(default_factory=dict)
    certificates: list[bytes] = field(default_factory=list)
    scopes: tuple[str, ...] = ()


@dataclass
class Heard:
    """One request that came: to which of the two, and all of it."""

    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def whole(self) -> bytes:
        return repr((self.path, self.headers)).encode() + self.body


class Invalid(Exception):
    """Why a grant is refused: error and description."""


class TokenService:
    """clients: by client id. now: its clock. lives: seconds of a token of Maskinporten and of an exchanged one.
    instead: what to answer in place of what is right, by service ("token", "exchange"); a list is used up one by one.
    """

    def __init__(self, clients: dict[str, Client], now: Callable[[], float], lives: tuple[int, int] = (120, 1_800)):
        self.clients = clients
        self.now = now
        self.lives = lives
        self.instead: dict[str, list[Said]] = {}
        self.heard: list[Heard] = []
        self.given: list[str] = []
        self.enterprise: str | None = None
        self.user_of: Callable[[int], str] = lambda ends: credentials.token(credentials.FIRST_USER, ends)
        self._used: set[str] = set()
        self._key = rsa.generate_private_key(65537, 2048)
        self._servers = {name: self._served(name) for name in ("token", "exchange")}

    @property
    def issuer(self) -> str:
        return self._root("token") + "/"

    @property
    def token_endpoint(self) -> str:
        return self._root("token") + "/token"

    @property
    def exchange_endpoint(self) -> str:
        return self._root("exchange") + "/authentication/api/v1/exchange/maskinporten"

    def _root(self, name: str) -> str:
        return f"http://127.0.0.1:{self._servers[name].server_address[1]}"

    def count(self, service: str) -> int:
        return sum(one.service == service for one in self.heard)

    # -- Maskinporten -----------------------------------------------------------------------------------------------

    def token(self, heard: Heard) -> Said:
        try:
            return 200, self._issued(heard)
        except Invalid as invalid:
            return 400, {"error": invalid.args[0], "error_description": f"{invalid.args[1]} (trace_id: 0af76519)"}

    def _issued(self, heard: Heard) -> dict[str, object]:
        form = parse_qs(heard.body.decode())
        if heard.method != "POST" or form.get("grant_type") != [GRANT] or len(form.get("assertion", ())) != 1:
            raise Invalid("invalid_request", "The request is no JWT bearer grant")
        claims = self._verified(form["assertion"][0])
        wanted = str(claims["scope"]).split()
        client = self.clients[claims["iss"]]
        if not wanted or not set(wanted) <= set(client.scopes):
            raise Invalid("invalid_scope", "The client is not registered with the requested scope")
        now = int(self.now())
        consumer = {"authority": "iso6523-actorid-upis", "ID": "0192:310702641"}
        claims = {"iss": self.issuer, "client_id": claims["iss"], "consumer": consumer, "jti": claims["jti"]}
        claims |= {"scope": " ".join(wanted), "iat": now, "exp": now + self.lives[0]}
        token = jwt.encode(claims, self._key, algorithm="RS256")
        self.given.append(token)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lives[0] - 1,
            "scope": claims["scope"],
        }

    def _verified(self, assertion: str) -> dict[str, Any]:
        try:
            head, told = (
                jwt.get_unverified_header(assertion),
                jwt.decode(assertion, options={"verify_signature": False}),
            )
        except jwt.PyJWTError:
            raise Invalid("invalid_grant", "Invalid assertion") from None
        client = self.clients.get(told.get("iss", ""))
        if client is None:
            raise Invalid("invalid_client", "Client not found")
        key = self._key_of(client, head)
        # Times and audience are looked at below, since each has words of its own.
        unchecked = dict.fromkeys(("verify_exp", "verify_iat", "verify_aud"), False)
        try:
            claims: dict[str, Any] = jwt.decode(assertion, key, algorithms=["RS256"], options=unchecked)
        except jwt.PyJWTError:
            told = "Invalid assertion. Client authentication failed. Invalid JWT signature."
            raise Invalid("invalid_grant", told) from None
        self._times(claims)
        if claims.get("aud") != self.issuer:
            raise Invalid("invalid_grant", "Invalid assertion. Invalid audience.")
        if set(claims) - KNOWN_CLAIMS or "scope" not in claims:
            raise Invalid("invalid_grant", "Invalid assertion. Unknown or missing claims.")
        if claims.get("jti") in self._used or not claims.get("jti"):
            raise Invalid("invalid_grant", "Invalid assertion. JWT has been used.")
        self._used.add(claims["jti"])
        return claims

    def _key_of(self, client: Client, head: dict[str, Any]) -> Any:
        if "x5c" in head:
            leaf = base64.b64decode(head["x5c"][0])
            if leaf not in client.certificates:
                raise Invalid("invalid_grant", "Invalid assertion. Client authentication failed. Unknown certificate.")
            return x509.load_der_x509_certificate(leaf).public_key()
        if head.get("kid") not in client.keys:
            told = "Invalid assertion. Client authentication failed. Unknown key identifier (kid) for client."
            raise Invalid("invalid_grant", told)
        return client.keys[head["kid"]]

    def _times(self, claims: dict[str, Any]) -> None:
        now, issued, expires = self.now(), claims.get("iat", 0), claims.get("exp", 0)
        if expires - issued > 120:
            raise Invalid("invalid_grant", "Invalid assertion. JWT has too long lifetime.")
        if issued > now + 10:
            raise Invalid("invalid_grant", "Invalid assertion. Issue time is in the future.")
        if expires < now - 10:
            raise Invalid("invalid_grant", "Invalid assertion. JWT has expired.")

    # -- Altinn's exchange ------------------------------------------------------------------------------------------

    def exchange(self, heard: Heard) -> Said:
        scheme, _, token = heard.headers.get("authorization", "").partition(" ")
        try:
            assert scheme == "Bearer"
            claims = jwt.decode(token, self._key.public_key(), algorithms=["RS256"], options={"verify_exp": False})
        except (AssertionError, jwt.PyJWTError):
            return 401, {"title": "Unauthorized"}
        if claims["exp"] < self.now():
            return 401, {"title": "Unauthorized"}
        if heard.headers.get("x-altinn-enterpriseuser-authentication") != self.enterprise:
            return 403, {"title": "Forbidden"}
        altinn = self.user_of(int(self.now()) + self.lives[1])
        self.given.append(altinn)
        return 200, altinn

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _served(self, name: str) -> ThreadingHTTPServer:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fields = {key.lower(): value for key, value in self.headers.items()}
                heard = Heard(name, self.command, self.path, fields, body)
                service.heard.append(heard)
                queue = service.instead.get(name)
                status, said = queue.pop(0) if queue else getattr(service, name)(heard)
                whole = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response_only(status)
                if 300 <= status < 400:
                    self.send_header("Location", service._root("exchange") + "/elsewhere")
                self.send_header("Date", self.date_time_string(int(service.now())))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                self.wfile.write(whole)

            do_GET = do_POST = respond

            def log_message(self, format: str, *args: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def __enter__(self) -> "TokenService":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()


def pem(key: rsa.RSAPrivateKey) -> str:
    """A private key as a file holds it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    """A public key as a JWK set holds it."""
    found: dict[str, str] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**found, "kid": kid, "use": "sig", "alg": "RS256"}
