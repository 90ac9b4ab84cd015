"""Harmless changes of structure."""

from collections.abc import Mapping
from types import MappingProxyType

from samsvar.miniature.parts import Evolution

ROWS: tuple[Evolution, ...] = ()
EVOLUTIONS: Mapping[str, Evolution] = MappingProxyType({row.id: row for row in ROWS})
