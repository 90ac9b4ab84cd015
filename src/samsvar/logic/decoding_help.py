"""Self-documenting help pages, as ASP.NET Web API writes them and others imitate them.

In go the bytes of an HTML page, out come frozen values: of an index the operations that it lists, of the page of an
operation or of a model the tables of properties and the samples. Nothing that comes raises; what is no page, or is too
large or too deep to be one, says nothing at all. lxml is at home in ``decoding_xml``; its reader of HTML is here, since
no other page is ever read.

What the pages have in common and what is read by it: an operation is a method with a path, a table of properties has
columns for a name and a type, a heading says whether request or response is meant, a sample is preformatted text below
its media types. Classes, order of columns and attributes, letter case and what the parameters are called mean nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice

from lxml import etree, html

MOST_BYTES = 4_000_000
MOST_ELEMENTS = 100_000
MOST_TEXT = 200_000
"""Characters of one sample."""
MOST_OPERATIONS = 3_000
LONGEST_PATH = 500
LONGEST = 2_000
"""Characters of a cell, a heading or a line; the rest of it is no name."""

METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
CALL = re.compile(rf"\s*(?P<method>{METHODS})[\s:]+(?P<path>/?[^\s]*)\s*", re.IGNORECASE)
METHOD = re.compile(rf"\s*({METHODS})\s*", re.IGNORECASE)
PATH = re.compile(r"\s*(/?[\w{$.~%-][^\s]*)\s*")
QUERY = re.compile(r"\?(?![^{}]*\})")
"""Where the query of a path begins: a mark inside a variable says that it may be left out."""
HOST = re.compile(r"https?://[^/?#\s]+", re.IGNORECASE)
REMOVED = re.compile(r"\s*\[\s*removed\s*\]\s*", re.IGNORECASE)
MEDIA_TYPE = re.compile(r"\b(?:application|text)/[\w.+-]+", re.IGNORECASE)
MODEL_NAME = re.compile(r"[?&]modelName=([^&#]+)", re.IGNORECASE)
COLLECTION = re.compile(
    r"\s*(?:(?:collection|list|array|sequence)\s+of\s+(?P<of>.+)|(?:list|collection|array|ienumerable)<(?P<in>.+)>"
    r"|(?P<before>.+?)\s*\[\s*\])\s*",
    re.IGNORECASE | re.DOTALL,
)
NOT_AVAILABLE = re.compile(r"\W*(?:sample\s+not\s+available|none|n/a)\W*", re.IGNORECASE)

NAMES = frozenset({"name", "property", "field", "member", "parameter", "navn", "egenskap", "felt"})
TYPES = frozenset({"type", "data type", "datatype", "format", "datatype/format"})
"""Heads of the two columns that are read."""
SILENT = frozenset({"script", "style", "template", "noscript", "head", "nav"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "dt", "caption", "summary"})


class Section(StrEnum):
    """What a part of a page is about."""

    NONE = ""
    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Listed:
    """An operation as an index lists it. path: as written, without its query; query: the names of the parameters there;
    href: where its page is, "" for none; removed: the page says that it was removed."""

    method: str
    path: str
    query: tuple[str, ...] = ()
    href: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """A row of a table: the name and the words that stand for the type, without "Collection of". collection: such
    words stood before them. href: where a page about the type is."""

    name: str
    type: str
    collection: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of properties: the model that stands above it ("" if none does), and in which section."""

    name: str
    section: Section
    rows: tuple[Property, ...]

    def row(self, name: str) -> Property | None:
        """The row of a property; names compare without case and signs."""
        wanted = bare(name)
        return next((one for one in self.rows if bare(one.name) == wanted), None)


@dataclass(frozen=True, slots=True)
class Sample:
    """Preformatted text, the media types that stand above it, and in which section."""

    media_types: tuple[str, ...]
    section: Section
    text: str


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What a page says. links: the pages of models that it links, by the model's name as written."""

    operations: tuple[Listed, ...] = ()
    tables: tuple[Table, ...] = ()
    samples: tuple[Sample, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what an operation takes."""
        return tuple(row.name for table in self.tables if table.section is Section.REQUEST for row in table.rows)


NOTHING = HelpPage()


def bare(name: str) -> str:
    """A name without case and signs."""
    return "".join(filter(str.isalnum, name)).casefold()


def decode_help(body: bytes, charset: str | None = None) -> HelpPage:
    """What a help page says; NOTHING for what is no page. charset: the parameter of its Content-Type, if any."""
    root = _parsed(body, charset)
    if root is None:
        return NOTHING
    reading = _Page()
    for mark in _marks(root):
        reading.take(mark)
    rows = islice(chain(_rows_of_calls(root), _links_of_calls(root), _lines_of_calls(root)), MOST_OPERATIONS)
    return HelpPage(_once(rows), tuple(reading.tables), _with_tabs(root, reading.samples), tuple(reading.links.items()))


def _parsed(body: bytes, charset: str | None) -> "etree._Element | None":
    if not body.strip() or len(body) > MOST_BYTES or body.count(b"<") > 2 * MOST_ELEMENTS or b"<" not in body:
        return None
    text = _text(body, charset)
    if text.lstrip("\ufeff \t\r\n")[:1] != "<":
        return None
    # A declaration of the encoding would speak of bytes that are text by now; NUL ends the text for libxml2.
    text = re.sub(r"^\s*<\?xml[^>]*>", "", text.replace("\0", "\ufffd").lstrip("\ufeff"))
    try:
        # huge_tree stays off: libxml2 gives up on nesting that no page has. No DTD and no network are ever asked.
        parser = html.HTMLParser(
            encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
        )
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):  # AssertionError: html has no root for what is all comment
        return None


def _text(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8")
    except (LookupError, UnicodeError, ValueError):
        return body.decode("utf-8", "replace")


# Operations


def _rows_of_calls(root: "etree._Element") -> Iterator[Listed]:
    """The rows of tables in which a cell, or two of them, are a method and a path."""
    for row in root.iter("tr"):
        cells = [cell for cell in row if _tag(cell) in ("td", "th")]
        texts = [_words(cell) for cell in cells]
        found = next(filter(None, (_call(text) for text in texts)), None) or _beside(texts)
        if found is None:
            continue
        method, path, marked = found
        removed = marked or any(REMOVED.match(text) for text in texts)
        yield _listed(method, path, _href(row), removed)


def _links_of_calls(root: "etree._Element") -> Iterator[Listed]:
    """Links outside tables whose text is a method and a path."""
    for link in root.iter("a"):
        if next(link.iterancestors("tr"), None) is None and (found := _call(_words(link))):
            yield _listed(found[0], found[1], _href(link), found[2])


LINES = frozenset({"li", "dt", "div", "summary", "h2", "h3", "h4", "h5", "h6"})
"""What may hold an operation without a link to it; a paragraph is prose, which may speak of one that is no more."""
MOST_PIECES = 12
"""Pieces of text that a method and a path are written in; an element with more is no line."""


def _lines_of_calls(root: "etree._Element") -> Iterator[Listed]:
    """Lines that are a method and a path and nothing else, whether the path alone is linked or nothing is."""
    for element in root.iter(*LINES):
        pieces = list(islice(element.itertext(), MOST_PIECES + 1))
        if len(pieces) > MOST_PIECES or next(element.iterancestors("table"), None) is not None:
            continue
        found = _call(_line("".join(map(str, pieces)))) or _call(_line(" ".join(map(str, pieces))))
        if found is not None:
            yield _listed(found[0], found[1], _href(element), found[2])


def _call(text: str) -> tuple[str, str, bool] | None:
    """Method and path of "GET {who}/Messages", and whether "[Removed]" stands before it."""
    mark = REMOVED.match(text)
    match = CALL.fullmatch(text[mark.end() :] if mark else text)
    if match is None or not 0 < len(match["path"]) <= LONGEST_PATH:
        return None
    return match["method"].upper(), match["path"], bool(mark)


def _beside(texts: list[str]) -> tuple[str, str, bool] | None:
    """A method in one cell and a path in another."""
    method = next((match[1] for text in texts if (match := METHOD.fullmatch(text))), None)
    likely = [text for text in texts if not METHOD.fullmatch(text) and len(text) <= LONGEST_PATH]
    paths = [match[1] for text in likely if (match := PATH.fullmatch(text))]
    path = next((one for one in paths if "/" in one or "{" in one), next(iter(paths), None))
    return (method.upper(), path, False) if method and path else None


def _listed(method: str, path: str, href: str, removed: bool) -> Listed:
    bare_path, *queries = QUERY.split(HOST.sub("", path), maxsplit=1)
    query = "".join(queries)
    names = tuple(piece.partition("=")[0] for piece in query.split("&") if piece)
    return Listed(method, bare_path.strip("/"), names, href, removed)


def _once(rows: Iterable[Listed]) -> tuple[Listed, ...]:
    found: dict[tuple[object, ...], Listed] = {}
    for row in rows:
        found.setdefault((row.method, row.path, row.query), row)
    return tuple(found.values())


# Tables and samples, in the order of the page


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something that stands on a page: a heading, a link, words, a table, or preformatted text."""

    what: str
    text: str = ""
    href: str = ""
    element: "etree._Element | None" = None


def _marks(root: "etree._Element") -> Iterator[_Mark]:
    """What stands on a page, in order. Without recursion: how deep it is nested is theirs to choose."""
    skipped: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = _tag(element)
        if skipped is None and event == "start":
            if tag in SILENT:
                skipped = element
            elif tag == "table":
                skipped = element
                yield _Mark("table", element=element)
            elif tag == "pre":
                skipped = element
                yield _Mark("pre", _whole(element))
            elif tag in HEADINGS:
                skipped = element
                link = element if tag == "a" else next(element.iter("a"), None)
                yield _Mark("heading", _words(element), _href(link) if link is not None else "")
            elif tag == "a":
                skipped = element
                yield _Mark("link", _words(element), _href(element))
            elif element.text and element.text.strip():
                yield _Mark("words", _line(element.text))
        if event == "end":
            if skipped is element:
                skipped = None
            if skipped is None and element.tail and element.tail.strip():
                yield _Mark("words", _line(element.tail))


@dataclass(slots=True)
class _Page:
    """A page as far as it was read. name: what stands above the next table; media: above the next sample."""

    section: Section = Section.NONE
    name: str = ""
    media: tuple[str, ...] = ()
    tables: list[Table] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def take(self, mark: _Mark) -> None:
        if mark.what == "table":
            self._table(mark.element)
        elif mark.what == "pre":
            if not NOT_AVAILABLE.fullmatch(mark.text[:LONGEST]) and mark.text.strip():
                self.samples.append(Sample(self.media, self.section, mark.text))
        else:
            self._said(mark)

    def _said(self, mark: _Mark) -> None:
        types = tuple(dict.fromkeys(one.lower() for one in MEDIA_TYPE.findall(mark.text)))
        if types:
            self.media = types
            return
        if mark.what == "heading":
            self.section = _section(mark.text, self.section)
            self.name = _model(mark.text, mark.href)
        elif mark.what == "link":
            name = _model(mark.text, mark.href)
            if MODEL_NAME.search(mark.href):
                self.links.setdefault(name, mark.href)
                self.name = name

    def _table(self, element: "etree._Element | None") -> None:
        rows = tuple(_properties(element)) if element is not None else ()
        if rows:
            self.tables.append(Table(self.name, self.section, rows))
            for row in rows:
                if row.href and MODEL_NAME.search(row.href):
                    self.links.setdefault(_model(row.type, row.href), row.href)
        self.name = ""


def _section(text: str, before: Section) -> Section:
    words = text.lower()
    if any(word in words for word in ("uri parameter", "body parameter", "request", "forespørsel")):
        return Section.REQUEST
    if any(word in words for word in ("response", "resource description", "returns", "respons", "svar")):
        return Section.RESPONSE
    return Section.NONE if METHOD.match(words) or words == "parameters" else before


def _model(text: str, href: str) -> str:
    """The model that a heading or a link names: "Collection of Message", "Response: Message"."""
    named = MODEL_NAME.search(href)
    if named:
        return named[1]
    inner = unwrapped(text.rpartition(":")[2].strip())[0]
    return inner if re.fullmatch(r"[\w.+]+", inner) else ""


def unwrapped(words: str) -> tuple[str, bool]:
    """The words of a type without "Collection of" (or its like), and whether that stood there."""
    match = COLLECTION.fullmatch(words)
    if match is None:
        return words.strip(), False
    return (match["of"] or match["in"] or match["before"] or "").strip(), True


def _properties(table: "etree._Element") -> Iterator[Property]:
    """The rows of a table that has a column of names and one of types."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
    columns: tuple[int, int] | None = None
    for row in rows:
        cells = [cell for cell in row if _tag(cell) in ("td", "th")]
        heads = [_words(cell).strip(" :*").lower() for cell in cells]
        if columns is None:
            columns = _columns(heads) or _columns([_by_class(cell) for cell in cells])
            if columns is None or heads[columns[0]] in NAMES:
                continue
        if max(columns) >= len(cells):
            continue
        name, kind = _words(cells[columns[0]]), cells[columns[1]]
        if name and len(name) <= LONGEST:
            words, collection = unwrapped(_words(kind))
            yield Property(name, words, collection, _href(kind))


def _columns(heads: list[str]) -> tuple[int, int] | None:
    name = next((index for index, head in enumerate(heads) if head in NAMES), None)
    kind = next((index for index, head in enumerate(heads) if head in TYPES), None)
    return (name, kind) if name is not None and kind is not None else None


def _by_class(cell: "etree._Element") -> str:
    """What the class of a cell says of its column: "parameter-type" is a type."""
    return str(cell.get("class") or "").lower().rpartition("-")[2]


def _with_tabs(root: "etree._Element", samples: list[Sample]) -> tuple[Sample, ...]:
    """Samples that stand in tabs have their media types on the tab and not above them."""
    tabs = {}
    for link in root.iter("a"):
        types = tuple(dict.fromkeys(one.lower() for one in MEDIA_TYPE.findall(_words(link))))
        if types and _href(link).startswith("#"):
            tabs[_href(link)[1:]] = types
    if not tabs:
        return tuple(samples)
    found = []
    for pre in root.iter("pre"):
        homes = [str(one.get("id") or "") for one in (pre, *pre.iterancestors())]
        types = next((tabs[home] for home in homes if home in tabs), ())
        if types:
            text = _whole(pre)
            section = next((one.section for one in samples if one.text == text), None)
            if section is not None:
                found.append(Sample(types, section, text))
    return tuple(found)


# Elements


def _tag(element: "etree._Element") -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _href(element: "etree._Element") -> str:
    """Where an element, or the first link in it, leads."""
    link = element if _tag(element) == "a" else next(element.iter("a"), None)
    return str(link.get("href") or "").strip()[:LONGEST] if link is not None else ""


def _whole(element: "etree._Element") -> str:
    return "".join(str(piece) for piece in element.itertext())[:MOST_TEXT]


def _words(element: "etree._Element") -> str:
    return _line(_whole(element))


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
