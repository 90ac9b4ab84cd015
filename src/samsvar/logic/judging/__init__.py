"""What we conclude: rules, one per guarantee, each a pure function from what was observed to findings.

A rule yields MET for every observation that could have failed and did not, UNMET for every one that did, and UNSEEN,
with the reason, where it could not tell. It never raises on what the target did. A family's file has a table RULES.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from samsvar.logic.observing import Observed
from samsvar.model.verdict import Finding

Rule: TypeAlias = Callable[[Observed], Iterable[Finding]]
