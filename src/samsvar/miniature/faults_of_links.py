"""Faults of the LINK and REACH families: what is offered, where it leads, and what is still found."""

from collections.abc import Callable
from dataclasses import replace

from samsvar.miniature.parts import Call, Change, Fault, Parts, RecordHook
from samsvar.miniature.records import Document, Link, Listing, Problem, Record, Result
from samsvar.miniature.switching import (
    HAL,
    again,
    at,
    both,
    chain,
    edit,
    edit_body,
    edit_links,
    on_listing,
    on_result,
    refuse,
    seventh,
    single,
)
from samsvar.model.exchange import HAL_JSON, HAL_XML

BOX = "{who}/messages"
MESSAGE = "{who}/messages/{messageId}"
FORM = "{who}/messages/{messageId}/forms/{formId}"
GONE = Problem(404, "There is no such resource")
CRASH = Problem(500, "The resource cannot be shown just now")


def elsewhere(link: Link, old: str, new: str) -> Link:
    """A link with a piece of its path changed."""
    return replace(link, path=link.path.replace(old, new))


def next_number(link: Link) -> Link:
    """A link to the neighbour: the last number of its path plus one."""
    head, _, last = link.path.rpartition("/")
    return replace(link, path=f"{head}/{last[:1]}{int(last[1:]) + 6}") if last[1:].isdecimal() else link


def without_href(body: bytes) -> bytes:
    """Links without an href."""
    return body.replace(b'"href"', b'"url"').replace(b" href=", b" url=")


def hostile(rel: str, url: str) -> Change:
    """One relation leads to another host or scheme: the link itself is absolute."""
    return edit_links(lambda link: replace(link, path=url + link.path), only=rel)


def insecure(call: Call, record: Record) -> Record:
    """The links named print go to another port without TLS."""
    base = "http://" + call.root.partition("://")[2].partition("/")[0].partition(":")[0] + ":8080/api/"
    return replace(
        record,
        links=tuple(replace(link, path=base + link.path) if link.rel == "print" else link for link in record.links),
    )


def deep(hook: RecordHook) -> Change:
    """The same for a record and its elements."""

    def each(call: Call, record: Record) -> Record:
        inner = record.elements
        made = None if inner is None else tuple(each(call, element) for element in inner)
        return replace(hook(call, record), elements=made)

    return lambda parts: parts.with_record(lambda call, record: each(call, record) if call.format in HAL else record)


def other_edition(link: Link) -> Link:
    """The other edition of the service with two."""
    return elsewhere(link, "formtask/0042/1", "formtask/0042/20") if link.path.endswith("/0042/1") else link


def seventh_call(call: Call) -> bool:
    """Some places, by what they are called."""
    return sum(call.path.rpartition("/")[2].encode()) % 7 == 3


def third_call(call: Call) -> bool:
    """More of them, one in three."""
    return sum(call.path.rpartition("/")[2].encode()) % 3 == 0


def unlisted(keep: Callable[[Record], bool]) -> Change:
    """Leaves elements out of a list before it is cut, as if they were not there."""

    def hook(call: Call, listing: Listing) -> Listing:
        kept = [index for index in range(listing.count) if keep(listing.at(index))]
        return replace(listing, count=len(kept), at=lambda index: listing.at(kept[index]))

    return on_listing(hook, at(BOX))


def no_hits(field: str) -> Change:
    """Searching by a key finds nothing."""

    def changed(parts: Parts) -> Parts:
        original = parts.parse_filter
        return replace(
            parts,
            parse_filter=lambda words, model: (lambda record: False) if field in words else original(words, model),
        )

    return changed


def overlapping(call: Call, listing: Listing) -> Listing:
    """Every page begins one element too early."""
    return replace(listing, at=lambda index: listing.at(max(index - 1, 0)) if index >= 50 else listing.at(index))


def first_of_page_lost(call: Call, listing: Listing) -> Listing:
    """The first element of page two is never shown."""
    return replace(
        listing,
        count=max(listing.count - 1, min(listing.count, 50)),
        at=lambda index: listing.at(index + 1 if index >= 50 else index),
    )


def emptied(call: Call, listing: Listing) -> Listing:
    """A list without elements."""
    return replace(listing, count=0)


def last_gone(call: Call, listing: Listing) -> Listing:
    """A list without its last element."""
    return replace(listing, count=max(listing.count - 1, 0))


def html_instead(call: Call, result: Result) -> Result:
    """A page for people where a form should be, in one format."""
    if call.template == FORM and call.format == HAL_XML:
        return Document("text/html; charset=utf-8", b"<!DOCTYPE html><html><body>Logg inn</body></html>")
    return result


def moved_self(record: Record) -> Record:
    """Self leads to the list."""
    links = tuple(
        replace(link, path=link.path.rpartition("/")[0]) if link.rel == "self" and "/" in link.path else link
        for link in record.links
    )
    return replace(record, links=links)


def print_announced_as(media_type: str) -> Callable[[Link], Link]:
    """A link that announces another media type."""
    return lambda link: replace(link, attributes=(("mime-type", media_type),))


ROWS: tuple[Fault, ...] = (
    Fault("link-1-no-href", "LINK-1", "Links have no href.", False, edit_body(without_href, HAL), ("REACH-1",)),
    Fault(
        "link-1-blank-in-href",
        "LINK-1",
        "Attachment links have a blank in them.",
        True,
        edit_links(
            lambda link: replace(link, path=link.path.replace("attachments/", "attachments/ ")), only="attachment"
        ),
        ("LINK-4", "REACH-6"),
    ),
    Fault(
        "link-1-text-for-a-link",
        "LINK-1",
        "The link metadata is a text instead of an object in hal+json.",
        True,
        edit_body(
            lambda body: b'"metadata": "'.join(
                part if place == 0 else part.replace(b'"}', b'"', 1)
                for place, part in enumerate(body.split(b'"metadata": {"href": "'))
            ),
            (HAL_JSON,),
            single,
        ),
        ("LINK-9",),
    ),
    Fault(
        "link-2-self-is-the-list",
        "LINK-2",
        "Self of a message leads to the list.",
        False,
        edit(moved_self, "Message", HAL),
        ("FORMAT-4", "GET-5"),
    ),
    Fault(
        "link-2-self-of-the-next-in-hal-xml",
        "LINK-2",
        "Self of some messages in hal+xml leads to another message.",
        True,
        edit(
            lambda record: replace(
                record,
                links=tuple(
                    next_number(link) if link.rel == "self" and seventh(record) else link for link in record.links
                ),
            ),
            "Message",
            (HAL_XML,),
        ),
        ("FORMAT-6", "LINK-4"),
    ),
    Fault(
        "link-2-self-of-one-reportee-is-another",
        "LINK-2",
        "Self of one reportee leads to another.",
        True,
        edit_links(lambda link: elsewhere(link, "/r50000035", "/r50000018"), "Reportee", only="self"),
        ("REACH-2",),
    ),
    Fault(
        "link-3-metadata-of-another-service",
        "LINK-3",
        "Every message links the metadata of the same service.",
        False,
        edit_links(lambda link: replace(link, path="metadata/lookup/4574/5"), "Message", only="metadata"),
    ),
    Fault(
        "link-3-metadata-of-another-edition",
        "LINK-3",
        "The first edition of 0042 is linked as the second.",
        True,
        edit_links(other_edition, "Message", only="metadata"),
    ),
    Fault(
        "link-3-box-of-another-reportee",
        "LINK-3",
        "The link messages of one reportee leads to another's box.",
        True,
        edit_links(lambda link: elsewhere(link, "r50000035", "r50000018"), "Reportee", only="messages"),
        ("REACH-2",),
    ),
    Fault(
        "link-3-archive-of-another-message",
        "LINK-3",
        "An archive reference leads to a neighbouring archived message.",
        True,
        edit_links(
            lambda link: next_number(link) if link.path.endswith("2") else link, "Message", only="archivereference"
        ),
    ),
    Fault(
        "link-3-attachment-of-other-size",
        "LINK-3",
        "Links give attachments the wrong size, in both HAL formats.",
        True,
        edit_links(
            lambda link: replace(
                link, attributes=tuple((name, 4096 if name == "filesize" else value) for name, value in link.attributes)
            ),
            only="attachment",
        ),
    ),
    Fault(
        "link-4-attachments-gone",
        "LINK-4",
        "Attachments that are linked are 404.",
        False,
        refuse(GONE, at("{who}/messages/{messageId}/attachments/{attachmentId}")),
        ("GET-1", "LINK-3", "REACH-6"),
    ),
    Fault(
        "link-4-some-forms-gone",
        "LINK-4",
        "Some forms that are linked are 404.",
        True,
        refuse(GONE, both(at(FORM), third_call)),
        ("LINK-3", "GET-1", "REACH-6"),
    ),
    Fault(
        "link-4-some-prints-forbidden",
        "LINK-4",
        "Some prints that are linked are forbidden.",
        True,
        refuse(
            Problem(403, "You may not print this"),
            both(at(MESSAGE + "/print"), lambda call: call.path[-8:-6] in ("05", "11", "26") or "2/print" in call.path),
        ),
        ("LINK-3", "GET-1", "REACH-6"),
    ),
    Fault(
        "link-5-other-host",
        "LINK-5",
        "Metadata are linked on another host.",
        False,
        hostile("metadata", "https://intern.altinn.example/api/"),
        ("LINK-9",),
    ),
    Fault(
        "link-5-http-for-print",
        "LINK-5",
        "Prints are linked without TLS and on another port.",
        True,
        deep(insecure),
        ("LINK-4",),
    ),
    Fault(
        "link-5-look-alike-host-for-schemas",
        "LINK-5",
        "Schemas are linked on a host that only looks right.",
        True,
        edit(
            lambda record: (
                record.having(
                    "FormsMetaData",
                    tuple(
                        replace(
                            inner,
                            links=tuple(
                                replace(link, path="https://miniature.samsvar.example.evil.example/api/" + link.path)
                                for link in inner.links
                            ),
                        )
                        if isinstance(inner, Record)
                        else inner
                        for inner in found
                    ),
                )
                if isinstance(found := record.get("FormsMetaData"), tuple)
                else record
            ),
            formats=HAL,
        ),
    ),
    Fault(
        "link-6-template-not-flagged",
        "LINK-6",
        "Templates are not flagged.",
        False,
        edit_links(lambda link: replace(link, templated=False), only="find"),
        ("LINK-1", "LINK-4"),
    ),
    Fault(
        "link-6-template-broken",
        "LINK-6",
        "The template of messages has an unclosed brace.",
        True,
        edit_links(lambda link: replace(link, path=link.path.rstrip("}")), only="find", when=at(BOX)),
        ("REACH-3",),
    ),
    Fault(
        "link-6-template-leads-nowhere",
        "LINK-6",
        "The template of reportees expands to nothing that exists.",
        True,
        edit_links(lambda link: replace(link, path="reportee/{reporteeId}"), only="find", when=at("reportees")),
        ("REACH-3",),
    ),
    Fault(
        "link-8-print-announced-as-html",
        "LINK-8",
        "The link print announces HTML; a PDF comes.",
        False,
        edit_links(print_announced_as("text/html"), only="print"),
    ),
    Fault(
        "link-8-form-data-come-as-text",
        "LINK-8",
        "Some form data come as text/plain.",
        True,
        on_result(
            lambda call, result: (
                replace(result, media_type="text/plain")
                if isinstance(result, Document) and call.template == FORM + "/formdata" and "1/formdata" in call.path
                else result
            )
        ),
        ("LINK-3",),
    ),
    Fault(
        "link-9-no-print",
        "LINK-9",
        "Form tasks have no link print.",
        False,
        edit_links(lambda link: None, only="print"),
    ),
    Fault(
        "link-9-no-find-on-reportees",
        "LINK-9",
        "The list of reportees has no link find.",
        True,
        edit_links(lambda link: None, only="find", when=at("reportees")),
        ("REACH-3",),
    ),
    Fault(
        "link-9-no-archive-reference-when-alone",
        "LINK-9",
        "A letter alone does not link its archive reference.",
        True,
        edit_links(lambda link: None, only="archivereference", when=single),
        ("REACH-2",),
    ),
    Fault(
        "reach-1-reportees-gone",
        "REACH-1",
        "The entry reportees is 404.",
        False,
        refuse(GONE, at("reportees")),
        ("REACH-2", "LIST-1"),
    ),
    Fault(
        "reach-1-metadata-leads-nowhere",
        "REACH-1",
        "The entry metadata has no links to services.",
        True,
        edit_links(lambda link: None, "ServiceMetaData", when=at("metadata")),
        ("LINK-9", "LINK-2", "REACH-2"),
    ),
    Fault(
        "reach-2-archived-messages-gone",
        "REACH-2",
        "Archived messages are in no list, and archive references to them lead to nothing.",
        False,
        chain(
            unlisted(lambda record: not str(record.get("MessageId")).startswith("b10000")),
            refuse(GONE, both(at(MESSAGE), lambda call: "/b10000" in call.path)),
        ),
        ("LINK-4", "REACH-6"),
    ),
    Fault(
        "reach-2-one-archived-message-gone",
        "REACH-2",
        "Some archive references lead to nothing.",
        True,
        chain(
            unlisted(lambda record: not str(record.get("MessageId")).startswith("b10000") or not seventh(record)),
            refuse(GONE, both(at(MESSAGE), seventh_call, lambda call: "/b10000" in call.path)),
        ),
        ("LINK-4",),
    ),
    Fault(
        "reach-3-search-by-id-finds-nothing",
        "REACH-3",
        "$filter by MessageId finds nothing.",
        False,
        no_hits("MessageId"),
        ("LIST-3", "LIST-5"),
    ),
    Fault(
        "reach-3-search-by-organisation-finds-nothing",
        "REACH-3",
        "$filter by OrganizationNumber finds nothing.",
        True,
        no_hits("OrganizationNumber"),
        ("LIST-3", "LIST-5"),
    ),
    Fault(
        "reach-4-pages-overlap",
        "REACH-4",
        "The second page begins with the last element of the first.",
        False,
        on_listing(overlapping, at(BOX)),
        ("LIST-2",),
    ),
    Fault(
        "reach-4-one-element-between-pages",
        "REACH-4",
        "The first element of the second page is never shown.",
        True,
        on_listing(first_of_page_lost, at(BOX)),
        ("LIST-2", "REACH-2"),
    ),
    Fault(
        "reach-5-empty-on-second-visit",
        "REACH-5",
        "On a second visit the boxes are empty.",
        False,
        on_listing(emptied, both(at(BOX), again)),
        ("GET-3", "FORMAT-5", "GET-4", "AUTH-5"),
    ),
    Fault(
        "reach-5-last-reportee-gone-on-second-visit",
        "REACH-5",
        "On a second visit the last reportee is gone.",
        True,
        on_listing(last_gone, both(at("reportees"), again)),
        ("GET-3", "FORMAT-5", "GET-4", "AUTH-5", "LIST-2"),
    ),
    Fault(
        "reach-6-form-in-hal-xml-crashes",
        "REACH-6",
        "Forms in hal+xml are 500.",
        False,
        refuse(CRASH, both(at(FORM), lambda call: call.format == HAL_XML)),
        ("FORMAT-1", "HTTP-1"),
    ),
    Fault(
        "reach-6-form-in-hal-xml-is-a-page",
        "REACH-6",
        "Forms in hal+xml are a page for people.",
        True,
        on_result(html_instead),
        ("FORMAT-1", "FORMAT-2"),
    ),
)
