"""Ways to break one guarantee."""

from collections.abc import Mapping
from types import MappingProxyType

from samsvar.miniature.parts import Fault

ROWS: tuple[Fault, ...] = ()
FAULTS: Mapping[str, Fault] = MappingProxyType({row.id: row for row in ROWS})
