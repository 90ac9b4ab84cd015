"""Resources from bodies: in go a media type and bytes, out comes the one resource model, or why the body is not what
it claims to be. One row per media type; the syntaxes live in ``decoding_json`` and ``decoding_xml``.
"""

import re
from collections.abc import Callable

from samsvar.logic.decoding_json import decode_hal_json, decode_plain_json
from samsvar.logic.decoding_xml import decode_hal_xml, decode_plain_xml
from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML
from samsvar.model.resource import Malformed, Resource

Decoder = Callable[[str, bytes, str | None], Resource | Malformed]

DECODERS: dict[str, Decoder] = {
    HAL_JSON: decode_hal_json,
    HAL_XML: decode_hal_xml,
    XML: decode_plain_xml,
    JSON: decode_plain_json,
    "text/json": decode_plain_json,
    "text/xml": decode_plain_xml,
}

# Structured syntax suffixes (RFC 6839), the more special first.
FAMILIES: tuple[tuple[str, Decoder], ...] = (
    ("hal+json", decode_hal_json),
    ("+json", decode_plain_json),
    ("hal+xml", decode_hal_xml),
    ("+xml", decode_plain_xml),
)

PARAMETER = re.compile(r""";\s*charset\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s;,"]+))""", re.IGNORECASE)


def bare_media_type(content_type: str | None) -> tuple[str, str | None]:
    """Type and subtype in lower case, and the charset parameter, of a Content-Type field (RFC 9110, 8.3.1); ("", None)
    for none. Other parameters mean nothing to us."""
    if not content_type:
        return "", None
    bare = content_type.partition(";")[0].strip().lower()
    found = PARAMETER.search(content_type)
    if not found:
        return bare, None
    quoted, apostrophes, token = found.groups()
    charset = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else apostrophes or token
    return bare, charset or None


def decode(media_type: str, body: bytes, charset: str | None = None) -> Resource | Malformed:
    """What a body says. media_type: bare, as ``bare_media_type`` gives it; charset: its parameter, if any.
    Never raises for anything that a target may send."""
    decoder = decoder_of(media_type)
    if decoder is None:
        return Malformed("type", f"no data format that we read: {media_type or 'no media type'}")
    return decoder(media_type, body, charset)


def decoder_of(media_type: str) -> Decoder | None:
    """The decoder for a bare media type, or None where a body of that type is not data (a PDF, a page)."""
    exact = DECODERS.get(media_type)
    if exact or "/" not in media_type:
        return exact
    return next((decoder for suffix, decoder in FAMILIES if media_type.endswith(suffix)), None)
