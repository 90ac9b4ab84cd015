"""Which characters the bytes of a body stand for: in go the bytes and the charset of Content-Type, out comes text.

JSON is UTF-8 (RFC 8259, 8.1). XML follows RFC 7303, 3: byte order mark, then the charset parameter, then the XML
declaration. Whoever says a charset must mean it: bytes that are UTF-8 under another name are refused, since a client
that believes the name reads other letters.
"""

import codecs
import re

from samsvar.model.resource import Malformed

# Other encodings are refused: libxml2 would take UTF-7, in which markup can hide from every check.
CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
}
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")

# The order matters: the mark of UTF-32LE begins with that of UTF-16LE.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
XML_ENCODING = re.compile(rb"""\A<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")


def json_text(body: bytes, declared: str | None) -> str | Malformed:
    """The characters of a JSON body, a byte order mark included if there is one."""
    codec = _known(declared)
    if isinstance(codec, Malformed):
        return codec
    if codec in WIDE:
        return _wide_text(body, codec)
    text = _decoded(body, "utf-8")
    if isinstance(text, Malformed) or codec in (None, "utf-8") or body.isascii():
        return text
    return Malformed("charset", f"Content-Type says {declared}, the bytes are UTF-8")


def xml_text(body: bytes, declared: str | None) -> str | Malformed:
    """The characters of an XML body without a byte order mark; the XML declaration is still in it."""
    codec = _known(declared)
    if isinstance(codec, Malformed):
        return codec
    mark, marked = _mark(body)
    if marked:
        return _marked_xml(body[len(mark) :], marked, codec)
    if codec in ("utf-16", "utf-32"):
        return Malformed("charset", f"{declared} without a byte order mark")
    if codec is None:
        codec = _known(_written_encoding(body))
    if isinstance(codec, Malformed):
        return codec
    if codec in ("utf-16", "utf-16-le", "utf-16-be") and declared is None:
        return Malformed("charset", "the XML declaration says UTF-16, the bytes have no byte order mark")
    return _honest(body, codec or "utf-8")


def _known(name: str | None) -> str | Malformed | None:
    """Python's codec for a charset name; None for no name."""
    if name is None:
        return None
    codec = CODECS.get(name.strip().lower())
    return codec or Malformed("charset", f"charset {name!r} is not one that we read")


def _mark(body: bytes) -> tuple[bytes, str]:
    return next(((mark, codec) for mark, codec in MARKS if body.startswith(mark)), (b"", ""))


def _decoded(body: bytes, codec: str) -> str | Malformed:
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        return Malformed("charset", f"the bytes are not {codec}: {error.reason}", f"byte {error.start}")


def _wide_text(body: bytes, codec: str) -> str | Malformed:
    """UTF-16 or UTF-32 as it was announced; without a mark and without an order in the name it is big-endian
    (RFC 2781, 4.3), which in JSON shows by the zero bytes."""
    _, marked = _mark(body)
    if marked and not marked.startswith(codec):
        return Malformed("charset", f"Content-Type says {codec}, the byte order mark {marked}")
    if not marked and codec in ("utf-16", "utf-32"):
        codec += "-le" if body[:1] != b"\0" else "-be"
    return _decoded(body, codec)


def _marked_xml(body: bytes, marked: str, declared: str | None) -> str | Malformed:
    """A byte order mark outranks the rest (RFC 7303, 3.3), but what else is said must not deny it."""
    if declared is not None and not marked.startswith(declared):
        return Malformed("charset", f"Content-Type says {declared}, the byte order mark {marked}")
    text = _decoded(body, marked)
    if isinstance(text, Malformed) or declared is not None:
        return text
    written = _known(_written_encoding(text[:200].encode("utf-8")))
    if isinstance(written, Malformed):
        return written
    if written is not None and not marked.startswith(written):
        return Malformed("charset", f"the XML declaration says {written}, the byte order mark {marked}")
    return text


def _written_encoding(head: bytes) -> str | None:
    found = XML_ENCODING.match(head)
    return found[1].decode("ascii") if found else None


def _honest(body: bytes, codec: str) -> str | Malformed:
    """Text of bytes without a mark. Bytes beyond ASCII that happen to be UTF-8 are UTF-8: in a one-byte charset they
    would be letters that no word has ("Ã¸")."""
    text = _decoded(body, codec)
    if isinstance(text, Malformed) or codec in ("utf-8", "ascii") or codec in WIDE or body.isascii():
        return text
    if isinstance(_decoded(body, "utf-8"), str):
        return Malformed("charset", f"the charset is given as {codec}, the bytes are UTF-8")
    return text
