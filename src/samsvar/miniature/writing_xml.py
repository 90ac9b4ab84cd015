"""Record -> application/xml in the manner of .NET data contracts: ``ArrayOf...``, one namespace, members in
alphabetical order, ``i:nil`` for nulls, lists of numbers in the namespace of arrays. No links.
"""

from samsvar.miniature.records import Record, Value
from samsvar.miniature.styling import Publish, Style
from samsvar.miniature.xml_text import Element, attribute, lexical, whole

MODELS_NAMESPACE = "http://schemas.datacontract.org/2004/07/Altinn.SBL.AltinnWebAPI.Models"
ARRAYS_NAMESPACE = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
INSTANCE_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
ITEM_NAMES = {int: "int", str: "string"}


def qualified(name: str, style: Style) -> str:
    """The name with the prefix that is in use."""
    return f"{style.prefix}:{name}" if style.prefix else name


def array_prefix(style: Style) -> str:
    return "feil" if style.prefix else "d2p1"


def member_element(name: str, value: Value, style: Style, publish: Publish) -> Element:
    """One member."""
    tag = qualified(name, style)
    if value is None:
        return Element(tag, attribute(f"{instance_prefix(style)}:nil", "true"))
    if isinstance(value, Record):
        return Element(tag, children=member_elements(value, style, publish))
    if isinstance(value, tuple):
        return list_element(tag, value, style, publish)
    return Element(tag, text=lexical(value, publish))


def list_element(tag: str, items: tuple[Value, ...], style: Style, publish: Publish) -> Element:
    """A list: objects are named after their model, scalars after their type in the namespace of arrays."""
    if all(isinstance(item, Record) for item in items):
        made = tuple(member_element(item.model, item, style, publish) for item in items if isinstance(item, Record))
        return Element(tag, children=made)
    prefix = array_prefix(style)
    scalars = tuple(
        Element(f"{prefix}:{ITEM_NAMES.get(type(item), 'string')}", text=lexical(item, publish)) for item in items
    )
    return Element(tag, attribute(f"xmlns:{prefix}", ARRAYS_NAMESPACE), children=scalars)


def instance_prefix(style: Style) -> str:
    return "xsi" if style.prefix else "i"


def member_elements(record: Record, style: Style, publish: Publish) -> tuple[Element, ...]:
    """All members in alphabetical order; what HAL embeds stands here as a member."""
    members: tuple[tuple[str, Value], ...] = (*record.members, *record.embedded)
    return tuple(
        member_element(name, value, style, publish)
        for name, value in sorted(members, key=lambda pair: pair[0])
        if value != () or style.empty_lists
    )


def write_xml(record: Record, style: Style, publish: Publish) -> bytes:
    """The whole representation."""
    xmlns = f"xmlns:{style.prefix}" if style.prefix else "xmlns"
    spaces = attribute(f"xmlns:{instance_prefix(style)}", INSTANCE_NAMESPACE) + attribute(xmlns, MODELS_NAMESPACE)
    if record.elements is None:
        root = Element(qualified(record.model, style), spaces, children=member_elements(record, style, publish))
    else:
        items = tuple(member_element(record.model, item, style, publish) for item in record.elements)
        root = Element(qualified(f"ArrayOf{record.model}", style), spaces, children=items)
    return whole(root, style)
