"""Harmless changes of structure: the meaning stays, so a client that follows links notices nothing."""

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from samsvar.miniature import cors, credentials
from samsvar.miniature.catalogue import Catalogue, service
from samsvar.miniature.chance import number
from samsvar.miniature.layouts import Cased, Fixed, Moved, Nested, Opaque
from samsvar.miniature.parts import Call, Change, Evolution, Layout
from samsvar.miniature.records import Instant, Link, Record, Value
from samsvar.miniature.routes import HELP_PATHS
from samsvar.miniature.switching import (
    HAL,
    at,
    edit,
    edit_answer,
    edit_good,
    edit_page,
    edit_whole,
    on_answer,
    on_final,
)
from samsvar.miniature.wire import Answer, Framing
from samsvar.model.exchange import Fields

DETOUR = "omvei"
SUMMER = timedelta(hours=2)
WINTER = timedelta(hours=1)


def styled(**choices: Any) -> Change:
    """Another spelling."""
    return lambda parts: replace(parts, style=replace(parts.style, **choices))


def laid_out(layout: Layout) -> Change:
    """Other URLs."""
    return lambda parts: replace(parts, layout=layout)


def path_only(url: str) -> str:
    """An absolute URL without scheme and host."""
    return "/" + url.split("/", 3)[3] if url.count("/") > 2 else url


def without_scheme(url: str) -> str:
    """An absolute URL that takes over the scheme of what it stands in."""
    return "//" + url.partition("://")[2]


def shuffled(record: Record) -> Record:
    """Members and links in an order that no documentation shows."""
    members = tuple(sorted(record.members, key=lambda pair: number(3, pair[0])))
    links = tuple(sorted(record.links, key=lambda link: number(3, link.rel)))
    inner = record.elements
    return replace(
        record, members=members, links=links, elements=None if inner is None else tuple(map(shuffled, inner))
    )


def grown(record: Record) -> Record:
    """More properties than the model has."""
    return replace(
        record, members=(*record.members, ("Kanal", "nett"), ("Versjonsnummer", 7), ("Merker", ("ny", "æøå")))
    )


def linked(record: Record) -> Record:
    """More relations than the documentation names."""
    more = (Link("help", "help"), Link("collection", "metadata", (("title", "Alle tjenester"),)))
    return replace(record, links=(*record.links, *more)) if record.links else record


def elements_as_links(record: Record) -> Record:
    """What was embedded is linked under the same relation (HAL calls the two interchangeable)."""
    if record.elements is None or not all(element.link("self") for element in record.elements) or record.bare:
        return record
    links = tuple(Link(record.container, element.self, many=True) for element in record.elements)
    return replace(record, elements=(), links=(*links, *record.links))


def metadata_inside(call: Call, record: Record) -> Record:
    """What was only linked is embedded as well."""
    row = service(str(record.get("ServiceCode")), str(record.get("ServiceEdition")))
    if call.format not in HAL or record.model != "Message" or record.elements is not None or row is None:
        return record
    inner = Catalogue(0).service_summary(row, call.language)
    return replace(record, embedded=(*record.embedded, ("metadata", (inner,))))


def last_sunday(year: int, month: int) -> datetime:
    """The last Sunday of March or October, when the clocks change."""
    last = datetime(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def offset(moment: datetime) -> timedelta:
    """Norway's distance from UTC at a local time."""
    begins = last_sunday(moment.year, 3) + timedelta(hours=2)
    ends = last_sunday(moment.year, 10) + timedelta(hours=3)
    return SUMMER if begins <= moment < ends else WINTER


def zoned(value: Value) -> Value:
    """A local time with its zone written out."""
    if not isinstance(value, Instant) or value.text.endswith("Z"):
        return value
    moment = datetime.fromisoformat(value.text.partition(".")[0])
    return Instant(f"{value.text}+0{offset(moment).seconds // 3600}:00")


def has_zone(value: Instant) -> bool:
    """It says its offset already, since another evolution came before."""
    return datetime.fromisoformat(value.text).tzinfo is not None


def in_utc(value: Value) -> Value:
    """A local time as the same moment in UTC."""
    if not isinstance(value, Instant) or has_zone(value):
        return value
    head, dot, fraction = value.text.partition(".")
    moment = datetime.fromisoformat(head)
    return Instant(f"{moment - offset(moment):%Y-%m-%dT%H:%M:%S}{dot}{fraction}Z")


def each_member(change: Any) -> Change:
    """Changes every member of every record."""
    return edit(lambda record: replace(record, members=tuple((name, change(value)) for name, value in record.members)))


def zipped(call: Call, answer: Answer) -> Answer:
    """gzip, for those who say that they read it; the tag is another one, since the bytes are (RFC 9110, 8.8.3)."""
    if "gzip" not in (call.ask.header("Accept-Encoding") or "") or not answer.body:
        return answer
    tag = answer.first("ETag")
    tagged = answer.having("ETag", tag[:-1] + '-gzip"') if tag else answer
    return tagged.carrying(gzip.compress(answer.body, mtime=0)).adding("Content-Encoding", "gzip")


def chunked(call: Call, answer: Answer) -> Answer:
    """Sent in chunks, without saying how long it is."""
    return replace(answer, framing=Framing.CHUNKED).without("Content-Length") if answer.body else answer


class Detour(Fixed):
    """Links lead to where things stood; from there a redirect leads to where they stand."""

    __slots__ = ()

    def resolve(self, call: Call, path: str) -> str | None:
        return path.removeprefix(f"{DETOUR}/")


def redirected(call: Call, answer: Answer) -> Answer:
    """A redirect inside the origin, for what is found at its old URL."""
    old = f"{call.root.partition('://')[2].partition('/')[2]}/"
    rest = call.ask.target[len(old) + 1 :]
    if answer.status != 200 or rest.startswith(DETOUR) or call.ask.target.startswith("/Pages/"):
        return answer
    bare = answer.without("ETag").without("Content-Type").without("Content-Disposition").carrying(b"")
    return replace(bare, status=307, reason=b"Temporary Redirect").adding("Location", f"{call.root}/{DETOUR}/{rest}")


def slash_left_off(call: Call, answer: Answer) -> Answer:
    """A path that ends in a slash leads on to the one without."""
    path, mark, query = call.ask.target.partition("?")
    if answer.status != 200 or not path.endswith("/"):
        return answer
    bare = answer.without("ETag").without("Content-Type").without("Content-Disposition").carrying(b"")
    where = f"{path.rstrip('/')}{mark}{query}"
    return replace(bare, status=307, reason=b"Temporary Redirect").adding("Location", where)


def busy(call: Call, answer: Answer) -> Answer:
    """Now and then too busy, said so as HTTP says it."""
    if call.number % 23 or call.ask.method == "OPTIONS":
        return answer
    bare = (
        answer.without("ETag")
        .without("Content-Type")
        .without("Content-Disposition")
        .without("Content-Encoding")
        .without("X-Warning-LimitReached")
    )
    body = json.dumps({"ErrorCode": 50300, "ErrorMessage": "Try again in a second"}).encode()
    said = replace(bare, status=503, reason=b"Try again in a second").having("Content-Type", "application/json")
    return said.adding("Retry-After", "1").carrying(body)


def cased_type(answer: Answer) -> Answer:
    """Content-Type in capitals, without a blank after the semicolon."""
    found = (answer.first("Content-Type") or "").replace("application/", "Application/").replace("json", "JSON")
    return answer.having("Content-Type", found.replace("; charset=utf-8", ";charset=UTF-8"))


def vary_apart(answer: Answer) -> Answer:
    """Vary as several fields, which means the same (RFC 9110, 5.3)."""
    names = [name.strip() for name in (answer.first("Vary") or "").split(",") if name.strip()]
    bare = answer.without("Vary")
    for name in names:
        bare = bare.adding("vary", name)
    return bare


OTHER_COOKIE = ".AspxAuthTT02"
"""What the session cookie of a test environment has been called since release 25.4."""


def named_otherwise(call: Call) -> Call:
    """The call as if the cookie had its old name; one that has it is none of ours."""
    fields = tuple(
        (name, _renamed(value)) if name.lower() == "cookie" else (name, value) for name, value in call.ask.headers
    )
    return replace(call, ask=replace(call.ask, headers=fields))


def _renamed(cookies: str) -> str:
    gone = cookies.replace(f"{credentials.COOKIE_NAME}=", "old=")
    return gone.replace(f"{OTHER_COOKIE}=", f"{credentials.COOKIE_NAME}=")


def cookie_renamed(call: Call, answer: Answer) -> Answer:
    """The session cookie is set under its new name."""
    given = answer.first("Set-Cookie")
    if given is None:
        return answer
    return answer.having("Set-Cookie", given.replace(f"{credentials.COOKIE_NAME}=", f"{OTHER_COOKIE}="))


def vary_otherwise(answer: Answer) -> Answer:
    """Vary with one name more, in other letters and the other way round, in one field."""
    names = [name.strip().upper() for name in (answer.first("Vary") or "").split(",") if name.strip()]
    return answer.having("Vary", ",".join(("accept-encoding", *reversed(names)))) if names else answer


def more_allowed(origin: str | None) -> Fields:
    """A preflight that allows more than anybody needs."""
    wider = {
        "Access-Control-Allow-Methods": "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT",
        "Access-Control-Allow-Headers": "accept,accept-language,apikey,authorization,content-type,if-none-match,"
        "x-requested-with",
        "Access-Control-Max-Age": "86400",
    }
    return tuple((name, wider.get(name, value)) for name, value in cors.preflight_fields(origin))


def lower_fields(call: Call, answer: Answer) -> Answer:
    """Names of header fields as HTTP/2 writes them; they compare without case (RFC 9110, 5.1)."""
    return replace(answer, headers=tuple((name.lower(), value) for name, value in answer.headers))


def help_page(change: Callable[[str], str]) -> Change:
    """Other help pages."""
    return edit_page(change, at(*HELP_PATHS))


def marked_up_anew(page: str) -> str:
    """The same page by another writer: no bodies of tables, other classes, headings and order of attributes, links
    relative to the root."""
    bare = re.sub(r"</?t(?:head|body)>\n?", "", page)
    bare = re.sub(r'class="help-page-table"', 'border="0" class="grid"', bare)
    bare = re.sub(r' class="(?:api|parameter|sample)-[a-z]+"', "", bare)
    bare = re.sub(r'href="https?://[^/"]+', 'title="more" href="', bare)
    return re.sub(r"<(/?)(h[23]|table|tr|td|th|pre|a)\b", lambda tag: f"<{tag[1]}{tag[2].upper()}", bare)


def columns_turned(page: str) -> str:
    """Types stand before names, and parameters and properties in another order."""

    def turned(row: re.Match[str]) -> str:
        cells = re.findall(r"<t[dh][ >].*?</t[dh]>", row[0], re.DOTALL)
        return f"<tr>{''.join(reversed(cells))}</tr>" if len(cells) > 2 else row[0]

    def sorted_rows(body: re.Match[str]) -> str:
        rows = re.findall(r"<tr>.*?</tr>", body[1], re.DOTALL)
        return f"<tbody>{''.join(sorted(rows, key=lambda row: number(5, row)))}</tbody>"

    shuffled_page = re.sub(r"<tbody>(.*?)</tbody>", sorted_rows, page, flags=re.DOTALL)
    return re.sub(r"<tr>.*?</tr>", turned, shuffled_page, flags=re.DOTALL)


def other_words(page: str) -> str:
    """Variables, and who may ask, are called otherwise; paths begin at the root of the host, in capitals."""
    named = page.replace("{who}", "{reportee}").replace("{messageId}", "{id}").replace("{orgno}", "{orgNo}")
    return re.sub(r">(GET|POST|PUT|DELETE) ([a-z{])", lambda call: f">{call[1]} /api/{call[2].upper()}", named)


def one_controller(page: str) -> str:
    """Every operation in one table, and some more than anybody knows of."""
    more = "".join(
        f'<tr><td class="api-name">{call}</td><td><p>No documentation available.</p></td></tr>'
        for call in ("GET version", "GET {who}/messages/{messageId}/history?top={top}", "POST version")
    )
    joined = re.sub(r"</tbody>\s*</table>\s*<h2.*?<tbody>", "", page, flags=re.DOTALL)
    return joined.replace("</tbody>", f"{more}</tbody>") if 'class="api-name"' in page else page


def more_shown(page: str) -> str:
    """More properties than anybody knows of, and other words for the same types."""
    row = (
        '<tr><td class="parameter-name">Channel</td><td class="parameter-documentation"></td>'
        '<td class="parameter-type">ChannelKind</td><td class="parameter-annotations"></td></tr>'
    )
    words = {"integer": "int", "date": "DateTime", "boolean": "bool", "string": "String"}
    for old, new in words.items():
        page = page.replace(f'"parameter-type">{old}<', f'"parameter-type">{new}<')
    return page.replace("</tbody>", f"{row}</tbody>")


def without_samples(page: str) -> str:
    """The pages have no samples."""
    return re.sub(r"<pre.*?</pre>", "<p>Sample not available.</p>", page, flags=re.DOTALL)


def optional_parts(page: str) -> str:
    """Paths that differ in a last part only are written as one; dollars of parameters are left out."""
    return page.replace("metadata/codelists/{name}[/{version}]", "metadata/codelists/{name}/{version?}").replace(
        "$", ""
    )


ROWS: tuple[Evolution, ...] = (
    Evolution("urls-moved", "Every place but the entries has a new URL; the old ones are gone.", laid_out(Moved("v2"))),
    Evolution("urls-nested", "Paths are twice as deep.", laid_out(Nested())),
    Evolution("urls-opaque", "Nothing can be read from a URL.", laid_out(Opaque())),
    Evolution(
        "urls-per-session", "URLs are opaque and differ from login to login.", laid_out(Opaque(per_session=True))
    ),
    Evolution("urls-other-case", "Path segments in links are spelled in another case.", laid_out(Cased())),
    Evolution("links-path-only", "Links are written without scheme and host.", styled(refer=path_only)),
    Evolution("links-without-scheme", "Links are written without scheme.", styled(refer=without_scheme)),
    Evolution(
        "links-for-elements",
        "Lists of messages link their elements instead of embedding them.",
        edit_whole(elements_as_links, HAL, lambda call: call.template == "{who}/messages"),
    ),
    Evolution(
        "metadata-embedded",
        "A message embeds the metadata that it links.",
        lambda parts: parts.with_record(metadata_inside),
    ),
    Evolution(
        "pages-of-ten",
        "Limited lists give ten elements and link the next page.",
        lambda parts: replace(parts, served=10, next_links=True),
    ),
    Evolution("more-properties", "Every resource has properties that no documentation knows.", edit(grown)),
    Evolution("more-relations", "Every resource has links that no documentation knows.", edit(linked, formats=HAL)),
    Evolution(
        "more-fields",
        "Answers carry header fields that no documentation knows.",
        edit_answer(lambda answer: answer.adding("X-Trace", "0af7651916cd43dd").adding("X-Frame-Options", "DENY")),
    ),
    Evolution("members-shuffled", "Members and links stand in another order.", edit_whole(shuffled)),
    Evolution("xml-prefixes", "Data-contract XML uses prefixes instead of a default namespace.", styled(prefix="alt")),
    Evolution("xml-references", "XML uses CDATA sections and character references.", styled(references=True)),
    Evolution("xml-self-links", "hal+xml writes self as a link element too.", styled(self_links=True)),
    Evolution("white-space", "There is white space between elements and members.", styled(spacious=True)),
    Evolution("slashes-escaped", "JSON escapes slashes.", styled(escape_slashes=True)),
    Evolution("json-in-ascii", "JSON escapes everything beyond ASCII.", styled(ascii=True)),
    Evolution(
        "names-of-the-draft",
        "Links use the names templated and type.",
        styled(templated="templated", media_type="type"),
    ),
    Evolution(
        "lone-link-objects", "A relation with one link is an object, never an array of one.", styled(lone_arrays=False)
    ),
    Evolution("nulls-printed", "JSON prints members that are null.", styled(nulls=True)),
    Evolution("empty-lists-left-out", "Empty lists are left out.", styled(empty_lists=False)),
    Evolution("times-with-offset", "Times have the offset of Norwegian time.", each_member(zoned)),
    Evolution("times-in-utc", "Times are written in UTC.", each_member(in_utc)),
    Evolution(
        "front-page", "The root is a front page that links the entries.", lambda parts: replace(parts, front=True)
    ),
    Evolution(
        "gzip",
        "Answers are compressed for those who accept it.",
        lambda parts: parts.with_answer(zipped).with_answer(
            lambda call, answer: answer.adding("Vary", "Accept-Encoding")
        ),
    ),
    Evolution("chunked", "Answers are sent in chunks.", on_final(chunked)),
    Evolution(
        "redirects",
        "Links lead to redirects inside the origin.",
        lambda parts: replace(parts, layout=Detour()).with_answer(redirected),
    ),
    Evolution("slash-left-off", "A path that ends in a slash leads on to the one without.", on_answer(slash_left_off)),
    Evolution(
        "arrival",
        "A message arrives in mid-run.",
        lambda parts: replace(parts, calls=(*parts.calls, lambda call: replace(call, hidden=int(call.number <= 60)))),
    ),
    Evolution("busy", "Every twenty-third answer is 503 with Retry-After.", on_answer(busy)),
    Evolution("no-validators", "Answers have no entity tags.", edit_answer(lambda answer: answer.without("ETag"))),
    Evolution("content-type-in-capitals", "Content-Type is spelled with capitals.", edit_good(cased_type)),
    Evolution(
        "cookie-renamed",
        "The session cookie has another name.",
        lambda parts: replace(parts, calls=(*parts.calls, named_otherwise)).with_final(cookie_renamed),
    ),
    Evolution(
        "sessions-end-early",
        "A session ends after a few questions, however much it is used.",
        lambda parts: replace(parts, session=6, sliding=False),
    ),
    Evolution(
        "help-marked-up-anew",
        "The help pages are written by another writer, with other columns and in another order.",
        help_page(lambda page: marked_up_anew(columns_turned(page))),
    ),
    Evolution(
        "help-other-words",
        "The help pages call variables otherwise, and write optional parts of paths as such.",
        help_page(lambda page: other_words(optional_parts(page))),
    ),
    Evolution("help-one-controller", "The help page has one table, with more operations.", help_page(one_controller)),
    Evolution(
        "help-shows-more",
        "The help pages show more properties, in other words, and no samples.",
        help_page(lambda page: more_shown(without_samples(page))),
    ),
    Evolution("vary-apart", "Vary comes as several fields.", edit_answer(vary_apart)),
    Evolution("vary-spelled-otherwise", "Vary names more, in other letters and order.", edit_answer(vary_otherwise)),
    Evolution(
        "preflights-allow-more",
        "Preflights allow more methods and fields, named in lower case, for longer.",
        lambda parts: replace(parts, preflight=more_allowed),
    ),
    Evolution("fields-in-lower-case", "Names of header fields are written in lower case.", on_final(lower_fields)),
)
EVOLUTIONS: Mapping[str, Evolution] = MappingProxyType({row.id: row for row in ROWS})
