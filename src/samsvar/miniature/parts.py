"""The parts that an environment is made of. A fault or an evolution is a function that exchanges or extends some
of them, so any number can be combined and none of them is mentioned anywhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol, TypeAlias

from samsvar.miniature import access, cors, credentials, odata
from samsvar.miniature.negotiation import negotiate
from samsvar.miniature.records import Listing, Problem, Record, Result
from samsvar.miniature.routes import Route
from samsvar.miniature.styling import PLAIN_STYLE, Publish, Style
from samsvar.miniature.wire import Answer, Ask
from samsvar.miniature.writing_hal_json import write_hal_json
from samsvar.miniature.writing_hal_xml import write_hal_xml
from samsvar.miniature.writing_json import write_json
from samsvar.miniature.writing_xml import write_xml
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Fields

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
PAGE = 50


@dataclass(frozen=True, slots=True)
class Call:
    """One ask on its way through the environment, with what is known of it so far.

    path: canonical, below the root. number: counts all asks from 1. visit: counts the asks for this method, target and
    Accept from 1. format: the media type chosen, "" for
    documents. unmet: why the Accept field cannot be met. session: a mark of the login. hidden: how many of the newest
    messages of the user's own box have not arrived yet. trail: what was asked before, the newest last; kept only for
    faults that look at it.
    """

    ask: Ask
    number: int = 0
    visit: int = 1
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    route: Route | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: NO_VARIABLES)
    user: str = ""
    format: str = ""
    root: str = ""
    session: str = ""
    hidden: int = 0
    unmet: str = ""
    trail: tuple["Call", ...] = ()

    def parameter(self, name: str) -> str | None:
        """A query parameter; names compare without case."""
        return next((value for key, value in self.query if key.lower() == name.lower()), None)

    @property
    def now(self) -> int:
        """The miniature's own present, in seconds since the epoch: every ask takes a second."""
        return credentials.NOW + self.number

    @property
    def template(self) -> str:
        """The route's template, "" when there is none."""
        return self.route.template if self.route else ""

    @property
    def model(self) -> str:
        return self.route.model if self.route else ""

    @property
    def who(self) -> str:
        """Whose place it is, as the path says it."""
        return self.variables.get("who") or self.variables.get("orgno") or ""

    @property
    def language(self) -> str:
        """The language asked for; bokmål unless said."""
        return self.parameter("language") or "1044"


class Layout(Protocol):
    """Where places stand. Both directions belong together."""

    def publish(self, call: Call, path: str) -> str:
        """The URL reference that is offered for a canonical path (which may hold a query and template variables)."""
        ...

    def resolve(self, call: Call, path: str) -> str | None:
        """The canonical path that a path below the root means, or None if nothing stands there."""
        ...


Writer: TypeAlias = Callable[[Record, Style, Publish], bytes]
Admit: TypeAlias = Callable[[Call], str | Problem]
Choose: TypeAlias = Callable[[str | None, tuple[str, ...]], str | None]
Cut: TypeAlias = Callable[[Call, Listing, "Parts"], Record | Problem]
RecordHook: TypeAlias = Callable[[Call, Record], Record]
ResultHook: TypeAlias = Callable[[Call, Result], Result]
BodyHook: TypeAlias = Callable[[Call, bytes], bytes]
AnswerHook: TypeAlias = Callable[[Call, Answer], Answer]
CallHook: TypeAlias = Callable[[Call], Call]

WRITERS: Mapping[str, Writer] = MappingProxyType(
    {HAL_JSON: write_hal_json, HAL_XML: write_hal_xml, JSON: write_json, XML: write_xml}
)


def admit(call: Call) -> str | Problem:
    """The user that a call comes from, or why it may not come: key first, then login, then rights."""
    needed = call.route.access if call.route else "open"
    if needed == "open":
        return ""
    problem = access.key_problem(call.ask)
    if problem or needed == "api-key":
        return problem or ""
    user = access.user_of(call.ask, call.now)
    if isinstance(user, Problem) or needed == "user":
        return user
    return access.NOT_OWNER if needed == "service-owner" else access.NO_ORGANISATION


def query_pairs(call: Call) -> dict[str, str]:
    """The OData options of a query. Raises QueryError for those that are unknown or given twice."""
    found: dict[str, str] = {}
    for name, value in call.query:
        if name.startswith("$"):
            if name not in odata.OPTIONS or name in found:
                raise odata.QueryError(f"The query parameter '{name}' is not supported, or is given twice")
            found[name] = value
    return found


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a switch may exchange.

    calls: before anything is decided. results: what a handler gave, before a list is cut. records: before writing.
    bodies: the bytes of a representation. answers: the whole answer to GET. finals: after 304 and HEAD were made of it.
    page: the most elements that a limited list holds; served: how many it gives when not told; next_links: the page
    after this one is linked. front: there is a front page. session: seconds that a session lives; sliding: from when it
    was last used, not from when it began.
    """

    layout: Layout
    style: Style = PLAIN_STYLE
    page: int = PAGE
    served: int = PAGE
    next_links: bool = False
    front: bool = False
    session: int = access.SESSION
    sliding: bool = True
    admit: Admit = admit
    choose: Choose = negotiate
    sharing: Callable[[str | None], Fields] = cors.sharing_fields
    preflight: Callable[[str | None], Fields] = cors.preflight_fields
    parse_filter: Callable[[str, str], Callable[[Record], bool]] = odata.parse_filter
    order: Callable[[list[Record], tuple[tuple[odata.Term, bool], ...]], list[Record]] = odata.ordered
    marks_read: Callable[[Call], bool] = field(default=lambda call: call.parameter("markAsRead") is None)
    writers: Mapping[str, Writer] = field(default_factory=lambda: WRITERS)
    calls: tuple[CallHook, ...] = ()
    results: tuple[ResultHook, ...] = ()
    records: tuple[RecordHook, ...] = ()
    bodies: tuple[BodyHook, ...] = ()
    answers: tuple[AnswerHook, ...] = ()
    finals: tuple[AnswerHook, ...] = ()

    def with_result(self, hook: ResultHook) -> "Parts":
        return replace(self, results=(*self.results, hook))

    def with_record(self, hook: RecordHook) -> "Parts":
        return replace(self, records=(*self.records, hook))

    def with_body(self, hook: BodyHook) -> "Parts":
        return replace(self, bodies=(*self.bodies, hook))

    def with_answer(self, hook: AnswerHook) -> "Parts":
        return replace(self, answers=(*self.answers, hook))

    def with_final(self, hook: AnswerHook) -> "Parts":
        return replace(self, finals=(*self.finals, hook))


Change: TypeAlias = Callable[[Parts], Parts]


@dataclass(frozen=True, slots=True)
class Evolution:
    """A harmless change of structure: breaks no guarantee."""

    id: str
    statement: str
    change: Change


@dataclass(frozen=True, slots=True)
class Fault:
    """A change that breaks one guarantee. subtle: only here and there. companions: guarantees that are bound to
    break with it. path: shows only after a certain path of asks."""

    id: str
    guarantee: str
    statement: str
    subtle: bool
    change: Change
    companions: tuple[str, ...] = ()
    path: bool = False
