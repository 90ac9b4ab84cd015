"""The privacy gate: the second look at what is about to be written, after the cleaning and independent of it.

The rule of this room: it knows nothing of how values are cleaned. It takes bytes, the private values that the target
sent, and the pseudonyms that were put in their place, and proves by search that none of the first is left.
"""

from samsvar.logic.gating.scanning import leaks

__all__ = ["leaks"]
