"""What breaks a promise only on a certain path: not what is asked decides, but what the same client asked before.

Sticky sessions, gateways with a cache whose key is too coarse, connections with a counter, two nodes of which one is
stale. A crawl that reads each place once, in one format after the other, sees next to nothing of it.

A row is a `Twist` like any other. `path` takes hold when the asks before, and this one, fit its steps (next to each
other, or in this order `within` so many asks); `cache` is filled on such a path and answers later. Asks are counted in
the environment as a whole; preflights are not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from foreign.defects import accepting, loginless
from foreign.serving import ORIGIN, Ask, Environment, Fault, Reply, Twist, chosen
from foreign.writing import FORMATS, HAL_JSON, HAL_XML, JSON, XML, Doc, Moment

XMLS, JSONS, PLAIN = (XML, HAL_XML), (JSON, HAL_JSON), (JSON, XML)
LISTS = ("services", "codelists", "roles", "requirements", "reportees", "box")
OPEN = ("services", "service", "codelists", "codelist", "roles", "role", "requirements")
PRIVATE = ("reportees", "reportee", "box", "message", "form")
DATA = (*OPEN, *PRIVATE)
FILES = ("attachment", "print", "formdata", "schema")
PLACES = (
    ("services", r"metadata"),
    ("service", r"metadata/(formtask|correspondence|lookup)/[^/]+/\d+"),
    ("schema", r"metadata/.+/xsd"),
    ("codelists", r"metadata/codelists"),
    ("codelist", r"metadata/codelists/.+"),
    ("roles", r"metadata/roledefinitions"),
    ("role", r"metadata/roledefinitions/\d+"),
    ("requirements", r"metadata/rolerequirements"),
    ("reportees", r"reportees"),
    ("reportee", r"reportees/[^/]+"),
    ("box", r"[^/]+/messages"),
    ("message", r"[^/]+/messages/[^/]+"),
    ("form", r"[^/]+/messages/[^/]+/forms/\d+"),
    ("formdata", r"[^/]+/messages/[^/]+/forms/\d+/formdata"),
    ("attachment", r"[^/]+/messages/[^/]+/attachments/\d+"),
    ("print", r"[^/]+/messages/[^/]+/print"),
)
PAGED = {"next": True, "limit": 3}


@dataclass(frozen=True)
class Seen:
    """What is remembered of one ask."""

    method: str
    path: str
    kind: str
    media: str  # what Accept asks for
    query: tuple[tuple[str, str], ...]  # without the language
    language: str
    origin: str  # "", "own" or "other"
    login: bool
    conditional: bool
    status: int = 0
    etag: str = ""

    @property
    def who(self) -> str:
        return "" if self.kind in (*OPEN, "schema", "reportees", "reportee") else self.path.split("/")[0]

    @property
    def message(self) -> str:
        return "/".join(self.path.split("/")[:3])

    @property
    def paged(self) -> bool:
        return any(name in ("$top", "$skip") and value != "0" for name, value in self.query)


Run = list[Seen]  # the asks of the path, this one last
Test = Callable[[Seen], bool]


def seen(env: Environment, ask: Ask) -> Seen:
    path = env.inner(ask.path)
    kind = next((name for name, pattern in PLACES if re.fullmatch(pattern, path, re.I)), "other")
    origin = "" if not ask.origin else "own" if ask.origin == ORIGIN else "other"
    media = chosen(ask.headers.get("Accept"), env.settings["default"]) or ""
    return Seen(
        ask.method,
        path,
        kind,
        media,
        tuple(sorted((name, value) for name, value in ask.query.items() if name != "language")),
        ask.query.get("language", ""),
        origin,
        bool(ask.headers.get("Authorization")),
        bool(ask.headers.get("If-None-Match")),
    )


def fits(given: Any, wanted: Any) -> bool:
    return bool(given) == wanted if isinstance(wanted, bool) else bool(given == wanted)


def at(*kinds: str, media: tuple[str, ...] = FORMATS, method: str = "GET", **wanted: Any) -> Test:
    """An ask for a place of such a kind; members of `Seen` are as wanted, or are something or nothing as wanted."""

    def test(one: Seen) -> bool:
        if one.method != method or one.media not in media or (kinds and one.kind not in kinds):
            return False
        return all(fits(getattr(one, name), value) for name, value in wanted.items())

    return test


def anything(run: Run) -> bool:
    return True


def found(trail: Run, now: Seen, steps: tuple[Test, ...], whole: Callable[[Run], bool], within: int) -> Run | None:
    """The path that led here, nearest first: its steps lie in this order among the last `within` asks."""
    if not steps[-1](now):
        return None
    before = trail[::-1][: max(within, len(steps)) - 1]
    for chosen_ones in combinations(before, len(steps) - 1):
        run = [*chosen_ones[::-1], now]
        if all(test(one) for test, one in zip(steps, run, strict=True)) and whole(run):
            return run
    return None


def walk(
    id: str,
    steps: tuple[Test, ...],
    whole: Callable[[Run], bool],
    within: int,
    hooks: dict[str, Callable[..., Any]],
) -> dict[str, Any]:
    """The hooks of a twist that keeps a trail, each done only at the end of the path, and given the path as last."""

    def ask_hook(env: Environment, ask: Ask) -> None:
        now = seen(env, ask)
        run = found(env.memory.get(id, []), now, steps, whole, within)
        ask.notes[id] = now, run
        if run and "ask" in hooks:
            hooks["ask"](env, ask, run)

    def guarded(name: str) -> Callable[..., Any]:
        def hook(env: Environment, ask: Ask, *given: Any) -> Any:
            run = ask.notes[id][1]
            if run:
                return hooks[name](env, ask, *given, run)
            return given[0] if name in ("rows", "shown", "body") else None

        return hook

    def wire_hook(env: Environment, ask: Ask, reply: Reply) -> None:
        now, run = ask.notes[id]
        if run and "wire" in hooks:
            hooks["wire"](env, ask, reply, run)
        if "always" in hooks:
            hooks["always"](env, ask, reply, now, run)
        if ask.method != "OPTIONS":
            trail = env.memory.setdefault(id, [])
            trail.append(replace(now, status=reply.status, etag=reply.get("ETag") or ""))
            del trail[:-8]

    others = {name: guarded(name) for name in hooks if name not in ("ask", "wire", "always")}
    return {"ask": ask_hook, "wire": wire_hook, **others}


def path(
    id: str,
    breaks: str,
    says: str,
    steps: tuple[Test, ...],
    whole: Callable[[Run], bool] = anything,
    within: int = 0,
    settings: dict[str, Any] | None = None,
    size: int = 2,
    **hooks: Callable[..., Any],
) -> Twist:
    """Hooks as in `Twist`, each with the path as one more argument."""
    made = walk(id, steps, whole, within, hooks)
    return Twist(id, says, tuple(breaks.split()), size=size, settings=settings or {}, **made)


def key(one: Seen, without: str) -> tuple[Any, ...]:
    """What a cache tells answers apart by, but for one thing."""
    rest = one.path.partition("/")[2] if one.who else one.path
    whole = {
        "method": one.method,
        "who": one.who,
        "path": rest,
        "query": one.query,
        "language": one.language,
        "media": one.media,
        "login": one.login,
        "origin": one.origin,
    }
    return tuple(value for name, value in whole.items() if name != without)


def cache(
    id: str,
    breaks: str,
    says: str,
    without: str,
    steps: tuple[Test, ...],
    lives: int,
    whole: Callable[[Run], bool] = anything,
    good: bool = True,
    label: bool = True,
    **more: Any,
) -> Twist:
    """A cache that the end of a path fills, and that answers for `lives` asks whatever has its coarse key.

    It keeps good answers, or else refusals; without `label` the answer gets the header fields that were asked for.
    """

    def always(env: Environment, ask: Ask, reply: Reply, now: Seen, run: Run | None) -> None:
        kept = env.memory.setdefault(id + " kept", {})
        old = kept.get(key(now, without))
        if old and ask.method == "GET" and (label or reply.status == old[0].status):
            serve_old(env, ask, reply, old[0])
        for name in list(kept):
            kept[name][1] -= 1
            if not kept[name][1]:
                del kept[name]
        if run and not old and (reply.status == 200) == good:
            empty = b"" if ask.method == "HEAD" else reply.body
            kept[key(now, without)] = [Reply(reply.status, reply.reason, list(reply.headers), empty), lives]

    def serve_old(env: Environment, ask: Ask, reply: Reply, old: Reply) -> None:
        reply.body = old.body
        if label:
            reply.status, reply.reason, reply.headers = old.status, old.reason, list(old.headers)
            if without != "origin":
                for name in ("Origin", "Credentials"):
                    reply.drop("Access-Control-Allow-" + name)
                env.sign(ask, reply)

    return path(id, breaks, says, steps, whole, always=always, **more)


# --- what happens at the end of a path ------------------------------------------------------------------------------


def same(*numbers: int) -> Callable[[Run], bool]:
    """These steps of the path are at one place."""
    return lambda run: len({run[one].path.lower() for one in numbers}) == 1


def differ(*numbers: int) -> Callable[[Run], bool]:
    return lambda run: len({run[one].path.lower() for one in numbers}) == len(numbers)


def own_box(run: Run) -> bool:
    """The box of the reportee that was looked at just before."""
    return run[-2].path == f"reportees/{run[-1].who}"


def one_box(run: Run) -> bool:
    return len({one.who for one in run}) == 1


def keep_language(env: Environment, ask: Ask, run: Run) -> None:
    ask.query["language"] = run[0].language


def keep_format(env: Environment, ask: Ask, run: Run) -> None:
    accepting(ask, run[0].media)


def keep(name: str) -> Callable[[Environment, Ask, Run], None]:
    def put(env: Environment, ask: Ask, run: Run) -> None:
        ask.query[name] = dict(run[0].query)[name]

    return put


def keep_reportee(env: Environment, ask: Ask, run: Run) -> None:
    ask.path = run[1].path


def allow_stranger(env: Environment, ask: Ask, reply: Reply, run: Run) -> None:
    reply.put("Access-Control-Allow-Origin", ask.origin or "")
    reply.put("Access-Control-Allow-Credentials", "true")


def keep_etag(env: Environment, ask: Ask, reply: Reply, run: Run) -> None:
    if reply.status == 200 and ask.format:
        reply.put("ETag", run[0].etag)


def lend_login(env: Environment, ask: Ask, run: Run) -> None:
    loginless()(env, ask)


def refuse(status: int, reason: str) -> Callable[[Environment, Ask, Run], Reply]:
    def early(env: Environment, ask: Ask, run: Run) -> Reply:
        raise Fault(status, reason)

    return early


def slide(env: Environment, ask: Ask, run: Run) -> None:
    ask.query["$skip"] = str(int(ask.query["$skip"]) + 1)


def third(env: Environment, ask: Ask, reply: Reply, now: Seen, run: Run | None) -> None:
    if ask.method == "OPTIONS":
        return
    counts = env.memory.setdefault("on connection", {})
    count, after_file = counts.get(ask.connection, (0, False))
    if count % 3 == 2 and after_file and at(*DATA, media=PLAIN)(now):
        reply.status, reply.reason = 500, "Internal Server Error"
        reply.body = b""
        reply.drop("Content-Type")
    counts[ask.connection] = count + 1, now.kind in FILES


def crossing(env: Environment, ask: Ask, run: Run) -> Reply | None:
    env.memory["crossed"] = env.memory.get("crossed", 0) + 1
    if env.memory["crossed"] % 2:
        return None
    raise Fault(302, "Found", ("Location", env.root.removesuffix("/api") + "/ui/login"))


def stale_box(env: Environment, ask: Ask, rows: list[Any], run: Run) -> list[Any]:
    newest = max((one.changed for one in rows), default="")
    return [one for one in rows if one.changed != newest]


def stale_services(env: Environment, ask: Ask, rows: list[Any], run: Run) -> list[Any]:
    return [one for one in rows if getattr(one, "kind", "") != "lookup"]


def stale_service(env: Environment, ask: Ask, run: Run) -> None:
    if "/lookup/" in run[-1].path:
        raise Fault(404, "Not Found: no such service")


def inside_host(env: Environment, ask: Ask, doc: Doc, run: Run) -> None:
    for one in (doc, *doc.items):
        for link in one.links:
            link.href = link.href.replace(env.root, "http://api-02.intern.nordmarka.example:8080/api")


def wait(env: Environment, ask: Ask, reply: Reply, run: Run) -> None:
    reply.status, reply.reason = 200, "OK"
    reply.body = b"<html><body>You are number 1 in line.</body></html>"
    reply.put("Content-Type", "text/html; charset=utf-8")


def cut_times(env: Environment, ask: Ask, doc: Doc, run: Run) -> None:
    for one in (doc, *doc.items):
        for name, value in one.props.items():
            if isinstance(value, Moment):
                one.props[name] = Moment(value.partition("T")[0])


def as_in_list(env: Environment, ask: Ask, doc: Doc, run: Run) -> None:
    for name in ("Summary", "Body"):
        doc.props.pop(name, None)
    doc.links = [one for one in doc.links if one.rel not in ("attachment", "form", "archivereference")]


def as_latin(env: Environment, ask: Ask, body: bytes, run: Run) -> bytes:
    return body.decode().encode("latin-1", "replace")


PATHS = (
    # what sticks from one ask to the next
    path(
        "language-sticks",
        "GET-3 MODEL-4 FORMAT-4",
        "after two places in one language the next that names none comes in it",
        (at(*DATA, language=True), at(*DATA, language=True), at(*DATA, language="")),
        lambda run: run[0].language == run[1].language and run[0].path != run[1].path,
        ask=keep_language,
    ),
    path(
        "origin-sticks",
        "CORS-3 CORS-5 CORS-4",
        "after two places for the registered origin any origin is allowed for a while",
        (at(origin="own"), at(origin="own"), at(origin="other")),
        differ(0, 1),
        within=6,
        wire=allow_stranger,
    ),
    path(
        "format-sticks",
        "FORMAT-2 ACCEPT-1 ACCEPT-4 REACH-6",
        "back from an element in XML to the list that was XML, the list is XML whatever is asked for",
        (
            at("services", "reportees", "box", media=XMLS),
            at("service", "reportee", "message", media=XMLS),
            at("services", "reportees", "box", media=JSONS),
        ),
        same(0, 2),
        within=6,
        ask=keep_format,
    ),
    path(
        "top-sticks",
        "LIST-2 REACH-4 GET-3",
        "a list that was cut by $top is cut again on the way back from an element",
        (at(*LISTS, query=True), at("service", "reportee", "message"), at(*LISTS, paged=False)),
        lambda run: "$top" in dict(run[0].query) and run[0].path == run[2].path,
        within=6,
        ask=keep("$top"),
    ),
    path(
        "page-kept",
        "REACH-5 LIST-2 REACH-4 GET-3",
        "back from an element of a later page, the list begins at that page",
        (at("box", paged=True), at("message", "form", "print", "attachment"), at("box", paged=False)),
        lambda run: "$skip" in dict(run[0].query) and one_box(run),
        within=6,
        settings=PAGED,
        size=7,
        ask=keep("$skip"),
    ),
    path(
        "etag-kept",
        "ACCEPT-7",
        "on the second visit, in another format, a place has the validator of the first",
        (at(*DATA, etag=True), at(), at(*DATA)),
        lambda run: same(0, 2)(run) and differ(0, 1)(run) and run[0].media != run[2].media,
        settings={"etag": "strong"},
        wire=keep_etag,
    ),
    path(
        "login-lent",
        "AUTH-3",
        "a document after its message or form lends its login for a while",
        (
            at("message", "form", login=True),
            at("attachment", "print", "formdata", login=True),
            at(*PRIVATE, login=False),
        ),
        within=6,
        ask=lend_login,
    ),
    path(
        "reportee-sticks",
        "GET-3 LINK-2 REACH-5 MODEL-2",
        "who looked at another reportee and its box sees that box as his own for a while",
        (at("reportee"), at("box"), at("box", who="my")),
        lambda run: own_box(run[:2]),
        within=6,
        ask=keep_reportee,
    ),
    path(
        "one-at-a-time",
        "LINK-4 REACH-6 REACH-1",
        "after a message out of one box the other boxes are refused for a while",
        (at("box"), at("message"), at("box")),
        lambda run: run[0].who == run[1].who != run[2].who,
        within=6,
        early=refuse(403, "Forbidden: another reportee is chosen"),
    ),
    path(
        "page-slides",
        "REACH-4 LIST-2",
        "the next page begins one later when an element of the first was looked at",
        (at("box", paged=False), at("message"), at("box", paged=True)),
        lambda run: "$skip" in dict(run[2].query) and one_box(run),
        within=6,
        settings=PAGED,
        size=7,
        ask=slide,
    ),
    # caches that tell too little apart
    cache(
        "cache-no-accept",
        "FORMAT-2 ACCEPT-1 REACH-6 GET-3",
        "a service that a message led to is kept for two asks, whatever Accept says",
        "media",
        (at("message"), at("service")),
        2,
        within=4,
    ),
    cache(
        "cache-relabelled",
        "FORMAT-3 FORMAT-4 FORMAT-6 GET-3",
        "role requirements after a role are kept for two asks, and labelled as what is asked for",
        "media",
        (at("role"), at("requirements")),
        2,
        within=4,
        label=False,
    ),
    cache(
        "cache-no-login",
        "AUTH-3",
        "a message right after its box is there for three asks, also without login",
        "login",
        (at("box", login=True), at("message", login=True)),
        3,
        one_box,
        within=4,
    ),
    cache(
        "cache-no-reportee",
        "LINK-3 LINK-2 REACH-5 GET-3 FORMAT-5 FORMAT-6 FORMAT-7",
        "a box that a reportee or a message led to is every box for three asks",
        "who",
        (at("reportees", "reportee", "message", "form"), at("box")),
        3,
        within=4,
    ),
    cache(
        "cache-no-language",
        "MODEL-4 GET-3",
        "the second open place in one language stays in it for three asks",
        "language",
        (at(*OPEN, language=True), at(*OPEN, language=True)),
        3,
        lambda run: run[0].language == run[1].language and run[0].path != run[1].path,
    ),
    cache(
        "cache-no-query",
        "LINK-3 LINK-2 REACH-5 GET-3 FORMAT-5 FORMAT-6 FORMAT-7",
        "role requirements that a service or a role led to are those of every service for three asks",
        "query",
        (at("services", "service", "role"), at("requirements")),
        3,
        within=4,
    ),
    cache(
        "cache-no-page",
        "REACH-4 LIST-2 GET-3",
        "the first page after a reportee or a message is every page of that box for three asks",
        "query",
        (at("reportees", "reportee", "message", "form"), at("box", paged=False)),
        3,
        within=4,
        settings=PAGED,
        size=7,
    ),
    cache(
        "cache-no-method",
        "FORMAT-3 GET-4 REACH-6 GET-3",
        "HEAD right after a list fills the cache with nothing for two asks",
        "method",
        (at(*LISTS), at(*DATA, method="HEAD")),
        2,
    ),
    cache(
        "cache-no-origin",
        "CORS-2 CORS-1",
        "a role after its requirements, asked without Origin, allows nobody for two asks",
        "origin",
        (at("requirements"), at("role", origin="")),
        2,
        within=4,
    ),
    cache(
        "cache-refusal",
        "LINK-4 HTTP-1 REACH-6 GET-3",
        "what is refused for want of a login, after another place in the box, is refused for two asks to all",
        "login",
        (at("box", "message"), at("box", "message", "form", login=False)),
        2,
        lambda run: one_box(run) and differ(0, 1)(run),
        within=4,
        good=False,
    ),
    # counters
    path(
        "third-on-connection",
        "REACH-6 HTTP-1 LINK-4 GET-3",
        "each third ask on a connection fails if a document came before and a plain format is wanted",
        (at(),),
        always=third,
    ),
    path(
        "every-second-crossing",
        "LINK-4 REACH-6 REACH-1 AUTH-5 FORMAT-1",
        "each second step from metadata to a private place in a plain format leads to the login page",
        (at(*OPEN), at(*PRIVATE, media=PLAIN)),
        early=crossing,
    ),
    path(
        "waiting-room",
        "HTTP-1 FORMAT-2 FORMAT-3 REACH-6",
        "the third private place in a row in a plain format is a page that says to wait",
        (at(*PRIVATE, media=PLAIN),) * 3,
        differ(0, 1, 2),
        wire=wait,
    ),
    # two nodes
    path(
        "stale-boxes",
        "REACH-5 GET-3 REACH-4 FORMAT-5",
        "a message and its document lead to a node whose boxes lack the newest message, for a while",
        (at("message"), at("print", "attachment"), at("box")),
        lambda run: run[0].message == run[1].message,
        within=6,
        rows=stale_box,
    ),
    path(
        "stale-services",
        "REACH-5 LINK-4 REACH-2 GET-3",
        "role requirements and a role lead to a node that does not know the newest service, for a while",
        (at("requirements"), at("role"), at("services", "service")),
        within=6,
        rows=stale_services,
        early=stale_service,
    ),
    path(
        "inside-host",
        "LINK-5 REACH-6 GET-3",
        "a service and its schema lead to a node that links to its own name",
        (at("service"), at("schema"), at("services", "service")),
        within=6,
        doc=inside_host,
    ),
    # the way there and the second visit
    path(
        "once-only",
        "REACH-5 LINK-4 REACH-6 GET-3 FORMAT-1",
        "a message that is opened, left for the box and opened again is gone",
        (at("message"), at("box"), at("message")),
        same(0, 2),
        within=6,
        early=refuse(410, "Gone: this address was used"),
    ),
    path(
        "date-after-xml",
        "FORMAT-4 GET-3 MODEL-1",
        "JSON has dates without the time of day when another place came before in XML",
        (at(*DATA, media=(XML,)), at("services", "service", "message", "box", media=JSONS)),
        differ(0, 1),
        doc=cut_times,
    ),
    path(
        "list-projection",
        "FORMAT-4 LINK-9 FORMAT-6 REACH-2 GET-3",
        "a message in XML, right after its box in XML, has no more than the box said",
        (at("box", media=XMLS), at("message", media=XMLS)),
        one_box,
        doc=as_in_list,
    ),
    path(
        "latin-after-file",
        "FORMAT-3 FORMAT-4 REACH-6",
        "JSON after the data of a form or a schema is for a while in ISO 8859-1 and says UTF-8",
        (at("form", "service"), at("formdata", "schema"), at(*DATA, media=JSONS)),
        within=6,
        body=as_latin,
    ),
)
