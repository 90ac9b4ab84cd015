"""How things are spelled: the choices of a writer that carry no meaning. The default is as Altinn 2 spells them."""

from collections.abc import Callable
from dataclasses import dataclass

Publish = Callable[[str], str]
"""Canonical path -> the URL that is offered for it."""


@dataclass(frozen=True, slots=True)
class Style:
    """templated, media_type: the spellings of HAL's own link members. lone_arrays: a relation that may have several
    links is an array even when it has one. nulls: JSON prints null members. empty_lists: empty lists are printed.
    escape_slashes: JSON writes \\/. prefix: XML namespace prefix of the data-contract format ("" is the default
    namespace). spacious: white space between elements; references: CDATA sections and character references.
    ascii: JSON escapes everything beyond ASCII. self_links: hal+xml writes self as a link element too.
    refer: URL -> the reference that a link writes for it."""

    templated: str = "isTemplated"
    media_type: str = "mime-type"
    lone_arrays: bool = True
    nulls: bool = False
    empty_lists: bool = True
    escape_slashes: bool = False
    prefix: str = ""
    spacious: bool = False
    references: bool = False
    ascii: bool = False
    self_links: bool = False
    refer: Callable[[str], str] = str


PLAIN_STYLE = Style()
