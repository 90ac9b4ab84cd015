"""The example requests of the documentation, asked as they stand, by the client that they are shown for.

In: what the crawl saw. Out: conversations ``example.<id>``; about ten requests. A request is put to the place where the
environment has what the example asks for, since its URL may have moved. What a page leaves its readers to fill in is
filled with what was seen.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from samsvar.logic import urls
from samsvar.logic.asking import Conversation, once
from samsvar.logic.asking.lists import items, whole
from samsvar.logic.asking.methods import is_unread, read_state
from samsvar.logic.observing import Observed, Visit
from samsvar.model.contract import Example
from samsvar.model.exchange import Client, Login, Probe

PREFIX = "example."
BEFORE = "before"  # about: the place as it is without the options of the example, just before it
AFTER = "after"  # about: the same, or the example itself, once more

MET_OFTEN = "Skatteetaten"
"""The service owner of the page's own example: taken where it has written."""

Filled = Mapping[str, str]
"""What stands for each name in braces."""


def question(example: Example) -> str:
    """The question by which an example is asked."""
    return f"{PREFIX}{example.id}"


def ask(observed: Observed) -> Iterable[Conversation]:
    """Every example that can be asked. Where its client is not there, samsvar puts the same request itself, unless it
    does so already."""
    put: set[tuple[object, ...]] = set()
    for example in sorted(observed.contract.examples, key=lambda one: client_for(observed, one) is not one.by):
        probe = probe_of(observed, example)
        if probe is None:
            continue
        request = (probe.url, probe.headers, probe.login)
        if client_for(observed, example) is example.by or request not in put:
            put.add(request)
            yield _conversation(observed, example, probe)


def client_for(observed: Observed, example: Example) -> Client:
    """The client that puts an example: its own where it is at hand."""
    return example.by if example.by in observed.means.clients else Client.OWN


def _conversation(observed: Observed, example: Example, probe: Probe) -> Conversation:
    if "pages" in example.says:
        return _paged(observed, example, probe)
    if "stays-unread" in example.says:
        return _read_twice(probe)
    return once(probe)


def _paged(observed: Observed, example: Example, probe: Probe) -> Conversation:
    """The page, between two looks at the first one: only an element that both show is passed over by right."""
    first = replace(probe, about=BEFORE, url=urls.without_parameters(probe.url, lambda name: name == "$skip"))
    before = yield first
    page = yield probe
    shown = {item.key for item in items(observed, example.type, before) or ()}
    if shown & {item.key for item in items(observed, example.type, page) or ()}:
        yield replace(first, about=AFTER)


def _read_twice(probe: Probe) -> Conversation:
    first = yield probe
    if first.resource is not None and is_unread(first.resource):
        yield replace(probe, about=AFTER)


# What an example is asked with


def lacking(observed: Observed, example: Example) -> str:
    """What the run was not given, or did not see, that an example needs; "" when it has all."""
    means = observed.means
    if example.login is Login.GIVEN and not (means.key and means.login):
        return "no login was given, with its ApiKey"
    if _asks_for(example, "origin") and not means.origins:
        return "no registered origin was given (--origin)"
    return "" if _place(observed, example) is not None else f"no {example.type} was seen to ask for"


def probe_of(observed: Observed, example: Example) -> Probe | None:
    """The request of an example, filled in; None when something is lacking."""
    found = _place(observed, example)
    if found is None or lacking(observed, example):
        return None
    visit, filled = found
    query = {name: value.format_map(filled) for name, value in example.query.items()}
    headers = tuple((name, value.format_map(filled)) for name, value in example.headers)
    return Probe(
        question=question(example),
        url=urls.with_parameters(_address(visit, example), query),
        headers=headers,
        login=example.login,
        type=example.type,
        owner=visit.owner,
        place=visit.place,
        path=visit.path,
        by=client_for(observed, example),
    )


def _address(visit: Visit, example: Example) -> str:
    """Where the place is, with the final slash that the page has."""
    slash = example.path.endswith("/") and "?" not in visit.url and not visit.url.endswith("/")
    return f"{visit.url}/" if slash else visit.url


def _asks_for(example: Example, name: str) -> bool:
    texts = (example.path, *example.query.values(), *(value for _, value in example.headers))
    return any(f"{{{name}}}" in text for text in texts)


def _place(observed: Observed, example: Example) -> tuple[Visit, Filled] | None:
    """The place that an example is about, with what stands for the names in braces."""
    origin = observed.means.origins[0] if observed.means.origins else ""
    for visit in _candidates(observed, example):
        owner = service_owner(observed, visit) if _asks_for(example, "ServiceOwner") else ""
        if owner is not None:
            return visit, {"origin": origin, "ServiceOwner": owner.replace("'", "''")}
    return None


def _candidates(observed: Observed, example: Example) -> Iterator[Visit]:
    """The places that an example may be about: the entry of its path, or any place of its type; unread ones first."""
    entries = [entry for entry in observed.contract.entries if entry.path == example.path.rstrip("/")]
    visits = [visit for visit in observed.visits_of(example.type) if visit.resource is not None]
    if entries:
        yield from (visit for visit in visits if visit.owner == entries[0].owner)
    else:
        yield from sorted(visits, key=lambda visit: not _unread(visit))


def _unread(visit: Visit) -> bool:
    return visit.resource is not None and read_state(visit.resource)[0]


def service_owner(observed: Observed, visit: Visit) -> str | None:
    """A service owner that some messages of a box are from, and others not as far as there are several: the one of the
    page, else who has written most. None when no message says who it is from."""
    names = [(item.resource.text("ServiceOwner") or "").strip() for item in whole(observed, visit)]
    counts = Counter(name for name in names if name and name.isprintable())
    if not counts:
        return None
    return MET_OFTEN if MET_OFTEN in counts else counts.most_common(1)[0][0]
