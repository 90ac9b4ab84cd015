"""What is asked and what is said: probes, responses, failures, exchanges, evidence.

A probe carries no credential, only the name of the login to use; the transport adds credentials last, for one origin.
"""

from dataclasses import dataclass, field
from enum import StrEnum

HAL_JSON = "application/hal+json"
HAL_XML = "application/hal+xml"
XML = "application/xml"
JSON = "application/json"
FORMATS = (HAL_JSON, HAL_XML, XML, JSON)
"""The four media types of the contract, in the order in which a place is read."""

Fields = tuple[tuple[str, str], ...]
"""Header fields in the order and spelling in which they went over the wire; a name may occur more than once."""


def field_values(fields: Fields, name: str) -> tuple[str, ...]:
    """All values of a header field, in order; names compare without case (RFC 9110, 5.1)."""
    wanted = name.lower()
    return tuple(value for key, value in fields if key.lower() == wanted)


class Login(StrEnum):
    """Which credentials a probe goes out with. The words stand in evidence, so they never change."""

    GIVEN = "given"  # everything the run was given: key and (first) login
    NONE = "none"  # neither key nor login
    NO_KEY = "no-key"  # login without ApiKey
    WRONG_KEY = "wrong-key"  # login with an ApiKey that nobody has
    NO_LOGIN = "no-login"  # ApiKey without login
    WRONG_TOKEN = "wrong-token"  # ApiKey with a bearer token that nobody signed
    EXPIRED_TOKEN = "expired-token"  # ApiKey with a well-formed JWT whose exp is past
    TOKEN = "token"  # ApiKey and the given bearer token
    PASSWORD = "password"  # ApiKey and a cookie had by user name and password
    CERTIFICATE = "certificate"  # ApiKey and the enterprise certificate


class Client(StrEnum):
    """By which client a question is put. The words stand in evidence, so they never change."""

    OWN = ""  # samsvar itself
    BROWSER = "browser"  # script on a page of the origin that the probe names; the answer is what it could read
    CURL = "curl"  # the command line that the documentation shows
    POWERSHELL = "powershell"  # likewise


@dataclass(frozen=True, slots=True)
class Place:
    """One resource of the target, whatever its URL and format: a type of the contract and its key.

    ``key`` is the key values joined by "/", in the contract's order; for a list or another resource without a key of
    its own it is the key of what owns it ("my", "r50012345"), so that the box of one reportee is one place.
    An unknown type is "" and its key a URL.
    """

    type: str
    key: str

    def __str__(self) -> str:
        return f"{self.type or 'Resource'} {self.key}".strip()


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to the target.

    question: the key of what is asked ("read", "follow", "page", "cors.registered", ...): rules find their evidence by it.
    about: the variant of the question (a media type, an origin class, a filter, ...).
    url: absolute; method GET unless the question is about methods; headers never hold a credential.
    type: the contract's type expected there ("" when unknown); owner: key of what a keyless place belongs to.
    place: the place believed to be there, when that is known before asking.
    path: the relation path from an entry, e.g. "reportees > messages > attachment".
    parent: number of the exchange whose link led here; rel: the relation of that link.
    hop: how many redirects inside the origin lie behind this probe.
    walk: in which walk and at which of its steps it is asked ("12.3"); "" outside walks.
    by: the client that puts the question.
    """

    question: str
    url: str
    about: str = ""
    method: str = "GET"
    headers: Fields = ()
    login: Login = Login.GIVEN
    type: str = ""
    owner: str = ""
    place: Place | None = None
    path: str = ""
    parent: int | None = None
    rel: str = ""
    hop: int = 0
    walk: str = ""
    by: Client = Client.OWN

    def header(self, name: str) -> str | None:
        """The first value of a header field that is sent, or None."""
        values = field_values(self.headers, name)
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``reason`` holds the raw bytes of the reason phrase, ``body`` the content after decoding of
    Content-Encoding; ``wire_length`` counts the body's bytes before that decoding (None if unknown)."""

    status: int
    headers: Fields = ()
    body: bytes = b""
    reason: bytes = b""
    version: str = "HTTP/1.1"
    wire_length: int | None = None

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a header field, in order."""
        return field_values(self.headers, name)

    def first(self, name: str) -> str | None:
        """The first value of a header field, or None."""
        values = field_values(self.headers, name)
        return values[0] if values else None

    @property
    def phrase(self) -> str:
        """The reason phrase as text: UTF-8 where it is, else Latin-1."""
        try:
            return self.reason.decode("utf-8")
        except UnicodeDecodeError:
            return self.reason.decode("latin-1")


class Stage(StrEnum):
    """Where an exchange failed."""

    REFUSED = "refused"  # by our own safety: other origin, scheme, address, malformed URL
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    LOGIN = "login"  # logging in, before the question could be put, did not work
    RECEIVE = "receive"  # no or broken answer: reset, closed early
    FRAMING = "framing"  # Content-Length, chunks, truncated body
    ENCODING = "encoding"  # Content-Encoding that does not decode
    DEADLINE = "deadline"
    LIMIT = "limit"  # size or count of what came
    SHARING = "sharing"  # a browser kept the answer from script, by what the target says of sharing (CORS)
    BROWSER = "browser"  # a browser did not ask, or kept it from script, by rules of its own; or it did not run
    NOT_RECORDED = "not-recorded"  # a recording that does not answer this question
    INTERRUPTED = "interrupted"  # sent before the run was killed, answer unknown, and not safe to send again


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no (whole) response. ``response`` is what had come by then, if a status line had."""

    stage: Stage
    because: str
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An earlier try at the same question that told us to wait or broke before an answer: its status (or None) and
    the seconds that we then waited."""

    status: int | None
    because: str
    waited: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """A probe with its outcome: exactly one of ``response`` and ``failure`` is set.

    number counts from 1 without gaps in the order of asking. sent: the header fields that went out, credentials left
    out; credentials: names of the credentials that were added ("ApiKey", "Authorization", ...).
    at: seconds since the epoch when it was sent; seconds: how long it took. follows: number of the exchange whose
    redirect this one follows.
    """

    number: int
    probe: Probe
    response: Response | None = None
    failure: Failure | None = None
    sent: Fields = ()
    credentials: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    at: float = 0.0
    seconds: float = 0.0
    follows: int | None = None


class TargetKind(StrEnum):
    LIVE = "live"
    CASSETTE = "cassette"
    MINIATURE = "miniature"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked: kind and the absolute URL of the API root, without a final slash."""

    kind: TargetKind
    root: str


@dataclass(frozen=True, slots=True)
class Means:
    """What the run was given to see with. No secrets: only which there are.

    key, login: an ApiKey, some login was given. logins: each separate way to log in. origins: registered origins.
    unsafe: methods other than GET, HEAD and OPTIONS, and GETs with a documented effect, are allowed. ours: the target
    is our own miniature, which nothing can harm. clients: what else than samsvar itself can put questions here.
    """

    key: bool = False
    login: bool = False
    logins: tuple[Login, ...] = ()
    origins: tuple[str, ...] = ()
    unsafe: bool = False
    ours: bool = False
    clients: tuple[Client, ...] = ()


@dataclass(frozen=True, slots=True)
class NotVisited:
    """Something seen and deliberately not asked, and why. ``count`` places or links share the reason."""

    reason: str
    count: int
    example: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a recording comes from, as its manifest tells: instant (ISO 8601), source, version that recorded."""

    recorded: str
    source: str
    samsvar: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was said in one run. Verdicts are computed from this and the contract, from nothing else.

    asked: how many exchanges there were when the run ended; fewer in ``exchanges`` means that some are missing.
    stopped: why the run ended before everything was asked ("" if it did not). recording: where it comes from, when it
    was said to a recorder.
    """

    contract: str
    profile: str
    target: Target
    means: Means
    exchanges: tuple[Exchange, ...]
    asked: int
    not_visited: tuple[NotVisited, ...] = ()
    stopped: str = ""
    notes: tuple[str, ...] = field(default=())
    recording: Provenance | None = None
