"""The environment in miniature: an ask goes in, an answer comes out. Thread-safe, in-process, no effects but its
own memory (which messages were read, what was asked before).
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from samsvar.errors import UsageError
from samsvar.miniature import access, credentials
from samsvar.miniature.content import Content
from samsvar.miniature.evolutions import EVOLUTIONS
from samsvar.miniature.faults import FAULTS
from samsvar.miniature.handlers import HANDLERS, Site
from samsvar.miniature.layouts import Fixed
from samsvar.miniature.negotiation import MalformedAccept, negotiate
from samsvar.miniature.odata import QueryError
from samsvar.miniature.parts import Call, Change, Evolution, Fault, Parts
from samsvar.miniature.records import Document, Listing, Problem, Record, Result
from samsvar.miniature.routes import match
from samsvar.miniature.texts import LANGUAGES
from samsvar.miniature.windows import cut
from samsvar.miniature.wire import Answer, Ask
from samsvar.model.exchange import FORMATS, JSON, Fields

COMMON: Fields = (("Cache-Control", "no-cache"), ("Pragma", "no-cache"), ("Expires", "-1"), ("Server", "miniature"))
CHARSET = "; charset=utf-8"
ERROR_MODEL = "Error"
PHRASES = {200: b"OK", 204: b"No Content", 304: b"Not Modified"}
PORTAL = (
    b'<!DOCTYPE html>\n<html lang="nb"><head><meta charset="utf-8"><title>Portal</title></head><body></body></html>\n'
)


def changes(ids: tuple[str, ...], table: Mapping[str, Evolution] | Mapping[str, Fault], kind: str) -> list[Change]:
    """What these switches change. Raises UsageError for ids that are not in the table."""
    unknown = [name for name in ids if name not in table]
    if unknown:
        raise UsageError(f"There is no {kind} {', '.join(unknown)}.", f"Known: {', '.join(table)}.")
    return [table[name].change for name in ids]


class Miniature:
    """An environment that keeps the whole contract, but for the faults that are switched on.

    root: the absolute URL of its API. seed, size: what there is (size: number of messages in the boxes of the first
    user). Raises UsageError for an unknown fault or evolution.
    """

    def __init__(
        self,
        root: str = "https://miniature.samsvar.example/api",
        seed: int = 1,
        size: int = 130,
        faults: tuple[str, ...] = (),
        evolutions: tuple[str, ...] = (),
    ) -> None:
        self.root = root.rstrip("/")
        self.base = urlsplit(self.root).path
        self.content = Content(seed, size)
        parts = Parts(layout=Fixed())
        for change in (*changes(evolutions, EVOLUTIONS, "evolution"), *changes(faults, FAULTS, "fault")):
            parts = change(parts)
        self.parts = parts
        self._lock = Lock()
        self._read: set[str] = set()
        self._asked = 0
        self._visits: Counter[tuple[str, str, str | None, str]] = Counter()

    def answer(self, ask: Ask) -> Answer:
        """What the environment says. Never raises for anything that can be asked."""
        call = self._located(self._counted(ask))
        for locate in self.parts.calls:
            call = locate(call)
        call = self._negotiated(call)
        answer = self._answered(call)
        for change in self.parts.answers:
            answer = change(call, answer)
        answer = finished(call, answer)
        for change in self.parts.finals:
            answer = change(call, answer)
        return answer

    def _counted(self, ask: Ask) -> Call:
        """The call with its place in the order of asking."""
        # A session stays the same one when its ticket is renewed.
        marks = repr((ask.header("Authorization"), re.sub(r"\.[0-9]+\.[\w-]+", "", ask.header("Cookie") or "")))
        login = blake2b(marks.encode(), digest_size=4).hexdigest()
        with self._lock:
            self._asked += 1
            key = (ask.method, ask.target, ask.header("Accept"), login)
            self._visits[key] += 1
            return Call(ask, self._asked, self._visits[key], root=self.root, session=login)

    def _located(self, call: Call) -> Call:
        """The call with its path, query and route; no route if nothing stands there."""
        target, _, query = call.ask.target.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        call = replace(call, query=pairs)
        if not f"{target}/".lower().startswith(f"{self.base}/".lower()):
            return call
        path = self.parts.layout.resolve(call, target[len(self.base) + 1 :])
        if path is None:
            return call
        own, _, more = path.partition("?")
        found = match(own)
        if found is None or (found.route.template == "" and not self.parts.front):
            return replace(call, path=own)
        return replace(
            call,
            path=own,
            route=found.route,
            variables=found.variables,
            query=(*parse_qsl(more, keep_blank_values=True), *pairs),
        )

    def _answered(self, call: Call) -> Answer:
        """The answer to GET, with what every answer carries."""
        if call.ask.method == "OPTIONS":
            return self._dressed(call, self._options(call))
        refusal = self._refused(call)
        if refusal is not None:
            return self._dressed(call, refusal)
        user = self.parts.admit(call)
        if isinstance(user, Problem):
            return self._dressed(call, self._problem(call, user))
        return self._renewed(call, self._dressed(call, self._read_out(replace(call, user=user))))

    def _renewed(self, call: Call, answer: Answer) -> Answer:
        """A session slides: an ordinary answer renews it once more than half of its time is over."""
        ticket = access.renewed(call.ask, call.now, self.parts.session) if self.parts.sliding else None
        return answer if ticket is None else answer.adding("Set-Cookie", self._cookie(ticket))

    def _cookie(self, ticket: str) -> str:
        secure = "; Secure" if self.root.startswith("https:") else ""
        return f"{credentials.COOKIE_NAME}={ticket}; Path=/{secure}; HttpOnly; SameSite=None"

    def _options(self, call: Call) -> Answer:
        """A preflight, or the methods that there are. Neither needs a login."""
        origin = call.ask.header("Origin")
        if origin is not None and call.ask.header("Access-Control-Request-Method") is not None:
            fields = (
                *self.parts.preflight(origin),
                ("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"),
            )
            return Answer(204, PHRASES[204], fields)
        if call.route is None:
            return self._unknown(call)
        return Answer(204, PHRASES[204], (("Allow", call.route.allow),))

    def _refused(self, call: Call) -> Answer | None:
        """Why this cannot be asked by anybody, or None. Logging in by password is the one unsafe call that works."""
        if call.route is None:
            return self._unknown(call)
        method = call.ask.method
        if method in ("GET", "HEAD") and call.route.reads:
            return None
        if method not in call.route.methods:
            problem = Problem(
                405, f"The method {printable(method)} is not supported here", (("Allow", call.route.allow),)
            )
            return self._problem(call, problem)
        problem = access.key_problem(call.ask) or Problem(403, "Forbidden - The miniature does not write")
        if (
            call.template.lower() == "authentication/authenticatewithpassword"
            and problem.status == 403
            and access.key_problem(call.ask) is None
        ):
            return self._logged_in(call)
        return self._problem(call, problem)

    def _logged_in(self, call: Call) -> Answer:
        """The session cookie, for the right user name and password."""
        if not access.log_in(call.ask):
            return self._problem(call, Problem(401, "Wrong user name or password", access.CHALLENGE))
        ticket = credentials.ticket(credentials.FIRST_USER, call.now + self.parts.session)
        return Answer(204, b"Authenticated", (("Set-Cookie", self._cookie(ticket)),))

    def _unknown(self, call: Call) -> Answer:
        """404; the portal outside the API has a page for people."""
        if call.ask.target.startswith("/Pages/"):
            return Answer(200, PHRASES[200], (("Content-Type", "text/html; charset=utf-8"),), PORTAL)
        return self._problem(call, Problem(404, "There is no such resource"))

    def _negotiated(self, call: Call) -> Call:
        """The call with the media type that it gets, or why it gets none. Documents ("") have types of their own."""
        offered = call.route.formats if call.route else ()
        if not offered:
            return call
        try:
            chosen = self.parts.choose(call.ask.header("Accept"), offered)
        except MalformedAccept:
            return replace(call, unmet="The Accept header is malformed")
        if chosen is None:
            return replace(call, unmet=f"Only these media types are available: {', '.join(offered)}")
        return replace(call, format=chosen)

    def _read_out(self, call: Call) -> Answer:
        """The answer of a handler, written in the format that was asked for."""
        if call.unmet:
            return self._problem(call, Problem(406, call.unmet))
        result = self._result(call)
        for hook in self.parts.results:
            result = hook(call, result)
        return self._written(call, result)

    def _result(self, call: Call) -> Result:
        """What the handler says, after looking at the query."""
        if call.language not in LANGUAGES:
            return Problem(400, "The language is unknown: 1044, 1033 and 2068 are supported")
        handler = HANDLERS.get(call.template)
        if handler is None:
            return Problem(404, "There is no such resource")
        site = Site(self.content, self._is_read)
        try:
            result = handler(site, call)
        except QueryError as error:
            return Problem(400, str(error))
        if isinstance(result, Record | Document) and any(name.startswith("$") for name, _ in call.query):
            return Problem(400, "Query options are supported on lists only")
        return self._marked(call, site, result)

    def _marked(self, call: Call, site: Site, result: Result) -> Result:
        """Reading a letter without markAsRead=false marks it as read: the one documented effect of a GET."""
        if call.template != "{who}/messages/{messageId}" or not isinstance(result, Record) or call.ask.method != "GET":
            return result
        wanted = (call.parameter("markAsRead") or "").lower() == "true" or self.parts.marks_read(call)
        if not wanted:
            return result
        with self._lock:
            self._read.add(str(result.get("MessageId")))
        return HANDLERS[call.template](site, call)

    def _is_read(self, message_id: str) -> bool:
        """Whether a letter was read: every other one had been, before we came."""
        return int(message_id[1:]) % 2 == 1 or message_id in self._read

    def _written(self, call: Call, result: Result) -> Answer:
        """A result as an answer."""
        if isinstance(result, Problem):
            return self._problem(call, result)
        if isinstance(result, Document):
            return Answer(200, PHRASES[200], (("Content-Type", result.media_type), *result.headers), result.body)
        extra: Fields = ()
        if isinstance(result, Listing):
            extra = (("X-Warning-LimitReached", "true"),) if result.cut else ()
            shown = cut(call, result, self.parts)
            if isinstance(shown, Problem):
                return self._problem(call, shown)
            result = shown
        for hook in self.parts.records:
            result = hook(call, result)
        return Answer(200, PHRASES[200], (("Content-Type", call.format + CHARSET), *extra), self._body(call, result))

    def _body(self, call: Call, record: Record) -> bytes:
        """A record in the format chosen."""
        publish = partial(self._publish, call)
        body = self.parts.writers[call.format](record, self.parts.style, publish)
        for hook in self.parts.bodies:
            body = hook(call, body)
        return body

    def _publish(self, call: Call, path: str) -> str:
        """The URL for a canonical path; pages of the portal stand beside the API."""
        if path.startswith("Pages/"):
            return f"{self.root.removesuffix(self.base)}/{path}"
        return path if "://" in path else self.parts.layout.publish(call, path)

    def _problem(self, call: Call, problem: Problem) -> Answer:
        """A refusal with its reason phrase and a body in the asked format."""
        format_ = self._problem_format(call)
        record = Record(ERROR_MODEL, "", (("ErrorCode", problem.code), ("ErrorMessage", problem.reason)))
        body = self.parts.writers[format_](record, self.parts.style, partial(self._publish, call))
        reason = re.sub(r"[^\x20-\x7e\x80-\uffff]", " ", problem.reason)[:300]
        fields = (("Content-Type", format_ + CHARSET), *problem.headers)
        return Answer(problem.status, reason.encode(), fields, body)

    def _problem_format(self, call: Call) -> str:
        """In which format a refusal is told: as asked for, else in plain JSON."""
        if call.format or call.unmet:
            return call.format or JSON
        try:
            return negotiate(call.ask.header("Accept"), FORMATS) or JSON
        except MalformedAccept:
            return JSON

    def _dressed(self, call: Call, answer: Answer) -> Answer:
        """The fields that every answer carries."""
        origin = call.ask.header("Origin")
        shared = () if answer.first("Access-Control-Allow-Origin") else self.parts.sharing(origin)
        is_preflight = call.ask.method == "OPTIONS" and call.ask.header("Access-Control-Request-Method") is not None
        fields: Fields = () if is_preflight else shared
        mark = (("ETag", tag_of(call, answer)),) if answer.status == 200 else ()
        common = jwk_fields() if call.template == "metadata/jwk" and answer.status == 200 else COMMON
        length: Fields = () if answer.status == 204 else (("Content-Length", str(len(answer.body))),)
        return replace(answer, headers=(*answer.headers, ("Vary", "Accept, Origin"), *fields, *mark, *common, *length))


def jwk_fields() -> Fields:
    """The keys are the one resource that may be cached."""
    return (("Cache-Control", "public, max-age=86400"), ("Server", "miniature"))


def printable(method: str) -> str:
    """A method name as it may stand in a reason phrase."""
    return method if method.isascii() and method.isalpha() else "?"


def tag_of(call: Call, answer: Answer) -> str:
    """A strong entity tag: of one media type and one content (RFC 9110, 8.8.3)."""
    kind = (answer.first("Content-Type") or "").encode()
    return f'"{blake2b(kind + b"|" + answer.body, digest_size=12).hexdigest()}"'


def finished(call: Call, answer: Answer) -> Answer:
    """304 where the caller has it already, and the body left out for HEAD (RFC 9110, 13.1.2 and 9.3.2)."""
    wanted = call.ask.header("If-None-Match")
    tag = answer.first("ETag")
    if wanted is not None and tag is not None and call.ask.method in ("GET", "HEAD"):
        tags = {text.strip().removeprefix("W/") for text in wanted.split(",")}
        if tags & {"*", tag.removeprefix("W/")}:
            fields = tuple(
                pair
                for pair in answer.headers
                if pair[0].lower() not in ("content-length", "content-type", "content-disposition", "content-encoding")
            )
            return Answer(304, PHRASES[304], fields)
    return replace(answer, body=b"") if call.ask.method == "HEAD" else answer
