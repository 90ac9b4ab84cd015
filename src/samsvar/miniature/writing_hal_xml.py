"""Record -> application/hal+xml: ``<resource rel href>`` with ``<link rel href .../>`` for every link but self,
then the properties as elements, then embedded resources as nested ``<resource>``.
"""

from samsvar.miniature.records import Href, Link, Record, Value
from samsvar.miniature.styling import Publish, Style
from samsvar.miniature.xml_text import Element, attribute, lexical, whole

ITEM_NAMES = {int: "int", str: "string"}


def link_element(link: Link, style: Style, publish: Publish) -> Element:
    """One link with all its attributes."""
    written = attribute("rel", link.rel) + attribute("href", style.refer(publish(link.path)))
    if link.templated:
        written += attribute(style.templated, "true")
    for name, value in link.attributes:
        written += attribute(style.media_type if name == "mime-type" else name, lexical(value, publish))
    return Element("link", written)


def property_element(name: str, value: Value, style: Style, publish: Publish) -> Element:
    """One property; objects and lists of them are nested elements."""
    if isinstance(value, Record):
        return Element(name, children=inner_elements(value, style, publish))
    if isinstance(value, tuple):
        return Element(name, children=tuple(item_element(item, style, publish) for item in value))
    return Element(name, text=lexical(value, publish))


def item_element(value: Value, style: Style, publish: Publish) -> Element:
    """One item of a list, named after its model or its type."""
    if isinstance(value, Record):
        return property_element(value.model, value, style, publish)
    return property_element(ITEM_NAMES.get(type(value), "string"), value, style, publish)


def inner_elements(record: Record, style: Style, publish: Publish) -> tuple[Element, ...]:
    """The links and properties of an object or resource."""
    links = tuple(link_element(link, style, publish) for link in record.links if link.rel != "self" or style.self_links)
    written = []
    for name, value in record.members:
        skipped = value is None or (value == () and not style.empty_lists)
        if not skipped and not (isinstance(value, Href) and value.plain):
            written.append(property_element(name, value, style, publish))
    return (*links, *written)


def resource_element(record: Record, rel: str, style: Style, publish: Publish) -> Element:
    """One resource; its self is the href of the element."""
    own = record.link("self")
    attributes = attribute("rel", rel) + (attribute("href", style.refer(publish(own.path))) if own else "")
    groups = (*(((record.container, record.elements),) if record.elements is not None else ()), *record.embedded)
    inner = tuple(resource_element(item, name, style, publish) for name, group in groups for item in group)
    return Element("resource", attributes, children=(*inner_elements(record, style, publish), *inner))


def write_hal_xml(record: Record, style: Style, publish: Publish) -> bytes:
    """The whole representation."""
    return whole(resource_element(record, "self", style, publish), style)
