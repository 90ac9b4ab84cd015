"""Bodies by their form: which walker reads one, from which bytes, and what stands for one that cannot be read."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from samsvar.logic.cleaning.edits import edited
from samsvar.logic.cleaning.json_bodies import Clean, Leaf, cleaned_json
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
    if codec:
        return _read(body, codec)
    found = _read(body, "utf-8")
    return found or Text(*(_latin(body) if _claims_narrow(declared) else _broken(body)))


def _read(body: bytes, codec: str) -> Text | None:
    try:
        return Text(body.decode(codec), codec, "strict")
    except UnicodeDecodeError:
        return None


def _claims_narrow(declared: str) -> bool:
    return any(name in declared for name in NARROW)


def _latin(body: bytes) -> tuple[str, str, str]:
    # Latin-1 stands in for every narrow set: each byte is a character, and comes back as it was.
    return body.decode("latin-1"), "latin-1", "strict"


def _broken(body: bytes) -> tuple[str, str, str]:
    """Bytes that are not UTF-8 although nothing else is claimed: UTF-8 with mistakes where more of it is right than
    wrong, else a narrow set. The first would leave the letters beyond ASCII of the second as they are."""
    text = body.decode("utf-8", "surrogateescape")
    wrong = sum("\udc80" <= letter <= "\udcff" for letter in text)
    right = sum(letter > "\x7f" for letter in text) - wrong
    return (text, "utf-8", "surrogateescape") if right >= wrong else _latin(body)


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
    readable = not binary and start[:4] not in MAGIC and _read(body, "utf-8") is not None
    return Form.TEXT if known or readable else Form.OPAQUE


MAGIC: Final = (b"%PDF", b"PK\x03\x04")
"""How documents begin that hold words and may yet look like text."""


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
    """As many bytes as a body has, in letters that are others for another body."""
    start = start[: len(body)]
    return start + table.noise(body, len(body) - len(start))
