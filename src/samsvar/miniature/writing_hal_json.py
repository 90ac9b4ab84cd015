"""Record -> application/hal+json as Altinn 2 writes it: members, ``_links`` (self first in singles, last in lists),
``_embedded``; ``isTemplated`` and ``mime-type``; attachments and forms as arrays of links."""

from decimal import Decimal
from typing import Any

from samsvar.miniature.records import Href, Instant, Link, Record, Value
from samsvar.miniature.styling import Publish, Style
from samsvar.miniature.writing_json import dump


def hal_value(value: Value, style: Style, publish: Publish) -> Any:
    """One value; an object inside a resource may have links of its own."""
    if isinstance(value, Record):
        return hal_object(value, style, publish)
    if isinstance(value, tuple):
        return [hal_value(item, style, publish) for item in value]
    if isinstance(value, Href):
        return value.path if value.outside else publish(value.path)
    if isinstance(value, Instant):
        return value.text
    return float(value) if isinstance(value, Decimal) else value


def link_object(link: Link, style: Style, publish: Publish) -> dict[str, Any]:
    """One link."""
    written: dict[str, Any] = {"href": style.refer(publish(link.path))}
    if link.templated:
        written[style.templated] = True
    for name, value in link.attributes:
        written[style.media_type if name == "mime-type" else name] = hal_value(value, style, publish)
    return written


def link_objects(record: Record, style: Style, publish: Publish) -> dict[str, Any]:
    """All links by relation."""
    last_self = record.elements is not None
    ordered = sorted(record.links, key=lambda link: (link.rel == "self") == last_self)
    groups: dict[str, list[dict[str, Any]]] = {}
    arrays = {link.rel for link in ordered if link.many and style.lone_arrays}
    for link in ordered:
        groups.setdefault(link.rel, []).append(link_object(link, style, publish))
    return {rel: found if rel in arrays or len(found) > 1 else found[0] for rel, found in groups.items()}


def embedded_objects(record: Record, style: Style, publish: Publish) -> dict[str, Any]:
    """All embedded resources by name."""
    groups = dict(record.embedded)
    if record.elements is not None and not record.bare:
        groups = {record.container: record.elements, **groups}
    return {name: [hal_object(inner, style, publish) for inner in group] for name, group in groups.items()}


def hal_object(record: Record, style: Style, publish: Publish) -> Any:
    """One resource with its links and what it embeds."""
    if record.bare and record.elements is not None:
        return [hal_object(element, style, publish) for element in record.elements]
    written: dict[str, Any] = {}
    for name, value in record.members:
        skipped = (value is None and not style.nulls) or (value == () and not style.empty_lists)
        if not skipped and not (isinstance(value, Href) and value.plain):
            written[name] = hal_value(value, style, publish)
    if record.links:
        written["_links"] = link_objects(record, style, publish)
    if embedded := embedded_objects(record, style, publish):
        written["_embedded"] = embedded
    return written


def write_hal_json(record: Record, style: Style, publish: Publish) -> bytes:
    """The whole representation."""
    return dump(hal_object(record, style, publish), style)
