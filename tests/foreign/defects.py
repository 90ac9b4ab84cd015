"""What breaks a promise, each row with the guarantee that it breaks (the first is the one that is meant)."""

import base64
import gzip
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from foreign.content import World
from foreign.queries import BadQuery, Reader, ordering, whole_number
from foreign.serving import (
    KEY,
    MESSAGE_FIELDS,
    ORIGIN,
    REPORTEE_FIELDS,
    SERVICE_FIELDS,
    Ask,
    Environment,
    Fault,
    Reply,
    Twist,
    media_range,
    token,
)
from foreign.writing import FORMATS, HAL_JSON, HAL_XML, JSON, XML, Doc, Link, Moment

Change = Callable[[Environment, Ask, Doc], Any]
XMLS, JSONS, HALS, PLAIN = (XML, HAL_XML), (JSON, HAL_JSON), (HAL_JSON, HAL_XML), (JSON, XML)


def each(
    id: str, breaks: str, says: str, kind: str, change: Change, formats: tuple[str, ...] = FORMATS, **more: Any
) -> Twist:
    """`change` is done to every document and list element of that kind, in these formats."""

    def hook(env: Environment, ask: Ask, doc: Doc) -> None:
        if ask.format in formats:
            for one in (doc, *doc.items):
                if one.kind == kind:
                    change(env, ask, one)

    return Twist(id, says, tuple(breaks.split()), doc=hook, **more)


def value(
    id: str,
    breaks: str,
    says: str,
    where: str,
    change: Callable[[Any], Any],
    formats: tuple[str, ...] = FORMATS,
    **more: Any,
) -> Twist:
    """`where` is Kind.Member; the value there is replaced when it is neither null nor missing."""
    kind, name = where.split(".")

    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        if doc.props.get(name) is not None:
            doc.props[name] = change(doc.props[name])

    return each(id, breaks, says, kind, put, formats, **more)


def drop(id: str, breaks: str, says: str, where: str, formats: tuple[str, ...] = FORMATS, only: str = "") -> Twist:
    kind, name = where.split(".")

    def out(env: Environment, ask: Ask, doc: Doc) -> None:
        if not only or only in doc.props.values():
            doc.props.pop(name, None)

    return each(id, breaks, says, kind, out, formats)


def links(
    id: str,
    breaks: str,
    says: str,
    where: str,
    change: Callable[[Environment, Doc, Link], Any],
    formats: tuple[str, ...] = FORMATS,
    only: str = "",
    **more: Any,
) -> Twist:
    """`where` is Kind.relation; False as the answer of `change` takes the link away."""
    kind, rel = where.split(".")

    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        if not only or only in doc.props.values():
            doc.links = [one for one in doc.links if one.rel != rel or change(env, doc, one) is not False]

    return each(id, breaks, says, kind, put, formats, **more)


def body(
    id: str,
    breaks: str,
    says: str,
    change: Callable[[bytes], bytes],
    formats: tuple[str, ...] = FORMATS,
    path: str = "",
    **more: Any,
) -> Twist:
    def hook(env: Environment, ask: Ask, raw: bytes) -> bytes:
        return change(raw) if ask.format in formats and re.search(path, ask.path) else raw

    return Twist(id, says, tuple(breaks.split()), body=hook, **more)


def wire(id: str, breaks: str, says: str, change: Callable[[Environment, Ask, Reply], Any], **more: Any) -> Twist:
    return Twist(id, says, tuple(breaks.split()), wire=change, **more)


def early(id: str, breaks: str, says: str, change: Callable[[Environment, Ask], Reply | None], **more: Any) -> Twist:
    return Twist(id, says, tuple(breaks.split()), early=change, **more)


def asked(id: str, breaks: str, says: str, change: Callable[[Environment, Ask], Any], **more: Any) -> Twist:
    return Twist(id, says, tuple(breaks.split()), ask=change, **more)


def content(id: str, breaks: str, says: str, change: Callable[[World], Any], **more: Any) -> Twist:
    return Twist(id, says, tuple(breaks.split()), content=change, **more)


def rows(
    id: str, breaks: str, says: str, change: Callable[[Environment, Ask, list[Any]], list[Any]], **more: Any
) -> Twist:
    return Twist(id, says, tuple(breaks.split()), rows=change, **more)


def shown(
    id: str, breaks: str, says: str, change: Callable[[Environment, Ask, list[Any]], list[Any]], **more: Any
) -> Twist:
    return Twist(id, says, tuple(breaks.split()), shown=change, **more)


def plain(status: int, reason: str, text: str = "", media: str = "text/plain") -> Reply:
    return Reply(status, reason, [("Content-Type", media)], text.encode())


def helped(ask: Ask, reply: Reply, pattern: str, other: str) -> None:
    """Writes something else on the pages for people who look for help."""
    if ask.path.lower().startswith("help"):
        reply.body = re.sub(pattern, other, reply.body.decode()).encode()


def lower_accept(ask: Ask) -> str:
    return (ask.headers.get("Accept") or "").lower()


def accepting(ask: Ask, text: str) -> None:
    ask.headers = type(ask.headers)({**ask.headers, "accept": text}.items())  # type: ignore[call-arg]


def retyped(ask: Ask, reply: Reply, media: str) -> None:
    if reply.status == 200 and ask.format:
        reply.put("Content-Type", media)


def mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def shifted(text: Moment) -> Moment:
    return Moment(str(text) + "Z")


def no_fraction(text: Moment) -> Moment:
    return Moment(text.partition(".")[0])


def german_date(text: Moment) -> str:
    return f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:19]}"


def unwrap(env: Environment, ask: Ask, doc: Doc) -> None:
    for name, given in doc.props.items():
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], Doc):
            doc.props[name] = given[0]


def rename(old: str, new: str) -> Change:
    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        doc.props = {new if name == old else name: given for name, given in doc.props.items()}

    return put


def embedded_away(env: Environment, ask: Ask, doc: Doc) -> None:
    doc.embedded = {}


def inner_docs(name: str, change: Callable[[Doc], Any]) -> Change:
    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        for one in doc.props.get(name) or []:
            change(one)

    return put


def href(text: str) -> Callable[[Environment, Doc, Link], None]:
    """A link to that inner path, or to that URL."""

    def put(env: Environment, doc: Doc, link: Link) -> None:
        link.href = text if "//" in text else env.url(text)

    return put


def gone(env: Environment, doc: Doc, link: Link) -> bool:
    return False


def attr(name: str, change: Callable[[Any], Any]) -> Callable[[Environment, Doc, Link], None]:
    def put(env: Environment, doc: Doc, link: Link) -> None:
        link.attrs[name] = change(link.attrs[name])
        if link.attrs[name] is None:
            del link.attrs[name]

    return put


# --- negotiation ----------------------------------------------------------------------------------------------------


def by_suffix(env: Environment, ask: Ask) -> None:
    for suffix, media in ((".json", JSON), (".xml", XML)):
        if ask.path.endswith(suffix):
            ask.path = ask.path.removesuffix(suffix)
            accepting(ask, media)


def by_parameter(env: Environment, ask: Ask) -> None:
    wanted = ask.query.pop("$format", "") or ask.query.pop("format", "")
    if wanted:
        accepting(ask, {"json": JSON, "xml": XML}.get(wanted, wanted))


def by_browser(env: Environment, ask: Ask) -> None:
    if "mozilla" in (ask.headers.get("User-Agent") or "").lower():
        accepting(ask, JSON)


def by_script(env: Environment, ask: Ask) -> None:
    if ask.headers.get("X-Requested-With") or ask.headers.get("Origin"):
        accepting(ask, JSON)


def by_memory(env: Environment, ask: Ask) -> None:
    text = lower_accept(ask)
    if text in FORMATS:
        env.memory["last"] = text
    elif text in ("", "*/*"):
        accepting(ask, env.memory.get("last", JSON))


def by_turns(env: Environment, ask: Ask) -> None:
    if lower_accept(ask) in ("", "*/*"):
        env.memory["turn"] = not env.memory.get("turn")
        accepting(ask, JSON if env.memory["turn"] else HAL_JSON)


def strict_case(only: str) -> Callable[[Environment, Ask], Reply | None]:
    def refuse(env: Environment, ask: Ask) -> Reply | None:
        text = ask.headers.get("Accept") or ""
        return plain(406, "Not Acceptable") if text != text.lower() and only in text.lower() else None

    return refuse


def first_wins(env: Environment, ask: Ask) -> None:
    accepting(ask, (ask.headers.get("Accept") or "").split(",")[0].split(";")[0])


def zero_counts(env: Environment, ask: Ask) -> None:
    accepting(ask, re.sub(r"q=0(\.0*)?\s*(?=,|$)", "q=0.5", ask.headers.get("Accept") or ""))


def no_specificity(env: Environment, ask: Ask) -> None:
    """The widest range decides for all."""
    ranges = [one for one in map(media_range, (ask.headers.get("Accept") or "").split(",")) if one]
    if any(kind.endswith("/*") for kind, _ in ranges) and len(ranges) > 1:
        accepting(ask, "*/*")


def tight_weights(env: Environment, ask: Ask) -> None:
    """A blank before q makes it unread."""
    accepting(ask, re.sub(r";\s+q=[\d.]+", "", ask.headers.get("Accept") or ""))


def unmet_as(status: int) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if reply.status == 406:
            reply.status, reply.reason = status, "Internal Server Error"

    return put


def malformed_500(env: Environment, ask: Ask) -> Reply | None:
    text = ask.headers.get("Accept") or ""
    parts = [one.strip() for one in text.split(",")]
    return plain(500, "Internal Server Error") if any("/" not in one for one in parts if text) else None


def flattered(env: Environment, ask: Ask, reply: Reply) -> None:
    """Whatever was asked for is what the answer says it is."""
    if reply.status == 406:
        reply.status, reply.reason, reply.body = 200, "OK", b'{"Name": "x"}'
        reply.put("Content-Type", (ask.headers.get("Accept") or JSON).split(",")[0].split(";")[0])


def shared_etag(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200:
        reply.put("ETag", f'"{abs(hash(ask.path))}"')


# --- access ---------------------------------------------------------------------------------------------------------


def with_key(env: Environment, ask: Ask, key: str = KEY) -> None:
    ask.headers = type(ask.headers)({**ask.headers, "apikey": key}.items())  # type: ignore[call-arg]


def keyless(where: str = "", formats: tuple[str, ...] = ()) -> Callable[[Environment, Ask], None]:
    def put(env: Environment, ask: Ask) -> None:
        if (
            not ask.headers.get("ApiKey")
            and re.search(where, ask.path)
            and (not formats or lower_accept(ask) in formats)
        ):
            with_key(env, ask)

    return put


def loginless(
    where: str = "", formats: tuple[str, ...] = (), methods: tuple[str, ...] = ()
) -> Callable[[Environment, Ask], None]:
    def put(env: Environment, ask: Ask) -> None:
        fits = re.search(where, ask.path) and (not formats or lower_accept(ask) in formats)
        if not ask.headers.get("Authorization") and fits and (not methods or ask.method in methods):
            ask.headers = type(ask.headers)({**ask.headers, "authorization": "Bearer " + token()}.items())  # type: ignore[call-arg]

    return put


def any_token(env: Environment, ask: Ask) -> None:
    if ask.headers.get("Authorization"):
        ask.headers = type(ask.headers)(  # type: ignore[call-arg]
            {key: one for key, one in ask.headers.items() if key != "authorization"}.items()
        )
        loginless()(env, ask)


def unsigned_token(env: Environment, ask: Ask) -> None:
    given = (ask.headers.get("Authorization") or "").partition(" ")[2]
    try:
        claims = given.split(".")[1]
        readable = "exp" in json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except (IndexError, ValueError):
        return
    if readable:
        any_token(env, ask)


def short_key(env: Environment, ask: Ask) -> None:
    if (ask.headers.get("ApiKey") or "").lower() == KEY.lower() or (ask.headers.get("ApiKey") or "").startswith(
        KEY[:4]
    ):
        with_key(env, ask)


def metadata_needs(header: str, where: str, status: int) -> Callable[[Environment, Ask], Reply | None]:
    def refuse(env: Environment, ask: Ask) -> Reply | None:
        if ask.method != "OPTIONS" and re.search(where, ask.path) and not ask.headers.get(header):
            return plain(status, f"Required header '{header}' is missing.")
        return None

    return refuse


# --- cross-origin ---------------------------------------------------------------------------------------------------


def allowed_too(test: Callable[[str], bool]) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if ask.origin and ask.origin != ORIGIN and test(ask.origin):
            reply.put("Access-Control-Allow-Origin", ask.origin)

    return put


def silent(test: Callable[[Ask, Reply], Any]) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if test(ask, reply):
            reply.drop("Access-Control-Allow-Origin")
            reply.drop("Access-Control-Allow-Credentials")

    return put


def allow_origin(*values: str) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if ask.origin == ORIGIN or "*" in values:
            reply.drop("Access-Control-Allow-Origin")
            reply.headers += [("Access-Control-Allow-Origin", one) for one in values]
            reply.put("Access-Control-Allow-Credentials", "true")

    return put


def credentials_for_all(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.origin and ask.origin != ORIGIN:
        reply.put("Access-Control-Allow-Origin", ask.origin)
        reply.put("Access-Control-Allow-Credentials", "true")


def varying(test: Callable[[Ask, Reply], Any], value: str) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if test(ask, reply):
            reply.put("Vary", value)

    return put


def preflight(change: Callable[[Reply], Any], where: str = "") -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if ask.method == "OPTIONS" and ask.headers.get("Access-Control-Request-Method") and re.search(where, ask.path):
            change(reply)

    return put


def failing(status: int, reason: str) -> Callable[[Reply], None]:
    def put(reply: Reply) -> None:
        reply.status, reply.reason = status, reason

    return put


# --- lists ----------------------------------------------------------------------------------------------------------


def without(*names: str) -> Callable[[Environment, Ask], None]:
    def put(env: Environment, ask: Ask) -> None:
        for name in names:
            ask.query.pop(name, None)

    return put


def rewritten(name: str, change: Callable[[str], str]) -> Callable[[Environment, Ask], None]:
    def put(env: Environment, ask: Ask) -> None:
        if name in ask.query:
            ask.query[name] = change(ask.query[name])

    return put


def skip_in_top(env: Environment, ask: Ask, given: list[Any]) -> list[Any]:
    """$top is cut first, then $skip: a page gets smaller the further one goes."""
    skip = int(ask.query.get("$skip", "0")) if "$top" in ask.query else 0
    return given[: max(0, len(given) - skip)]


def bad_as(status: int) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if reply.status == 400 and any(name.startswith("$") for name in ask.query):
            reply.status, reply.reason = status, "Internal Server Error"

    return put


def forgiving(env: Environment, ask: Ask) -> None:
    """What cannot be understood is left out."""
    known = {**SERVICE_FIELDS, **REPORTEE_FIELDS, **MESSAGE_FIELDS}
    tests: dict[str, Callable[[str], Any]] = {
        "$filter": lambda text: Reader(text, known).whole(),
        "$orderby": lambda text: ordering(text, known),
        "$top": lambda text: whole_number("$top", text),
        "$skip": lambda text: whole_number("$skip", text),
    }
    for name, test in tests.items():
        try:
            test(
                ask.query.get(
                    name, "0" if name in ("$top", "$skip") else "ServiceCode" if name == "$orderby" else "true"
                )
            )
        except BadQuery:
            ask.query.pop(name)


def lenient_numbers(env: Environment, ask: Ask) -> None:
    for name in ("$top", "$skip"):
        if re.fullmatch(r"-\d+", ask.query.get(name, "")):
            ask.query.pop(name)


def page_two(change: Callable[[list[Any], list[Any]], list[Any]]) -> Callable[[Environment, Ask, list[Any]], list[Any]]:
    """`change` gets the page and remembers the first page."""

    def put(env: Environment, ask: Ask, given: list[Any]) -> list[Any]:
        key = ask.path
        if int(ask.query.get("$skip", "0")) == 0:
            env.memory[key] = given
            return given
        return change(given, env.memory.get(key, []))

    return put


def in_boxes(
    change: Callable[[Environment, Ask, list[Any]], list[Any]],
) -> Callable[[Environment, Ask, list[Any]], list[Any]]:
    def put(env: Environment, ask: Ask, given: list[Any]) -> list[Any]:
        return change(env, ask, given) if ask.path.endswith("messages") else given

    return put


def wrong_ids(world: World) -> None:
    world.roles[0]["ParentRoleDefinitionIds"] = [40, 41, 4711]


def lost_reply(world: World) -> None:
    world.boxes[0].messages[0].replies[1] = {"Type": "ArchiveReference", "path": "{who}/messages/b79999", "Text": "x"}


def lost_service(world: World) -> None:
    world.boxes[0].messages[0].replies[0] |= {"path": "metadata/formtask/4801/99", "ServiceEditionCode": 99}


# --- other ----------------------------------------------------------------------------------------------------------


def counted(name: str) -> Callable[[Environment, Ask, Doc], None]:
    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        if doc.props.get("MessageId") == "a71003":
            env.memory["count"] = env.memory.get("count", 0) + 1
            doc.props[name] = f"{doc.props[name]} ({env.memory['count']})"

    return put


def ticking(env: Environment, ask: Ask, doc: Doc) -> None:
    if doc.props.get("MessageId") == "a71002" and not ask.path.endswith("messages"):
        env.memory["tick"] = env.memory.get("tick", 0) + 1
        doc.props["LastChangedDateTime"] = Moment(
            f"2026-11-01T10:{env.memory['tick'] // 60 % 60:02}:{env.memory['tick'] % 60:02}"
        )


def reads_anyway(env: Environment, ask: Ask) -> None:
    if re.search(r"messages/[a-z]\d+$", ask.path):
        ask.query.pop("markAsRead", None)


def list_reads(env: Environment, ask: Ask, reply: Reply) -> None:
    """What the list has shown is read from then on."""
    if ask.path == "my/messages" and ask.method == "GET" and reply.status == 200:
        env.read.update(one.id for one in env.world.boxes[0].messages)


def on_head(change: Callable[[Reply], Any], where: str = "") -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if ask.method == "HEAD" and re.search(where, ask.path):
            change(reply)

    return put


def head_body(env: Environment, ask: Ask) -> None:
    env.memory["head_body"] = True


def wordy_options(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.method == "OPTIONS" and not ask.headers.get("Access-Control-Request-Method"):
        reply.put("Content-Type", "application/json")
        reply.body = b'[{"MessageId": "a71001", "Subject": "Vedtak", "Type": "Correspondence"}]'


def on_status(status: int, change: Callable[[Reply], Any]) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if reply.status == status:
            change(reply)

    return put


def told(text: str, media: str = "text/plain") -> Callable[[Reply], None]:
    def put(reply: Reply) -> None:
        reply.body = text.encode()
        reply.put("Content-Type", media)

    return put


def calm(reply: Reply) -> None:
    """An error that is told as a success."""
    reply.status, reply.reason = 200, "OK"


def mute(reply: Reply) -> None:
    reply.body, reply.reason = b"", "Bad Request" if reply.status == 400 else ""
    reply.drop("Content-Type")


TRACE = (
    "System.NullReferenceException: Object reference not set\r\n"
    "   at Altinn.Api.Controllers.MessagesController.Get(String id) "
    "in D:\\build\\src\\MessagesController.cs:line 214\r\n   at lambda_method(Closure , Object , Object[] )"
)


def where(pattern: str, change: Callable[[Reply], Any]) -> Callable[[Environment, Ask, Reply], None]:
    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if re.search(pattern, ask.path) and reply.status == 200 and ask.method == "GET":
            change(reply)

    return put


def longer(reply: Reply) -> None:
    reply.put("Content-Length", str(len(reply.body) + 20))
    reply.put("Connection", "close")


def shorter(reply: Reply) -> None:
    reply.put("Content-Length", str(len(reply.body) - 7))
    reply.put("Connection", "close")


def gzip_claim(reply: Reply) -> None:
    reply.put("Content-Encoding", "gzip")


def no_304(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200:
        reply.put("ETag", '"fixed-' + ask.format[-8:].replace("/", "") + str(len(reply.body)) + '"')


def always_304(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200:
        reply.put("ETag", '"v-' + ask.format[-8:].replace("/", "") + '"')
        if ask.headers.get("If-None-Match"):
            reply.status, reply.reason, reply.body = 304, "Not Modified", b""


def turning_etag(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200:
        reply.put("ETag", f'"{env.asked}"')


def not_for(env_formats: tuple[str, ...], pattern: str, status: int, reason: str, visit: int = 0) -> Change:
    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        if ask.format in env_formats and re.search(pattern, ask.path) and ask.visit >= visit:
            raise Fault(status, reason)

    return put


def refused(
    id: str, breaks: str, says: str, formats: tuple[str, ...], pattern: str, status: int, visit: int = 0
) -> Twist:
    return Twist(id, says, tuple(breaks.split()), doc=not_for(formats, pattern, status, "Not possible here", visit))


def dead(pattern: str, status: int) -> Callable[[Environment, Ask], Reply | None]:
    def refuse(env: Environment, ask: Ask) -> Reply | None:
        return (
            plain(status, "Not possible", "Not possible")
            if re.search(pattern, ask.path) and ask.method != "OPTIONS"
            else None
        )

    return refuse


def foreign_language(name: str, change: Callable[[Any], Any]) -> Change:
    def put(env: Environment, ask: Ask, doc: Doc) -> None:
        if ask.language == "1033" and doc.props.get(name) is not None:
            doc.props[name] = change(doc.props[name])

    return put


def english_codes(env: Environment, ask: Ask, doc: Doc) -> None:
    if ask.language == "1033":
        for one in doc.props.get("Codes") or []:
            one.props["Code"] = "EN" + one.props["Code"]


def fewer_in_english(env: Environment, ask: Ask, given: list[Any]) -> list[Any]:
    return given[:-1] if ask.language == "1033" and ask.path == "metadata" else given


def other_edition(env: Environment, doc: Doc, link: Link) -> None:
    link.href = env.url("metadata/formtask/4801/3")


def limit_told(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200 and ask.path.endswith("messages"):
        reply.put("X-Warning-LimitReached", "true")
    reply.drop("Access-Control-Expose-Headers")


def html_error(reply: Reply) -> None:
    told("<html><body>Error: something went wrong</body></html>", "text/html")(reply)


DEFECTS = (
    # formats
    refused("hal-xml-refused", "FORMAT-1", "hal+xml is never served", (HAL_XML,), "", 406),
    refused("xml-form-refused", "FORMAT-1", "one kind of place has no XML", (XML,), "forms/", 406),
    refused("json-one-reportee", "FORMAT-1", "one reportee fails in JSON", (JSON,), "reportees/r60002", 500),
    wire(
        "hal-says-json",
        "FORMAT-2",
        "hal+json is labelled JSON",
        lambda env, ask, reply: ask.format == HAL_JSON and retyped(ask, reply, "application/json; charset=utf-8"),
    ),
    wire(
        "text-xml",
        "FORMAT-2",
        "the reportees say text/xml",
        lambda env, ask, reply: (
            ask.format == XML and "reportees" in ask.path and retyped(ask, reply, "text/xml; charset=utf-8")
        ),
    ),
    asked(
        "codelist-falls-back",
        "FORMAT-2 FORMAT-1",
        "a code list answers hal+json to hal+xml",
        lambda env, ask: "codelists/" in ask.path and lower_accept(ask) == HAL_XML and accepting(ask, HAL_JSON),
    ),
    body(
        "trailing-comma",
        "FORMAT-3",
        "JSON with a trailing comma",
        lambda raw: raw[:-1] + b",}",
        JSONS,
        r"messages/a71002$",
    ),
    body(
        "nan", "FORMAT-3", "NaN in JSON", lambda raw: raw.replace(b'"SecurityLevel": 2', b'"SecurityLevel": NaN'), JSONS
    ),
    body("bare-ampersand", "FORMAT-3", "a bare & in hal+xml", lambda raw: raw.replace(b"&amp;", b"&"), (HAL_XML,)),
    body("undefined-entity", "FORMAT-3", "&nbsp; in XML", lambda raw: raw.replace(b"</Body>", b"&nbsp;</Body>"), XMLS),
    body(
        "control-character",
        "FORMAT-3",
        "a control character in XML",
        lambda raw: raw.replace(b"</Body>", b"\x01</Body>"),
        XMLS,
    ),
    body(
        "latin-1-unlabelled",
        "FORMAT-3",
        "one message comes in Latin-1 and says UTF-8",
        lambda raw: raw.decode().encode("latin-1", "replace"),
        JSONS,
        "messages/a71001$",
    ),
    body(
        "two-members",
        "FORMAT-3",
        "a member twice in one JSON object",
        lambda raw: raw.replace(b'"Type":', b'"Type": "Lookup", "Type":', 1),
        (HAL_JSON,),
        "messages/a71002$",
    ),
    wire(
        "charset-label",
        "FORMAT-3 FORMAT-4",
        "UTF-8 XML is labelled ISO 8859-1",
        lambda env, ask, reply: ask.format in XMLS and retyped(ask, reply, ask.format + "; charset=iso-8859-1"),
    ),
    body("cut-xml", "FORMAT-3", "the end tag is missing", lambda raw: raw[:-3], (XML,), "codelists/"),
    value("mojibake", "FORMAT-4", "æøå twice encoded in XML", "Message.LastChangedBy", mojibake, (XML,)),
    value(
        "leading-zero",
        "FORMAT-4",
        "leading zeros are lost in JSON",
        "Message.ServiceCode",
        lambda one: one.lstrip("0"),
        (JSON,),
    ),
    value(
        "leading-zero-number",
        "FORMAT-4 MODEL-1",
        "a code is a number in hal+json",
        "ServiceMetaData.ServiceCode",
        int,
        (HAL_JSON,),
    ),
    value("trimmed", "FORMAT-4", "trailing blanks are lost in hal+xml", "Message.Subject", str.strip, (HAL_XML,)),
    value("trimmed-name", "FORMAT-4", "trailing blanks of names are lost in XML", "Reportee.Name", str.strip, (XML,)),
    value(
        "no-fraction",
        "FORMAT-4",
        "fractions of a second are lost in XML",
        "Message.LastChangedDateTime",
        no_fraction,
        (XML,),
    ),
    value(
        "rounded",
        "FORMAT-4",
        "milliseconds are rounded in JSON",
        "Message.LastChangedDateTime",
        lambda one: Moment(one.replace(".997", ".99")),
        (JSON,),
    ),
    value(
        "day-only",
        "FORMAT-4 MODEL-1 FORMAT-8",
        "JSON has no time of day",
        "Message.CreatedDate",
        lambda one: Moment(one[:10]),
        (JSON,),
    ),
    value("as-utc", "FORMAT-4", "hal+json calls local time UTC", "Message.CreatedDate", shifted, (HAL_JSON,)),
    value(
        "inverted",
        "FORMAT-4",
        "a boolean is inverted in hal+xml",
        "Form.SigningLocked",
        lambda one: not one,
        (HAL_XML,),
    ),
    value(
        "unread-inverted",
        "FORMAT-4",
        "MarkedUnread is inverted in JSON",
        "Message.MarkedUnread",
        lambda one: not one,
        (JSON,),
    ),
    each(
        "empty-as-null",
        "FORMAT-4",
        "empty texts are null in JSON",
        "CodeList",
        inner_docs("Codes", lambda one: one.props.update({k: v or None for k, v in one.props.items()})),
        (JSON,),
    ),
    each(
        "renamed",
        "FORMAT-4 MODEL-1",
        "a member has another name in XML",
        "Message",
        rename("ServiceEdition", "ServiceEditionCode"),
        (XML,),
    ),
    each(
        "renamed-case",
        "FORMAT-4 MODEL-1",
        "a member is spelt in lower case in hal+json",
        "Reportee",
        rename("OrganizationForm", "organizationForm"),
        (HAL_JSON,),
    ),
    drop("reply-options-missing", "FORMAT-4", "reply options are missing in XML", "Message.ReplyOptions", (XML,)),
    drop(
        "one-member-missing",
        "FORMAT-4",
        "one message has no due date in hal+xml",
        "Message.DueDate",
        (HAL_XML,),
        only="a71002",
    ),
    each("lone-object", "FORMAT-4 MODEL-1", "a list of one is an object in JSON", "ServiceMetaData", unwrap, JSONS),
    each(
        "cut-list",
        "FORMAT-4",
        "reply options are cut in hal+xml",
        "Message",
        lambda env, ask, doc: doc.props.update(ReplyOptions=doc.props["ReplyOptions"][:2]),
        (HAL_XML,),
    ),
    each(
        "cut-ids",
        "FORMAT-4",
        "the last parent role is missing in XML",
        "RoleDefinition",
        lambda env, ask, doc: doc.props.update(
            ParentRoleDefinitionIds=doc.props.get("ParentRoleDefinitionIds", [])[:-1]
        ),
        (XML,),
    ),
    each(
        "decimal",
        "FORMAT-4",
        "10.50 is 10.5 in JSON",
        "CodeList",
        inner_docs("Codes", lambda one: one.props.update(Value3=(one.props["Value3"] or "").replace("10.50", "10.5"))),
        (JSON,),
    ),
    value(
        "emoji",
        "FORMAT-4",
        "what is not in the first plane is ? in XML",
        "Message.Subject",
        lambda one: "".join(c if ord(c) < 65536 else "?" for c in one),
        XMLS,
    ),
    value(
        "line-break",
        "FORMAT-4",
        "line breaks are blanks in hal+xml",
        "Message.Body",
        lambda one: one.replace("\n", " "),
        (HAL_XML,),
    ),
    value(
        "escaped-twice",
        "FORMAT-4",
        "HTML is escaped twice in XML",
        "Message.Body",
        lambda one: one.replace("<", "&lt;"),
        (XML,),
    ),
    value(
        "masked",
        "FORMAT-4",
        "the identity number is masked in JSON",
        "Reportee.SocialSecurityNumber",
        lambda one: one[:6] + "*****",
        (JSON,),
    ),
    body(
        "exponent",
        "FORMAT-4",
        "a number is rounded in JSON",
        lambda raw: raw.replace(b"20260101", b"2.0260e7"),
        (JSON,),
    ),
    value(
        "edition-text", "MODEL-1 FORMAT-4", "a number is text in hal+json", "Message.ServiceEdition", str, (HAL_JSON,)
    ),
    each(
        "reversed-xml",
        "FORMAT-5 LIST-2",
        "the messages come backwards in XML",
        "MessageList",
        lambda env, ask, doc: doc.embedded.update(messages=doc.items[::-1]),
        (XML,),
    ),
    each(
        "last-missing",
        "FORMAT-5",
        "the last reportee is missing in JSON",
        "ReporteeList",
        lambda env, ask, doc: doc.embedded.update(reportees=doc.items[:-1]),
        (JSON,),
    ),
    each(
        "twice",
        "FORMAT-5",
        "one message is twice in hal+xml",
        "MessageList",
        lambda env, ask, doc: doc.embedded.update(messages=[*doc.items, *doc.items[:1]]),
        (HAL_XML,),
    ),
    each(
        "codes-missing",
        "FORMAT-5 FORMAT-4",
        "one code is missing in XML",
        "CodeList",
        lambda env, ask, doc: doc.props.update(Codes=(doc.props.get("Codes") or [])[:-1]),
        (XML,),
    ),
    links("no-print-hal-xml", "FORMAT-6", "print is missing in hal+xml", "Message.print", gone, (HAL_XML,)),
    links(
        "no-filesize",
        "FORMAT-6",
        "the file size is missing in hal+xml",
        "Message.attachment",
        attr("filesize", lambda one: None),
        (HAL_XML,),
    ),
    links(
        "file-name",
        "FORMAT-6",
        "the file name is percent-encoded in hal+xml",
        "Message.attachment",
        attr("fileName", lambda one: one.replace(" ", "%20")),
        (HAL_XML,),
    ),
    links(
        "signed-inverted",
        "FORMAT-6",
        "signedbydefault is inverted in hal+xml",
        "Message.attachment",
        attr("signedbydefault", lambda one: not one),
        (HAL_XML,),
    ),
    links(
        "other-archive",
        "FORMAT-6",
        "the archived message is another in hal+xml",
        "Message.archivereference",
        href("my/messages/b72001"),
        (HAL_XML,),
    ),
    each(
        "one-attachment-less",
        "FORMAT-6",
        "the second attachment is missing in hal+json",
        "Message",
        lambda env, ask, doc: (
            doc.links.remove([one for one in doc.links if one.rel == "attachment"][1])
            if sum(one.rel == "attachment" for one in doc.links) > 1
            else None
        ),
        (HAL_JSON,),
    ),
    each(
        "not-embedded",
        "FORMAT-7 FORMAT-5",
        "hal+xml embeds no role requirements",
        "RoleRequirementList",
        embedded_away,
        (HAL_XML,),
    ),
    each(
        "reportees-not-embedded",
        "FORMAT-7 FORMAT-5",
        "hal+json embeds no reportees",
        "ReporteeList",
        embedded_away,
        (HAL_JSON,),
    ),
    each(
        "embedded-cut",
        "FORMAT-7 FORMAT-5",
        "hal+xml embeds the first service alone",
        "ServiceMetaDataList",
        lambda env, ask, doc: doc.embedded.update(metadata=doc.items[:1]),
        (HAL_XML,),
    ),
    Twist("true-false", "booleans are True and False in XML", ("FORMAT-8",), style={"true_false": ("True", "False")}),
    value(
        "culture-date",
        "FORMAT-8 FORMAT-4 MODEL-1",
        "dates in the manner of the server's culture in hal+xml",
        "Message.CreatedDate",
        german_date,
        (HAL_XML,),
    ),
    value(
        "blank-date",
        "FORMAT-8",
        "a blank instead of T in all formats",
        "Message.CreatedDate",
        lambda one: one.replace("T", " "),
    ),
    # negotiation
    asked("suffix", "ACCEPT-1", ".json decides", by_suffix),
    asked("parameter", "ACCEPT-1", "$format decides", by_parameter),
    asked("browser", "ACCEPT-1", "a browser gets JSON", by_browser),
    asked("script", "ACCEPT-1", "script gets JSON", by_script),
    asked("memory", "ACCEPT-4 ACCEPT-1", "the last format is the default", by_memory),
    early("case", "ACCEPT-2", "Accept is compared with case", strict_case("")),
    early("case-hal-xml", "ACCEPT-2", "hal+xml is compared with case", strict_case("hal+xml")),
    asked("first-wins", "ACCEPT-3", "the first range wins", first_wins),
    asked("zero-counts", "ACCEPT-3", "q=0 excludes nothing", zero_counts),
    asked("no-specificity", "ACCEPT-3", "a wide range overrules a narrow one", no_specificity),
    asked("tight-weights", "ACCEPT-3", "q after a blank is not read", tight_weights),
    asked("by-turns", "ACCEPT-4", "the default changes", by_turns),
    wire(
        "default-mislabelled",
        "ACCEPT-4 FORMAT-2",
        "the default says hal+json and is JSON",
        lambda env, ask, reply: not ask.explicit and retyped(ask, reply, HAL_JSON),
    ),
    wire("unmet-500", "ACCEPT-5", "an Accept that cannot be met gives 500", unmet_as(500)),
    early("malformed-500", "ACCEPT-5", "a malformed Accept gives 500", malformed_500),
    wire("flattered", "ACCEPT-5", "the answer says it is what was asked for", flattered),
    wire("no-vary", "ACCEPT-6", "no Vary at all", lambda env, ask, reply: reply.put("Vary", "Origin")),
    wire(
        "no-vary-codelists",
        "ACCEPT-6",
        "one kind of place does not say Vary: Accept",
        varying(lambda ask, reply: "codelists/" in ask.path, "Origin"),
    ),
    wire("shared-etag", "ACCEPT-7", "one strong ETag for all formats", shared_etag),
    # links
    links(
        "blanks",
        "LINK-1",
        "blanks in an href",
        "Reportee.messages",
        lambda env, doc, link: setattr(link, "href", link.href + "    "),
        only="r60002",
    ),
    links("empty-href", "LINK-1", "an empty href", "Form.formdata", lambda env, doc, link: setattr(link, "href", "")),
    body(
        "string-link",
        "LINK-1",
        "a link is a string",
        lambda raw: re.sub(rb'"portalview": \{"href": ("[^"]*")\}', rb'"portalview": \1', raw),
        (HAL_JSON,),
    ),
    body(
        "no-href",
        "LINK-1",
        "a link without href",
        lambda raw: raw.replace(b'"formdata": {"href"', b'"formdata": {"uri"'),
        (HAL_JSON,),
    ),
    links(
        "other-self",
        "LINK-2",
        "one message calls itself another",
        "Message.self",
        href("my/messages/a71002"),
        only="a71003",
    ),
    links("list-self", "LINK-2", "each box calls itself mine", "MessageList.self", href("my/messages")),
    links(
        "dead-self-hal-xml",
        "LINK-2 LINK-4 FORMAT-6",
        "self of a form is dead in hal+xml",
        "Form.self",
        lambda env, doc, link: setattr(link, "href", link.href + "0"),
        (HAL_XML,),
    ),
    links(
        "role-self",
        "LINK-2",
        "self of a role definition is another role",
        "RoleDefinition.self",
        href("metadata/roledefinitions/40"),
    ),
    links(
        "other-edition",
        "LINK-3",
        "metadata of one message is another service",
        "Message.metadata",
        other_edition,
        only="a71003",
    ),
    links(
        "wrong-filesize",
        "LINK-3",
        "a file is smaller than its link says",
        "Message.attachment",
        attr("filesize", lambda one: one + 1),
    ),
    links(
        "wrong-archive",
        "LINK-3",
        "archivereference leads to another message",
        "Message.archivereference",
        href("my/messages/b72001"),
    ),
    links(
        "wrong-box", "LINK-3", "a reportee's messages are mine", "Reportee.messages", href("my/messages"), only="r60002"
    ),
    links(
        "wrong-form",
        "LINK-3",
        "a form of another message",
        "Message.form",
        href("my/messages/a71002/forms/9101"),
        only="a71003",
    ),
    links(
        "print-is-self",
        "LINK-3 LINK-8",
        "print leads to the message",
        "Message.print",
        lambda env, doc, link: setattr(link, "href", link.href.removesuffix("/print")),
    ),
    early("dead-formdata", "LINK-4 GET-1", "form data is not found", dead("formdata$", 404)),
    early("forbidden-print", "LINK-4 GET-1", "print is forbidden", dead("b72001/print$", 403)),
    early("dead-requirements", "LINK-4 GET-1", "role requirements fail", dead("rolerequirements$", 500)),
    early("dead-schema", "LINK-4 GET-1", "schemas are gone", dead("xsd$", 410)),
    links(
        "other-host",
        "LINK-5",
        "one link to another host",
        "Reportee.self",
        lambda env, doc, link: setattr(link, "href", link.href.replace("127.0.0.1", "altinn.example")),
        only="r60002",
    ),
    links(
        "other-port",
        "LINK-5",
        "one link to another port",
        "Message.metadata",
        lambda env, doc, link: setattr(link, "href", re.sub(r":\d+/", ":9/", link.href)),
        only="a71004",
    ),
    links(
        "look-alike-host",
        "LINK-5",
        "a host that begins alike",
        "Message.self",
        lambda env, doc, link: setattr(link, "href", re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1.evil.example", link.href)),
        (HAL_XML,),
        only="b72002",
    ),
    links(
        "unflagged",
        "LINK-6 LINK-1",
        "templates are not flagged",
        "MessageList.find",
        lambda env, doc, link: setattr(link, "templated", False),
    ),
    links(
        "unflagged-hal-xml",
        "LINK-6 LINK-1 FORMAT-6",
        "templates are not flagged in hal+xml",
        "ReporteeList.find",
        lambda env, doc, link: setattr(link, "templated", False),
        (HAL_XML,),
    ),
    links(
        "dead-template",
        "LINK-6",
        "the template leads nowhere",
        "MessageList.find",
        lambda env, doc, link: setattr(link, "href", link.href.replace("messages/{", "message/{")),
    ),
    links(
        "no-variable",
        "LINK-6",
        "the template has no variable",
        "ReporteeList.find",
        lambda env, doc, link: setattr(link, "href", link.href.replace("{reporteeId}", ":id")),
    ),
    links(
        "open-brace",
        "LINK-6",
        "the template is not closed",
        "MessageList.find",
        lambda env, doc, link: setattr(link, "href", link.href.replace("}", "")),
    ),
    Twist(
        "says-html",
        "print says HTML and is a PDF",
        ("LINK-8",),
        doc=lambda env, ask, doc: [
            link.attrs.update({"mime-type": "text/html"})
            for one in (doc, *doc.items)
            for link in one.links
            if link.rel == "print"
        ],
    ),
    links(
        "formdata-says-json",
        "LINK-8",
        "form data says JSON",
        "Form.formdata",
        attr("mime-type", lambda one: "application/json"),
    ),
    links("no-print", "LINK-9", "form tasks have no print", "Message.print", gone),
    links("no-messages", "LINK-9", "one reportee has no messages", "Reportee.messages", gone, only="r60003"),
    links("no-metadata", "LINK-9", "one message has no metadata", "Message.metadata", gone, only="a71004"),
    links("no-archivereference", "LINK-9", "the archived message is not linked", "Message.archivereference", gone),
    links("no-form", "LINK-9", "form tasks link no forms", "Message.form", gone),
    links("no-self", "LINK-9 LINK-2", "the messages list has no self", "MessageList.self", gone),
    # reach
    early("no-reportees", "REACH-1", "the reportees fail", dead("^reportees$", 500)),
    early("no-metadata-entry", "REACH-1", "metadata is gone", dead("^metadata$", 404)),
    rows(
        "empty-metadata",
        "REACH-1",
        "metadata lists nothing",
        lambda env, ask, given: [] if ask.path == "metadata" else given,
    ),
    content("lost-reply", "REACH-2", "a reply option names a message that is not there", lost_reply),
    content("lost-service", "REACH-2", "a reply option names an edition that is not there", lost_service),
    content("lost-role", "REACH-2", "a parent role is not there", wrong_ids),
    rows(
        "not-found-again",
        "REACH-3 LIST-3",
        "one message is never found by a search",
        lambda env, ask, given: (
            [one for one in given if getattr(one, "id", "") != "a71003"] if "$filter" in ask.query else given
        ),
    ),
    early(
        "template-archived",
        "REACH-3 LINK-6 LINK-4",
        "archived messages are not found by id",
        dead(r"messages/b\d+$", 404),
    ),
    shown(
        "page-two-repeats",
        "REACH-4 LIST-2",
        "page two begins with the last of page one",
        in_boxes(page_two(lambda given, first: [*first[-1:], *given][:50])),
        size=53,
    ),
    asked(
        "page-two-skips",
        "REACH-4 LIST-2",
        "page two begins one too late",
        lambda env, ask: (
            ask.query.update({"$skip": str(int(ask.query["$skip"]) + 1)})
            if ask.query.get("$skip", "0").isdigit() and int(ask.query.get("$skip", "0")) >= 50
            else None
        ),
        size=53,
    ),
    shown(
        "page-two-empty",
        "REACH-4 LIST-2 LIST-4",
        "page two is empty",
        in_boxes(page_two(lambda given, first: [] if len(first) >= 50 else given)),
        size=53,
    ),
    Twist(
        "next-loops",
        "next leads to itself",
        ("REACH-4",),
        size=7,
        settings={"limit": 3, "next": True},
        doc=lambda env, ask, doc: [
            setattr(link, "href", re.sub("skip=[0-9]+", "skip=3", link.href))
            for link in doc.links
            if link.rel == "next"
        ],
    ),
    shown(
        "vanishes",
        "REACH-5 GET-3",
        "a message is gone from the list on the later visits",
        lambda env, ask, given: given[:-1] if ask.path == "my/messages" and env.asked > 250 else given,
    ),
    refused(
        "second-visit",
        "REACH-5 GET-3 GET-1",
        "a message fails when it is asked often",
        (HAL_JSON,),
        "messages/a71002$",
        404,
        visit=3,
    ),
    refused(
        "late-500",
        "REACH-6 GET-3 GET-1",
        "a service fails on later visits in hal+xml",
        (HAL_XML,),
        "metadata/lookup",
        500,
        visit=2,
    ),
    # get
    early(
        "post-attachments",
        "GET-1 LINK-4",
        "attachments want POST",
        lambda env, ask: (
            Reply(405, "Method Not Allowed", [("Allow", "POST")], b"")
            if "attachments" in ask.path and ask.method == "GET"
            else None
        ),
    ),
    wire("wordy-options", "GET-2", "OPTIONS retrieves content", wordy_options),
    asked("reads-anyway", "GET-3", "markAsRead=false marks as read", reads_anyway),
    wire("list-reads", "GET-3", "the list marks its messages as read", list_reads),
    each("counter", "GET-3", "a subject counts its readings", "Message", counted("Subject")),
    each("ticking", "GET-3", "a reading changes the time of the last change", "Message", ticking),
    wire("head-type", "GET-4", "HEAD says another type", on_head(lambda reply: reply.put("Content-Type", "text/html"))),
    asked("head-body", "GET-4 HTTP-2", "HEAD has a body", head_body),
    wire("head-405", "GET-4", "HEAD is not known", on_head(failing(405, "Method Not Allowed"))),
    wire("head-private", "GET-4", "HEAD is 404 in the boxes", on_head(failing(404, "Not Found"), "messages")),
    wire("head-length", "GET-4", "HEAD says length 0", on_head(lambda reply: reply.put("Content-Length", "0"))),
    wire("head-vary", "GET-4", "HEAD leaves out Vary", on_head(lambda reply: reply.drop("Vary"))),
    # origins
    wire("no-origin", "CORS-1", "no origin is ever allowed", silent(lambda ask, reply: True)),
    wire(
        "metadata-silent",
        "CORS-1 CORS-2",
        "metadata allows no origin",
        silent(lambda ask, reply: ask.path == "metadata"),
    ),
    wire(
        "metadata-alone", "CORS-2", "only metadata allows the origin", silent(lambda ask, reply: ask.path != "metadata")
    ),
    wire("errors-silent", "CORS-2", "errors allow no origin", silent(lambda ask, reply: reply.status >= 400)),
    wire("xml-silent", "CORS-2", "XML allows no origin", silent(lambda ask, reply: ask.format in XMLS)),
    wire("files-silent", "CORS-2", "attachments allow no origin", silent(lambda ask, reply: "attachments" in ask.path)),
    wire(
        "prefix-origin",
        "CORS-3",
        "an origin that begins alike is allowed",
        allowed_too(lambda one: one.startswith(ORIGIN)),
    ),
    wire(
        "suffix-origin",
        "CORS-3",
        "an origin that ends alike is allowed",
        allowed_too(lambda one: one.endswith("nordmarka.example")),
    ),
    wire(
        "ends-with-host",
        "CORS-3",
        "an origin that ends with the host is allowed",
        allowed_too(lambda one: one.endswith("skjema.nordmarka.example")),
    ),
    wire(
        "sub-domain",
        "CORS-3",
        "sub-domains are allowed",
        allowed_too(lambda one: one.endswith(".skjema.nordmarka.example")),
    ),
    wire(
        "http-origin",
        "CORS-3",
        "the same host without TLS is allowed",
        allowed_too(lambda one: one == ORIGIN.replace("https", "http")),
    ),
    wire("port-origin", "CORS-3", "another port is allowed", allowed_too(lambda one: one.startswith(ORIGIN + ":"))),
    wire(
        "case-origin", "CORS-3", "an origin in other letters is allowed", allowed_too(lambda one: one.lower() == ORIGIN)
    ),
    wire(
        "regex-origin",
        "CORS-3",
        "the dot stands for any letter",
        allowed_too(lambda one: bool(re.fullmatch("https://skjema.nordmarka.example", one))),
    ),
    wire("reflects", "CORS-3", "every origin is allowed", allowed_too(lambda one: one != "null")),
    wire(
        "reflects-documents",
        "CORS-3",
        "every origin may read attachments",
        lambda env, ask, reply: "attachments" in ask.path and allowed_too(lambda one: True)(env, ask, reply),
    ),
    wire("null-origin", "CORS-4", "null is allowed", allowed_too(lambda one: one == "null")),
    wire("star-credentials", "CORS-5", "* with credentials", allow_origin("*")),
    wire("credentials-for-all", "CORS-5 CORS-3", "every origin, with credentials", credentials_for_all),
    wire("no-vary-origin", "CORS-6", "no Vary: Origin", lambda env, ask, reply: reply.put("Vary", "Accept")),
    wire(
        "vary-when-allowed",
        "CORS-6",
        "Vary: Origin only when the origin is allowed",
        varying(lambda ask, reply: not reply.get("Access-Control-Allow-Origin"), "Accept"),
    ),
    wire(
        "preflight-key",
        "CORS-7",
        "preflight wants the key",
        preflight(failing(400, "Required header 'ApiKey' is missing.")),
    ),
    wire(
        "preflight-login",
        "CORS-7",
        "preflight wants a login in the boxes",
        preflight(failing(401, "Unauthorized"), "messages"),
    ),
    wire(
        "preflight-no-key-header",
        "CORS-7",
        "ApiKey is not allowed as a header",
        preflight(
            lambda reply: (
                reply.get("Access-Control-Allow-Headers")
                and reply.put("Access-Control-Allow-Headers", "Accept, Authorization")
            )
        ),
    ),
    wire(
        "preflight-star-authorization",
        "CORS-7",
        "the header names are *, which does not cover Authorization",
        preflight(
            lambda reply: reply.get("Access-Control-Allow-Headers") and reply.put("Access-Control-Allow-Headers", "*")
        ),
    ),
    wire("two-origins", "CORS-8", "the field comes twice", allow_origin(ORIGIN, ORIGIN)),
    wire("origin-list", "CORS-8", "two origins in one field", allow_origin(ORIGIN + ", https://www.nordmarka.example")),
    wire("origin-slash", "CORS-8 CORS-1 CORS-2", "the origin ends in a slash", allow_origin(ORIGIN + "/")),
    wire("not-exposed", "CORS-10", "the warning is not exposed", limit_told),
    # access
    early("metadata-key", "AUTH-1", "metadata wants a key", metadata_needs("ApiKey", "^metadata", 400)),
    early(
        "codelists-login",
        "AUTH-1",
        "a code list wants a login",
        metadata_needs("Authorization", "^metadata/codelists/", 401),
    ),
    asked("keyless", "AUTH-2", "no key is needed", keyless()),
    asked("keyless-hal-xml", "AUTH-2", "no key is needed for hal+xml", keyless("", (HAL_XML,))),
    asked("keyless-reportees", "AUTH-2", "no key is needed for the reportees", keyless("^reportees")),
    wire("key-mute", "AUTH-2 HTTP-3", "the refusal without a key says nothing", on_status(400, mute)),
    asked("loginless", "AUTH-3", "no login is needed", loginless()),
    asked("loginless-files", "AUTH-3", "attachments need no login", loginless("attachments/")),
    asked("loginless-print", "AUTH-3", "print needs no login", loginless("/print$")),
    asked("loginless-formdata", "AUTH-3", "form data needs no login", loginless("/formdata$")),
    asked("loginless-xml", "AUTH-3", "XML needs no login", loginless("", (XML,))),
    asked("loginless-one", "AUTH-3", "one message needs no login", loginless("messages/b72001$")),
    Twist("any-key", "any key will do", ("AUTH-4",), settings={"check_key": False}),
    asked("any-token", "AUTH-4", "any token will do", any_token),
    asked("unsigned-token", "AUTH-4", "the signature of the token is not read", unsigned_token),
    asked("short-key", "AUTH-4", "the beginning of the key is enough", short_key),
    # http
    wire("unknown-200", "HTTP-1", "unknown paths give 200 with an error", on_status(404, calm)),
    wire("unknown-500", "HTTP-1", "unknown paths give 500", on_status(404, failing(500, "Internal Server Error"))),
    wire(
        "unknown-html",
        "HTTP-1",
        "unknown paths give a page with 200",
        on_status(404, lambda reply: (calm(reply), html_error(reply))),
    ),
    wire(
        "no-key-200",
        "HTTP-1 AUTH-2",
        "no key gives 200 with an error",
        lambda env, ask, reply: calm(reply) if reply.status == 400 and "ApiKey" in reply.reason else None,
    ),
    wire("no-login-500", "HTTP-1 AUTH-4", "no login gives 500", on_status(401, failing(500, "Internal Server Error"))),
    wire("too-long", "HTTP-2", "Content-Length is too long", where("metadata/lookup", longer)),
    wire("too-short", "HTTP-2 FORMAT-3", "Content-Length is too short", where("messages/a71003$", shorter)),
    wire("gzip-claimed", "HTTP-2", "gzip is claimed", where("codelists/", gzip_claim)),
    wire(
        "gzip-hidden",
        "HTTP-2 FORMAT-3",
        "gzip is not claimed",
        where("roledefinitions/", lambda reply: setattr(reply, "body", gzip.compress(reply.body))),
    ),
    wire("trace", "HTTP-3", "a stack trace in an error", on_status(404, told(TRACE))),
    wire(
        "sql",
        "HTTP-3",
        "SQL in an error",
        lambda env, ask, reply: (
            told("Incorrect syntax near 'foo'. SELECT * FROM dbo.Messages WHERE SqlException")(reply)
            if reply.status == 400
            else None
        ),
    ),
    wire("mute", "HTTP-3", "errors say nothing", lambda env, ask, reply: mute(reply) if reply.status >= 400 else None),
    wire("no-304", "HTTP-4", "an ETag without 304", no_304),
    wire("always-304", "HTTP-4", "304 whatever is asked", always_304),
    wire("turning-etag", "HTTP-4", "an ETag that changes each time", turning_etag),
    # lists
    Twist("sixty", "sixty messages in one answer", ("LIST-1",), size=56, settings={"limit": 60}),
    Twist("fifty-one", "fifty-one messages in one answer", ("LIST-1",), size=56, settings={"limit": 51}),
    asked("no-skip", "LIST-2", "$skip is ignored", without("$skip")),
    asked("no-top", "LIST-2", "$top is ignored", without("$top")),
    shown("skip-in-top", "LIST-2", "$skip is cut from $top", skip_in_top),
    asked(
        "skip-one-less",
        "LIST-2",
        "$skip is one less",
        rewritten("$skip", lambda one: str(int(one) - 1) if one.isdigit() and int(one) else one),
    ),
    asked("no-filter", "LIST-3", "$filter is ignored", without("$filter")),
    asked(
        "quotes-lost",
        "LIST-3",
        "a doubled apostrophe finds nothing",
        rewritten("$filter", lambda one: one.replace("''", "´")),
    ),
    asked(
        "letters-lost",
        "LIST-3",
        "what is not ASCII finds nothing",
        rewritten("$filter", lambda one: one.encode("ascii", "replace").decode()),
    ),
    asked("and-or", "LIST-3", "and means or", rewritten("$filter", lambda one: one.replace(" and ", " or "))),
    asked("ne-eq", "LIST-3", "ne finds all", rewritten("$filter", lambda one: re.sub(r"^\w+ ne .*", "true", one))),
    asked("ge-gt", "LIST-3", "ge means gt", rewritten("$filter", lambda one: one.replace(" ge ", " gt "))),
    asked("no-order", "LIST-3", "$orderby is ignored", without("$orderby")),
    asked("no-desc", "LIST-3", "desc is ignored", rewritten("$orderby", lambda one: one.replace(" desc", ""))),
    rows(
        "filter-page",
        "LIST-3",
        "the filter sees the first page only",
        in_boxes(lambda env, ask, given: given[:50] if "$filter" in ask.query else given),
        size=56,
    ),
    asked(
        "filter-not-xml",
        "LIST-3 FORMAT-5",
        "XML ignores $filter",
        lambda env, ask: lower_accept(ask) == XML and ask.query.pop("$filter", None),
    ),
    wire("bad-500", "LIST-5", "a bad query gives 500", bad_as(500)),
    asked("bad-ignored", "LIST-5", "a bad query is ignored", forgiving),
    asked("negative", "LIST-5", "a negative $top is ignored", lenient_numbers),
    asked(
        "skip-500",
        "LIST-5",
        "a bad $skip fails",
        lambda env, ask: None,
        early=lambda env, ask: (
            plain(500, "Internal Server Error") if not ask.query.get("$skip", "0").isdigit() else None
        ),
    ),
    # models
    each("renamed-id", "MODEL-1 MODEL-2", "MessageId is called Id everywhere", "Message", rename("MessageId", "Id")),
    each(
        "renamed-member",
        "MODEL-1",
        "ServiceOwner is called Owner everywhere",
        "Message",
        rename("ServiceOwner", "Owner"),
    ),
    value(
        "edition-words", "MODEL-1", "an edition is no number anywhere", "Message.ServiceEdition", lambda one: f"v{one}"
    ),
    value(
        "yes",
        "MODEL-1",
        "a boolean is yes or no everywhere",
        "Form.SignedByDefault",
        lambda one: "yes" if one else "no",
    ),
    value("no-date", "MODEL-1 FORMAT-8", "a date is a word everywhere", "Message.CreatedDate", lambda one: "i går"),
    drop("no-reportee-id", "MODEL-2", "one reportee has no id", "Reportee.ReporteeId", only="r60002"),
    drop("no-service-code", "MODEL-2", "a service has no code", "ServiceMetaData.ServiceCode", only="Lookup"),
    drop("no-edition", "MODEL-2", "services have no edition", "ServiceMetaData.ServiceEditionCode"),
    drop("no-role-id", "MODEL-2", "role definitions have no id", "RoleDefinition.RoleDefinitionId"),
    value(
        "letter",
        "MODEL-3",
        "a message of type Letter",
        "Message.Type",
        lambda one: "Letter" if one == "Correspondence" else one,
    ),
    each(
        "tjeneste",
        "MODEL-3",
        "a reply option of type Tjeneste",
        "Message",
        inner_docs("ReplyOptions", lambda one: one.props.update(Type=one.props["Type"].replace("Service", "Tjeneste"))),
    ),
    value(
        "skjema",
        "MODEL-3",
        "a service of type Skjema",
        "ServiceMetaData.ServiceType",
        lambda one: one.replace("FormTask", "Skjema"),
    ),
    each("english-codes", "MODEL-4", "codes are translated", "CodeList", english_codes),
    each(
        "english-edition",
        "MODEL-4",
        "the edition depends on the language",
        "ServiceMetaData",
        foreign_language("ServiceEditionCode", lambda one: one + 1),
    ),
    rows("fewer-in-english", "MODEL-4", "a service is missing in English", fewer_in_english),
    each(
        "english-type",
        "MODEL-4 MODEL-3",
        "the type of a service is translated",
        "ServiceMetaData",
        foreign_language("ServiceType", lambda one: one.replace("Lookup", "Link")),
    ),
    each(
        "english-dates",
        "MODEL-4",
        "dates depend on the language",
        "Message",
        foreign_language("CreatedDate", lambda one: Moment(one[:11] + "13" + one[13:])),
    ),
    # the same families once more, smaller
    value(
        "decomposed",
        "FORMAT-4",
        "letters with marks are taken apart in XML",
        "Message.LastChangedBy",
        lambda one: unicodedata.normalize("NFD", one),
        (XML,),
    ),
    value(
        "hard-blank",
        "FORMAT-4",
        "blanks are hard in hal+json",
        "Reportee.Name",
        lambda one: one.replace(" ", "\u00a0"),
        (HAL_JSON,),
    ),
    value(
        "one-hour",
        "FORMAT-4",
        "summer time in winter in XML",
        "Message.LastChangedDateTime",
        lambda one: Moment(one + "+02:00"),
        (XML,),
    ),
    value(
        "one-hour-late",
        "FORMAT-4",
        "an hour later in hal+xml",
        "Message.DueDate",
        lambda one: Moment(one.replace("T12:", "T13:")),
        (HAL_XML,),
    ),
    value(
        "entity-text",
        "FORMAT-4",
        "& is &amp; as text in JSON",
        "Reportee.Name",
        lambda one: one.replace("&", "&amp;"),
        (JSON,),
    ),
    value(
        "apostrophe",
        "FORMAT-4",
        "an apostrophe is another in hal+xml",
        "Message.Subject",
        lambda one: one.replace("'", "’"),
        (HAL_XML,),
    ),
    value("capitals", "FORMAT-4", "a name is in small letters in JSON", "Reportee.Name", str.title, (JSON,)),
    each(
        "moved-values",
        "FORMAT-4",
        "two members have changed places in XML",
        "Message",
        lambda env, ask, doc: doc.props.update(
            LastChangedDateTime=doc.props["CreatedDate"], CreatedDate=doc.props["LastChangedDateTime"]
        ),
        (XML,),
    ),
    each(
        "null-text",
        "FORMAT-4",
        "null is the text null in XML",
        "Message",
        lambda env, ask, doc: doc.props.update(ArchiveReference=doc.props["ArchiveReference"] or "null"),
        (XML,),
    ),
    each(
        "zero-for-null",
        "FORMAT-4",
        "an empty text for a missing one in JSON",
        "Message",
        lambda env, ask, doc: doc.props.update(MessageSender=doc.props["MessageSender"] or ""),
        (JSON,),
    ),
    each(
        "language-not-xml",
        "MODEL-4 FORMAT-4",
        "XML ignores the language",
        "ServiceMetaData",
        lambda env, ask, doc: doc.props.update(
            ServiceName=env.world.service(doc.props["ServiceCode"], doc.props["ServiceEditionCode"]).name.say("1044")
        ),
        (XML,),
    ),
    each(
        "reply-codes",
        "FORMAT-4",
        "the code of a reply option is a number in JSON",
        "Message",
        inner_docs(
            "ReplyOptions",
            lambda one: one.props.update(
                {"ServiceCode": int(one.props["ServiceCode"])} if "ServiceCode" in one.props else {}
            ),
        ),
        (JSON,),
    ),
    each(
        "process-steps",
        "FORMAT-5 FORMAT-4",
        "process steps come backwards in XML",
        "ServiceMetaData",
        lambda env, ask, doc: doc.props.update(ProcessSteps=(doc.props.get("ProcessSteps") or [])[::-1]),
        (XML,),
    ),
    value(
        "one-role",
        "FORMAT-4",
        "one role has another code in hal+xml",
        "RoleRequirement.RoleDefinitionCode",
        lambda one: one.replace("DAGL2", "DAGL"),
        (HAL_XML,),
    ),
    body(
        "unbound-prefix",
        "FORMAT-3",
        "a prefix is not bound in XML",
        lambda raw: raw.replace(b"<Subject>", b"<q:Subject>").replace(b"</Subject>", b"</q:Subject>"),
        (XML,),
    ),
    body(
        "two-attributes",
        "FORMAT-3",
        "an attribute twice in hal+xml",
        lambda raw: raw.replace(b'<link rel="portalview"', b'<link rel="portalview" rel="portalview"'),
        (HAL_XML,),
    ),
    body("two-roots", "FORMAT-3", "two roots in XML", lambda raw: raw + b"<Message/>", (XML,), "messages/a71003$"),
    body(
        "rest",
        "FORMAT-3",
        "something after the JSON",
        lambda raw: raw + b"\n<!-- served in 12 ms -->",
        (JSON,),
        "messages/a71003$",
    ),
    body(
        "raw-line-break",
        "FORMAT-3",
        "a line break inside a JSON text",
        lambda raw: raw.replace(b"\\n", b"\n"),
        (JSON,),
        "messages/a71001$",
    ),
    body(
        "half-letter",
        "FORMAT-3 FORMAT-4",
        "half an emoji in JSON",
        lambda raw: raw.replace("😀".encode(), b"\\ud83d"),
        (HAL_JSON,),
    ),
    links(
        "form-name",
        "FORMAT-6",
        "the name of a form is missing in hal+xml",
        "Message.form",
        attr("name", lambda one: None),
        (HAL_XML,),
    ),
    each(
        "inner-schema",
        "FORMAT-6",
        "schemas are not linked in hal+xml",
        "ServiceMetaData",
        inner_docs("FormsMetaData", lambda one: one.links.clear()),
        (HAL_XML,),
    ),
    links(
        "twice-linked",
        "FORMAT-6",
        "an attachment is linked twice in hal+xml",
        "Message.attachment",
        lambda env, doc, link: (
            doc.links.append(Link("attachment", link.href, dict(link.attrs))) if len(doc.links) < 7 else None
        ),
        (HAL_XML,),
    ),
    asked(
        "language-format",
        "ACCEPT-1",
        "Accept-Language decides the format",
        lambda env, ask: accepting(ask, JSON) if ask.headers.get("Accept-Language") else None,
    ),
    asked(
        "cookie-format",
        "ACCEPT-1",
        "Content-Type of the request decides",
        lambda env, ask: (
            accepting(ask, ask.headers.get("Content-Type") or "") if ask.headers.get("Content-Type") else None
        ),
    ),
    asked(
        "half-weights",
        "ACCEPT-3",
        "weights are read to one digit",
        lambda env, ask: accepting(ask, re.sub(r"q=(0\.\d)\d+", r"q=\1", ask.headers.get("Accept") or "")),
    ),
    early(
        "many-ranges",
        "ACCEPT-5",
        "more than ten ranges fail",
        lambda env, ask: (
            plain(500, "Internal Server Error") if (ask.headers.get("Accept") or "").count(",") > 10 else None
        ),
    ),
    asked(
        "private-default",
        "ACCEPT-4",
        "no Accept and */* differ in their answer at times",
        lambda env, ask: accepting(ask, HAL_JSON) if lower_accept(ask) == "*/*" and env.asked % 3 else None,
    ),
    wire(
        "vary-errors",
        "ACCEPT-6",
        "XML does not say Vary: Accept",
        varying(lambda ask, reply: ask.format == XML, "Origin"),
    ),
    links(
        "wrong-formdata",
        "LINK-3",
        "form data is that of another form",
        "Form.formdata",
        href("my/messages/a71002/forms/9101/formdata"),
        only="SubForm",
    ),
    links(
        "other-service",
        "LINK-3",
        "metadata of letters is a form service",
        "Message.metadata",
        other_edition,
        only="a71004",
    ),
    links(
        "requirement-role",
        "LINK-3",
        "a requirement leads to another role",
        "RoleRequirement.roledefinition",
        href("metadata/roledefinitions/41"),
        only="DAGL2",
    ),
    links(
        "other-requirements",
        "LINK-3",
        "role requirements of another service",
        "ServiceMetaData.rolerequirements",
        href("metadata/rolerequirements?serviceCode=4801&serviceEditionCode=3"),
        only="5120",
    ),
    links(
        "https-http",
        "LINK-5",
        "a link to http on the default port",
        "ServiceMetaData.rolerequirements",
        lambda env, doc, link: setattr(link, "href", re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1", link.href)),
        only="5120",
    ),
    links(
        "user-info",
        "LINK-5",
        "a link that hides its host behind user information",
        "Reportee.messages",
        lambda env, doc, link: setattr(
            link, "href", re.sub(r"http://127\.0\.0\.1:(\d+)", r"http://127.0.0.1:\1@altinn.example", link.href)
        ),
        only="r60003",
    ),
    rows(
        "unsearchable-type",
        "REACH-3 LIST-3",
        "$filter on a reportee's number finds nothing",
        lambda env, ask, given: (
            [] if ask.path == "reportees" and "OrganizationNumber" in ask.query.get("$filter", "") else given
        ),
    ),
    rows(
        "found-no-reportee",
        "REACH-3 LIST-3",
        "one reportee is never found by a search",
        lambda env, ask, given: (
            [one for one in given if one["ReporteeId"] != "r60003"]
            if ask.path == "reportees" and "$filter" in ask.query
            else given
        ),
    ),
    rows(
        "list-in-hal-only",
        "FORMAT-5",
        "a service is missing in XML",
        lambda env, ask, given: given[:-1] if ask.path == "metadata" and lower_accept(ask) == XML else given,
    ),
    shown(
        "page-two-json",
        "REACH-4 FORMAT-5 LIST-2",
        "page two is page one in JSON",
        in_boxes(page_two(lambda given, first: first[: len(given)])),
        size=53,
    ),
    wire(
        "head-status",
        "GET-4",
        "HEAD of attachments is 500",
        on_head(failing(500, "Internal Server Error"), "attachments"),
    ),
    wire(
        "head-cors",
        "GET-4",
        "HEAD allows no origin and says another cache rule",
        on_head(lambda reply: (reply.put("Cache-Control", "public, max-age=3600"), reply.drop("Pragma"))),
    ),
    wire(
        "refusals-silent",
        "CORS-2",
        "refusals for a missing login allow no origin",
        silent(lambda ask, reply: reply.status == 401),
    ),
    wire(
        "reportees-silent",
        "CORS-2",
        "the reportees allow no origin",
        silent(lambda ask, reply: ask.path.startswith("reportees")),
    ),
    wire(
        "localhost-origin",
        "CORS-3",
        "localhost is allowed",
        allowed_too(lambda one: one.startswith(("http://localhost", "https://localhost", "http://127."))),
    ),
    wire(
        "user-origin",
        "CORS-3",
        "an origin that contains the registered one is allowed",
        allowed_too(lambda one: "skjema.nordmarka.example" in one),
    ),
    wire(
        "errors-reflect",
        "CORS-3",
        "errors allow every origin",
        lambda env, ask, reply: allowed_too(lambda one: True)(env, ask, reply) if reply.status >= 400 else None,
    ),
    wire(
        "preflight-any",
        "CORS-3",
        "preflights allow every origin",
        lambda env, ask, reply: allowed_too(lambda one: True)(env, ask, reply) if ask.method == "OPTIONS" else None,
    ),
    wire(
        "preflight-redirect",
        "CORS-7",
        "preflights are redirected to the login",
        preflight(lambda reply: (failing(302, "Found")(reply), reply.put("Location", "/ui/login")), "reportees"),
    ),
    wire(
        "preflight-silent",
        "CORS-7",
        "preflights allow no origin",
        lambda env, ask, reply: silent(lambda a, r: a.method == "OPTIONS")(env, ask, reply),
    ),
    early(
        "roles-login",
        "AUTH-1",
        "role definitions want a login",
        metadata_needs("Authorization", "^metadata/roledefinitions", 401),
    ),
    asked("keyless-files", "AUTH-2", "attachments need no key", keyless("attachments/")),
    asked("loginless-list", "AUTH-3", "the reportees need no login", loginless("^reportees$")),
    asked("loginless-head", "AUTH-3", "other reportees' boxes need no login", loginless("^r60002/")),
    asked("loginless-hal-xml", "AUTH-3", "hal+xml needs no login", loginless("", (HAL_XML,))),
    asked(
        "empty-token",
        "AUTH-4",
        "an empty bearer token will do",
        lambda env, ask: (
            any_token(env, ask) if len(ask.headers.get("Authorization") or "xxxxxxxxxxxxxxxx") < 12 else None
        ),
    ),
    asked(
        "key-case",
        "AUTH-4",
        "the key is compared without case",
        lambda env, ask: with_key(env, ask) if (ask.headers.get("ApiKey") or "").lower() == KEY else None,
    ),
    wire(
        "missing-200",
        "HTTP-1",
        "a service that is not there gives 200 with an error",
        lambda env, ask, reply: calm(reply) if reply.status == 404 and ask.path.startswith("metadata/") else None,
    ),
    wire(
        "empty-200",
        "HTTP-1 FORMAT-3",
        "a message that is not there gives 200 and nothing",
        lambda env, ask, reply: (
            (calm(reply), setattr(reply, "body", b"")) if reply.status == 404 and "messages/" in ask.path else None
        ),
    ),
    wire(
        "bad-200",
        "HTTP-1 LIST-5",
        "a bad query gives 200 with an error",
        lambda env, ask, reply: calm(reply) if reply.status == 400 and "ApiKey" not in reply.reason else None,
    ),
    wire(
        "connection-string",
        "HTTP-3",
        "an error tells a connection string",
        on_status(404, told("Server=sql01.intern.local;Database=sbl;User Id=sa;Password=x")),
    ),
    asked(
        "filter-case",
        "LIST-3",
        "texts are compared without case",
        rewritten("$filter", lambda one: re.sub(r"^(\w+) eq '((?:[^']|'')*)'$", r"tolower(\1) eq tolower('\2')", one)),
    ),
    asked(
        "filter-plus",
        "LIST-3",
        "a percent sign in a filter finds nothing",
        rewritten("$filter", lambda one: one.replace("%", "")),
    ),
    asked("not-lost", "LIST-3", "not is ignored", rewritten("$filter", lambda one: re.sub(r"\bnot\b", "", one))),
    asked(
        "order-first",
        "LIST-3",
        "the second key of $orderby is ignored",
        rewritten("$orderby", lambda one: one.split(",")[0]),
    ),
    asked(
        "top-one-more",
        "LIST-2",
        "$top gives one more",
        rewritten("$top", lambda one: str(int(one) + 1) if one.isdigit() and int(one) < 1000 else one),
    ),
    asked(
        "top-zero",
        "LIST-2",
        "$top=0 gives all",
        lambda env, ask: ask.query.pop("$top") if ask.query.get("$top") == "0" else None,
    ),
    asked(
        "bad-property",
        "LIST-5",
        "an unknown property in $filter is ignored",
        lambda env, ask: (
            ask.query.pop("$filter")
            if re.search(r"nosuch|unknown|finnes|ukjent", ask.query.get("$filter", ""), re.I)
            else None
        ),
    ),
    asked(
        "bad-order",
        "LIST-5",
        "a bad $orderby is ignored",
        lambda env, ask: (
            ask.query.pop("$orderby", None)
            if not re.fullmatch(r"(\w+( asc| desc)?,? ?)+", ask.query.get("$orderby", "x"))
            or not any(
                one in ask.query.get("$orderby", "x") for one in (*MESSAGE_FIELDS, *REPORTEE_FIELDS, *SERVICE_FIELDS)
            )
            else None
        ),
    ),
    value("file-size-text", "MODEL-1", "FormId is text everywhere", "Form.FormId", lambda one: f"form {one}"),
    each(
        "codes-object",
        "MODEL-1",
        "codes are one object everywhere",
        "CodeList",
        lambda env, ask, doc: doc.props.update(Codes=doc.props["Codes"][0]) if doc.props.get("Codes") else None,
    ),
    drop("no-message-id", "MODEL-2", "messages have no id in the plain formats", "Message.MessageId", PLAIN),
    drop("no-codelist-name", "MODEL-2", "code lists have no name", "CodeList.Name"),
    drop("no-form-type", "MODEL-1 MODEL-2", "forms have no data format", "Form.DataFormatId"),
    each(
        "nynorsk-only",
        "MODEL-4",
        "nynorsk has other role ids",
        "RoleDefinition",
        lambda env, ask, doc: (
            doc.props.update(RoleDefinitionId=doc.props["RoleDefinitionId"] + 1000) if ask.language == "2068" else None
        ),
    ),
    each(
        "english-archive",
        "MODEL-4",
        "reply options are missing in English",
        "Message",
        lambda env, ask, doc: doc.props.pop("ReplyOptions", None) if ask.language == "1033" else None,
    ),
    early(
        "no-help",
        "DOC-1",
        "nobody gets help any more",
        lambda env, ask: plain(410, "Gone") if ask.path.lower().startswith("help") else None,
    ),
    wire(
        "help-forgets-forms",
        "DOC-1",
        "the help page does not list the data of a form",
        lambda env, ask, reply: helped(ask, reply, r"<LI>[^\n]*/FormData</A>", ""),
    ),
    early(
        "help-leads-nowhere",
        "DOC-1",
        "the help page links one page that fails",
        lambda env, ask: plain(500, "Oops") if "codelists" in ask.path and ask.path.startswith("help/") else None,
    ),
    wire(
        "help-edition-text",
        "DOC-2",
        "the help page says that an edition is text",
        lambda env, ask, reply: helped(ask, reply, r"<td>Int32<td>ServiceEdition\b", "<td>String<td>ServiceEdition"),
    ),
    wire(
        "help-without-value3",
        "DOC-2",
        "the help page does not know one property of a code",
        lambda env, ask, reply: helped(ask, reply, r"<tr><td>String<td>Value3", ""),
    ),
    wire(
        "help-sample-comma",
        "DOC-2",
        "the example of the help page ends in a comma",
        lambda env, ask, reply: helped(ask, reply, r"\n\}</pre>", ",\n}</pre>"),
    ),
)
