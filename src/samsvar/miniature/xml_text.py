"""XML text: elements are built here as strings, so that every spelling that XML allows can be chosen."""

from dataclasses import dataclass
from decimal import Decimal

from samsvar.miniature.records import Href, Instant, Value
from samsvar.miniature.styling import Publish, Style

ESCAPES = {ord(sign): text for sign, text in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#xD;"))}
QUOTED = {**ESCAPES, ord('"'): "&quot;", ord("\n"): "&#xA;", ord("\t"): "&#x9;"}
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def lexical(value: Value, publish: Publish) -> str:
    """A scalar in its standard lexical form (XML Schema, part 2)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Href):
        return value.path if value.outside else publish(value.path)
    if isinstance(value, Instant):
        return value.text
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def escaped(text: str, style: Style) -> str:
    """Character data. A carriage return is written as a reference, since a parser would turn it into a line feed."""
    if style.references and text.strip() and "]]>" not in text and "\r" not in text:
        return f"<![CDATA[{text}]]>" if len(text) % 2 else "".join(f"&#{ord(sign)};" for sign in text)
    return text.translate(ESCAPES)


def attribute(name: str, value: str) -> str:
    """One attribute with a blank before it."""
    return f' {name}="{value.translate(QUOTED)}"'


@dataclass(frozen=True, slots=True)
class Element:
    """One element that is written: its attributes as text, and either text or children."""

    name: str
    attributes: str = ""
    text: str = ""
    children: tuple["Element", ...] = ()

    def write(self, style: Style, depth: int = 0) -> str:
        """The element as text; white space goes only between elements."""
        gap = "\n" + "  " * depth if style.spacious else ""
        if self.children:
            inner = "".join(child.write(style, depth + 1) for child in self.children)
            return f"{gap}<{self.name}{self.attributes}>{inner}{gap}</{self.name}>"
        text = escaped(self.text, style)
        if not text:
            return f"{gap}<{self.name}{self.attributes}/>"
        return f"{gap}<{self.name}{self.attributes}>{text}</{self.name}>"


def whole(root: Element, style: Style) -> bytes:
    """A document in UTF-8."""
    return (DECLARATION + root.write(style)).encode()
