"""Cutting a window out of a list: $filter, then $orderby, then $skip, then $top."""

from dataclasses import replace
from urllib.parse import quote

from samsvar.miniature.odata import QueryError, parse_count, parse_order
from samsvar.miniature.parts import Call, Parts, query_pairs
from samsvar.miniature.records import Link, Listing, Problem, Record

DROPPED = ("language", "markasread", "forceeiauthentication")
"""Parameters that say nothing of which resource this is, so a self link goes without them."""


def self_path(call: Call, listing: Listing, changed: tuple[tuple[str, str], ...] = ()) -> str:
    """The address of this very window, or of another one when $skip is changed."""
    path, _, own = listing.self.partition("?")
    taken = {pair.partition("=")[0].lower() for pair in own.split("&")}
    taken |= {name for name, _ in changed}
    kept = [pair for pair in call.query if pair[0].lower() not in DROPPED and pair[0].lower() not in taken]
    pairs = [own] if own else []
    pairs += [f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in (*kept, *changed)]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def window(listing: Listing, options: dict[str, str], parts: Parts) -> tuple[int, int]:
    """Where the window begins and how many elements it may hold. Raises QueryError."""
    skip = parse_count(options["$skip"], "$skip") if "$skip" in options else 0
    if "$top" not in options:
        return skip, parts.served if listing.limited else listing.count
    top = parse_count(options["$top"], "$top")
    return skip, min(top, parts.page) if listing.limited else top


def chosen(listing: Listing, options: dict[str, str], parts: Parts) -> list[Record] | None:
    """The elements that fit, in order; None when all do in the order in which they stand."""
    if "$filter" not in options and "$orderby" not in options:
        return None
    every = [listing.at(index) for index in range(listing.count)]
    if "$filter" in options:
        fits = parts.parse_filter(options["$filter"], listing.model)
        every = [element for element in every if fits(element)]
    return parts.order(every, parse_order(options["$orderby"], listing.model)) if "$orderby" in options else every


def cut(call: Call, listing: Listing, parts: Parts) -> Record | Problem:
    """The window that a query asks for, as the record of the list."""
    try:
        options = query_pairs(call)
        skip, top = window(listing, options, parts)
        found = chosen(listing, options, parts)
    except QueryError as error:
        return Problem(400, str(error))
    count = listing.count if found is None else len(found)
    stop = min(skip + top, count)
    elements = tuple(found[skip:stop]) if found is not None else tuple(map(listing.at, range(skip, stop)))
    path = self_path(call, listing)
    links = (*listing.links, *next_link(call, listing, parts, options, stop, count), Link("self", path))
    record = Record(
        listing.model,
        path,
        links=() if listing.bare else links,
        elements=elements,
        bare=listing.bare,
        container=listing.container,
    )
    return replace(record)


def next_link(
    call: Call, listing: Listing, parts: Parts, options: dict[str, str], stop: int, count: int
) -> tuple[Link, ...]:
    """The link to the page after this one, where the environment links pages."""
    if not parts.next_links or not listing.limited or "$top" in options or stop >= count:
        return ()
    return (Link("next", self_path(call, listing, (("$skip", str(stop)),))),)
