"""What is asked about Accept: spellings, weights, wildcards, nonsense, and what else may tempt a server to choose."""

from collections.abc import Iterable, Iterator, Mapping

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, ask_place, once, representatives
from samsvar.logic.observing import Observed, Visit
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML, Fields, Probe

OTHER = "accept.other"  # another header field, a suffix or a parameter that tempts
SERIES = "accept.series"  # a place in one format after another
CASE = "accept.case"
WEIGHT = "accept.weight"
DEFAULT = "accept.default"
UNMEETABLE = "accept.unmeetable"
MALFORMED = "accept.malformed"
BROWSER = "accept.browser"

ANY = "*/*"
NO_ACCEPT = "none"

CASES: Mapping[str, str] = {
    HAL_JSON: "application/HAL+json",
    HAL_XML: "Application/Hal+Xml",
    XML: "APPLICATION/XML",
    JSON: "application/JSON",
}
"""A spelling of each media type in another case; the first is the documentation's own."""

BROWSER_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"

TEMPTING_FIELDS: tuple[tuple[str, Fields, str], ...] = (
    ("Accept-Language", (("Accept-Language", "en;q=0.9, nb;q=0.1"),), HAL_XML),
    ("User-Agent of a browser", (("User-Agent", BROWSER_AGENT),), HAL_XML),
    ("User-Agent of a browser", (("User-Agent", BROWSER_AGENT),), JSON),
    ("Content-Type", (("Content-Type", "application/xml"),), HAL_JSON),
    ("Content-Type", (("Content-Type", "application/json"),), XML),
    ("X-Requested-With", (("X-Requested-With", "XMLHttpRequest"),), XML),
    ("Accept-Charset", (("Accept-Charset", "iso-8859-1"),), JSON),
)
"""Name, header fields, and the media type that is asked for beside them."""

TEMPTING_SUFFIXES: tuple[tuple[str, str], ...] = ((".json", HAL_XML), (".xml", HAL_JSON))
TEMPTING_PARAMETERS: tuple[tuple[str, str, str], ...] = (
    ("format", "json", XML),
    ("format", "xml", HAL_JSON),
    ("$format", "json", HAL_XML),
    ("$format", "xml", JSON),
)
"""Name, value, and the media type that is asked for beside them."""

WEIGHTS: tuple[str, ...] = (
    "application/xml;q=0.2, application/hal+json;q=0.9",
    "application/hal+json;q=0.2, application/xml;q=0.9",
    "application/hal+xml;q=0.3, application/json;q=0.7, application/hal+json;q=0.1, application/xml;q=0.5",
    "application/json;q=0.9, application/hal+xml",
    "application/*;q=0.5, application/hal+xml",
    "*/*, application/hal+json;q=0.1, application/json;q=0.1, application/hal+xml;q=0.2",
    "*/*;q=0.8, application/hal+json;q=0.1, application/hal+xml;q=0.9",
    "application/json;q=0, */*",
    "application/hal+json;q=0, application/json;q=0.0, */*",
    "application/xml;q=0.000, application/*;q=0.001",
    "application/xml ;  q=0.3 ,application/hal+json ; q=0.6",
    "application/xml;q=0.3,\tapplication/json;q=0.4",
    "application/hal+json;q=0.998, application/xml;q=0.999",
    "image/png, application/vnd.samsvar.finnes-ikke+json;q=0.9, application/hal+xml;q=0.1",
    "application/xml;charset=utf-8;q=0.1, application/hal+json;q=0.9",
    "application/xml, application/hal+xml",
)
"""Values of Accept whose answer RFC 9110 (12.5.1) decides."""

UNMEETABLES = (
    "image/png",
    "application/pdf",
    "text/csv;q=0.5, image/gif",
    "application/vnd.samsvar.finnes-ikke",
    "application/vnd.samsvar.finnes-ikke+json",
    "application/hal+json;q=0, application/hal+xml;q=0, application/xml;q=0, application/json;q=0",
)
MALFORMEDS = (
    "application\\hal+json",
    "application/",
    "/json",
    "hal+json",
    ";;;",
    "q=1",
    "application/xml;q=abc",
    "application/hal+json;q=2",
    "application/json;q=",
    'application/json;x="',
    ", ".join(f"application/x-samsvar-{number};q=0.{number % 9 + 1}" for number in range(100)),
)
BROWSERS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "text/html",
)

MOST_DEFAULTS = 5
MAIN = 2


def ask(observed: Observed) -> Iterable[Conversation]:
    """All questions of the family."""
    main = main_places(observed)
    for visit in main[:MAIN]:
        for probe in (*_tempting(observed, visit), *_weights(visit), *_nonsense(visit)):
            yield once(probe)
        yield _one_after_another(observed, visit)
    for visit in main[: MAIN + 1]:
        for probe in _cases(observed, visit):
            yield once(probe)
    yield from _at_new_url(observed)
    yield from _defaults(observed)


def main_places(observed: Observed) -> tuple[Visit, ...]:
    """Places that answered in two or more formats, one of each type: the first, then those most unlike it, since open
    and private places, lists and single resources may be served by different code."""
    fit = [visit for visit in representatives(observed) if len(right_formats(observed, visit)) > 1]
    if not fit:
        return ()
    first, *rest = fit
    return (first, *sorted(rest, key=lambda visit: _likeness(observed, first, visit)))


def _likeness(observed: Observed, one: Visit, other: Visit) -> int:
    left, right = observed.type(one.type), observed.type(other.type)
    if left is None or right is None:
        return 0
    return (left.access == right.access) + (left.is_list == right.is_list)


def right_formats(observed: Observed, visit: Visit) -> tuple[str, ...]:
    """The promised media types in which the crawl got a well-formed answer of that type."""
    readings = ((format_, visit.reading(format_)) for format_ in observed.formats(visit.type))
    return tuple(format_ for format_, one in readings if one is not None and one.resource and one.label == format_)


def _wanted(observed: Observed, visit: Visit, format_: str) -> bool:
    return format_ in right_formats(observed, visit)


def _tempting(observed: Observed, visit: Visit) -> Iterator[Probe]:
    for name, fields, accept in TEMPTING_FIELDS:
        if _wanted(observed, visit, accept):
            yield ask_place(visit, OTHER, name, accept=accept, headers=fields)
    for suffix, accept in TEMPTING_SUFFIXES:
        if _wanted(observed, visit, accept):
            yield ask_place(visit, OTHER, suffix, accept=accept, url=with_suffix(visit.url, suffix))
    for name, value, accept in TEMPTING_PARAMETERS:
        if _wanted(observed, visit, accept):
            url = urls.with_parameters(visit.url, {name: value})
            yield ask_place(visit, OTHER, f"?{name}={value}", accept=accept, url=url)


def with_suffix(url: str, suffix: str) -> str:
    """The URL with a suffix at the end of its path."""
    path, mark, query = url.partition("?")
    return f"{path.rstrip('/')}{suffix}{mark}{query}"


def _cases(observed: Observed, visit: Visit) -> Iterator[Probe]:
    for format_, spelling in CASES.items():
        if _wanted(observed, visit, format_):
            yield ask_place(visit, CASE, format_, accept=spelling)


def _weights(visit: Visit) -> Iterator[Probe]:
    for value in WEIGHTS:
        yield ask_place(visit, WEIGHT, value, accept=value)


def _nonsense(visit: Visit) -> Iterator[Probe]:
    for question, values in ((UNMEETABLE, UNMEETABLES), (MALFORMED, MALFORMEDS), (BROWSER, BROWSERS)):
        for value in values:
            yield ask_place(visit, question, value[:60], accept=value)


def _one_after_another(observed: Observed, visit: Visit) -> Conversation:
    """Each format after each other kind: an earlier answer must not come back."""
    formats = right_formats(observed, visit)
    for turn, format_ in enumerate((*reversed(formats), *formats[:1])):
        yield ask_place(visit, SERIES, f"{turn} {format_}", accept=format_)


def _at_new_url(observed: Observed) -> Iterator[Conversation]:
    """At a URL that nobody has asked yet, the last format first: a cache that does not look at Accept shows itself."""
    for visit in representatives(observed):
        row = observed.type(visit.type)
        if row is not None and row.searchable and len(observed.formats(visit.type)) > 1:
            language = {"language": observed.contract.languages[-1]} if observed.contract.languages else {}
            url = urls.with_parameters(visit.url, {"$top": "49", **language})
            yield _last_first(visit, url, observed.formats(visit.type))
            return


def _last_first(visit: Visit, url: str, formats: tuple[str, ...]) -> Conversation:
    reading = yield ask_place(visit, SERIES, "new, first", accept=formats[-1], url=url)
    if reading.ok:
        yield ask_place(visit, SERIES, "new, then", accept=formats[0], url=url)


def _defaults(observed: Observed) -> Iterator[Conversation]:
    """A wildcard and no Accept at all, at two places of a kind, at the first of them again after another format."""
    types: dict[str, int] = {}
    for visit in representatives(observed, per_type=2, most=60):
        if len(right_formats(observed, visit)) < 2:
            continue
        seen = types.get(visit.type, 0)
        if seen or len(types) < MOST_DEFAULTS:
            types[visit.type] = seen + 1
            yield _default(observed, visit) if seen else _default_again(observed, visit)


def _default(observed: Observed, visit: Visit) -> Conversation:
    yield ask_place(visit, DEFAULT, ANY, accept=ANY)
    yield ask_place(visit, DEFAULT, NO_ACCEPT)


def _default_again(observed: Observed, visit: Visit) -> Conversation:
    yield from _default(observed, visit)
    other = right_formats(observed, visit)[-1]
    yield ask_place(visit, SERIES, f"between {other}", accept=other)
    yield from _default(observed, visit)
