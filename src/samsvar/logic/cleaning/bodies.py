"""Bodies by their form: which walker reads one, from which bytes, and what stands for one that cannot be read."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from samsvar.logic.cleaning.json_bodies import Clean, Leaf, cleaned_json
from samsvar.logic.cleaning.patterns import edited
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.logic.cleaning.xml_bodies import cleaned_xml


class Form(StrEnum):
    """How a body is read."""

    JSON = "json"
    XML = "xml"
    HTML = "html"
    TEXT = "text"
    OPAQUE = "opaque"  # not text at all


@dataclass(frozen=True, slots=True)
class Text:
    """A body as characters, and how they become the same bytes again."""

    text: str
    codec: str
    errors: str


WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NARROW: Final = ("8859", "1252", "latin")
TEXTUAL: Final = ("json", "xml", "html", "text", "javascript", "urlencoded", "csv")


def text_of(declared: str, body: bytes) -> Text | None:
    """The characters of a body, by what its bytes are rather than by what is claimed of them: a false claim is to be
    seen by whoever judges. None for bytes that are no characters."""
    codec = next((codec for mark, codec in WIDE if body.startswith(mark)), "")
    codec = codec or ("utf-16-le" if body[1:2] == b"\0" else "utf-16-be" if body[:1] == b"\0" else "")
    for codec_, errors in ((codec, "strict"),) if codec else (("utf-8", "strict"), *_narrow(declared)):
        try:
            return Text(body.decode(codec_, errors), codec_, errors)
        except UnicodeDecodeError:
            continue
    return None


def _narrow(declared: str) -> tuple[tuple[str, str], ...]:
    claimed = any(name in declared for name in NARROW)
    # Latin-1 stands in for every narrow set: each byte is a character, and comes back as it was.
    return (("latin-1", "strict"),) if claimed else (("utf-8", "surrogateescape"),)


def shape_of(declared: str, body: bytes) -> Form:
    """How a body is to be read: by its first character, else by its media type."""
    start = body[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    label = declared.partition(";")[0]
    if start[:1] == b"<":
        page = "html" in label or b"<html" in start.lower() or b"<!doctype html" in start.lower()
        return Form.HTML if page else Form.XML
    if start[:1] in (b"{", b"[") or "json" in label:
        return Form.JSON
    if "xml" in label:
        return Form.XML
    binary = b"\0" in body[:1000] and body[1:2] != b"\0" and body[:1] != b"\0"
    known = any(word in label for word in TEXTUAL)
    return Form.TEXT if known or (not binary and start[:4] not in MAGIC) else Form.OPAQUE


MAGIC: Final = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff\xe0", b"\xd0\xcf\x11\xe0")


def cleaned(form: Form, text: str, clean: Clean) -> str:
    """A body with each of its leaves edited."""
    return WALKERS[form](text, clean)


def _text(text: str, clean: Clean) -> str:
    return edited(text, clean(Leaf(text, "")))


WALKERS: Final[dict[Form, Callable[[str, Clean], str]]] = {
    Form.JSON: cleaned_json,
    Form.XML: cleaned_xml,
    Form.HTML: lambda text, clean: cleaned_xml(text, clean, page=True),
    Form.TEXT: _text,
}


def filler(start: bytes, body: bytes, table: Pseudonyms) -> bytes:
    """As many bytes as a body has, in hexadecimal digits that are others for another body."""
    start = start[: len(body)]
    return start + table.noise(body, len(body) - len(start))
