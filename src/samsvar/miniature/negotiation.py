"""Which media type an Accept field asks for (RFC 9110, 12.4.2, 12.5.1 and 5.6)."""

import re
from dataclasses import dataclass

from samsvar.model.exchange import HAL_JSON, HAL_XML, JSON, XML

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
RANGE = re.compile(rf"({TOKEN})/({TOKEN})")
PARAMETER = re.compile(rf'\s*;\s*(?:({TOKEN})=({TOKEN}|"(?:[^"\\]|\\.)*"))?')
WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
SEPARATOR = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
PREFERENCE = (JSON, HAL_JSON, XML, HAL_XML)
"""What is given when the caller likes several equally: plain JSON, as the environment always did without Accept."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One media range, lower case. specificity: 0 for */*, 1 for type/*, 2 for a media type."""

    range: str
    weight: float

    @property
    def specificity(self) -> int:
        return 2 - self.range.count("*") if self.range.endswith("/*") else 2

    def fits(self, media_type: str) -> bool:
        """Whether the range covers the media type."""
        if self.range.endswith("/*"):
            return self.range == "*/*" or media_type.startswith(self.range[:-1])
        return media_type == self.range


class MalformedAccept(ValueError):
    """The field does not follow the grammar."""


def parse_wish(text: str) -> Wish:
    """One element of the field. Parameters other than q do not choose among our four types."""
    found = RANGE.match(text.strip())
    if not found:
        raise MalformedAccept(text)
    name, rest, weight = found.group(0).lower(), text.strip()[found.end() :], 1.0
    while rest.strip():
        parameter = PARAMETER.match(rest)
        if not parameter:
            raise MalformedAccept(text)
        rest = rest[parameter.end() :]
        if (parameter.group(1) or "").lower() == "q":
            weight = parse_weight(parameter.group(2))
    return Wish(name, weight)


def parse_weight(text: str) -> float:
    """A quality value."""
    if not WEIGHT.fullmatch(text):
        raise MalformedAccept(text)
    return float(text)


def parse_accept(text: str) -> tuple[Wish, ...]:
    """All elements; empty ones are allowed (RFC 9110, 5.6.1). Raises MalformedAccept."""
    return tuple(parse_wish(part) for part in SEPARATOR.split(text) if part.strip())


def weight_of(media_type: str, wishes: tuple[Wish, ...]) -> tuple[float, int]:
    """How much a media type is wanted, by the most specific range that covers it; and where that range stands."""
    fitting = [(wish.specificity, -place, wish.weight) for place, wish in enumerate(wishes) if wish.fits(media_type)]
    if not fitting:
        return 0.0, 0
    _, place, weight = max(fitting)
    return weight, place


def negotiate(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """The media type that is given, or None if none can be. Raises MalformedAccept.

    Equal weights: what the caller names first, then our own preference.
    """
    wishes = parse_accept(accept) if accept is not None else ()
    ranked = [media_type for media_type in PREFERENCE if media_type in offered]
    if not wishes:
        return ranked[0]
    best, wanted = None, (0.0, 0)
    for media_type in ranked:
        weight, place = weight_of(media_type, wishes)
        if weight > 0 and (best is None or (weight, place) > wanted):
            best, wanted = media_type, (weight, place)
    return best
