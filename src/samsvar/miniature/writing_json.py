"""Record -> application/json: members only; a list is a bare array; no links."""

import json
from decimal import Decimal
from typing import Any

from samsvar.miniature.records import Href, Instant, Record, Value
from samsvar.miniature.styling import Publish, Style


def dump(data: Any, style: Style) -> bytes:
    """JSON text in UTF-8, with or without escaped slashes (both mean the same)."""
    text = json.dumps(data, ensure_ascii=style.ascii, allow_nan=False, indent=2 if style.spacious else None)
    return (text.replace("/", "\\/") if style.escape_slashes else text).encode()


def address(value: Href, publish: Publish) -> str:
    """What a URI member says."""
    return value.path if value.outside else publish(value.path)


def plain_value(value: Value, style: Style, publish: Publish) -> Any:
    """One value as JSON data."""
    if isinstance(value, Record):
        return plain_object(value, style, publish)
    if isinstance(value, tuple):
        return [plain_value(item, style, publish) for item in value]
    if isinstance(value, Href):
        return address(value, publish)
    if isinstance(value, Instant):
        return value.text
    return float(value) if isinstance(value, Decimal) else value


def is_written(value: Value, style: Style) -> bool:
    """Whether a member is printed at all: nulls and empty lists may be left out."""
    if value is None:
        return style.nulls
    return value != () or style.empty_lists


def plain_object(record: Record, style: Style, publish: Publish) -> Any:
    """One resource; what HAL embeds stands here as a member."""
    if record.elements is not None:
        return [plain_object(element, style, publish) for element in record.elements]
    members = (*record.members, *record.embedded)
    return {name: plain_value(value, style, publish) for name, value in members if is_written(value, style)}


def write_json(record: Record, style: Style, publish: Publish) -> bytes:
    """The whole representation."""
    return dump(plain_object(record, style, publish), style)
