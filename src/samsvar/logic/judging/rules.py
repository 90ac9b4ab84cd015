"""All rules: guarantee id -> rule. A guarantee without a row here is untested and says so."""

from collections.abc import Iterator, Mapping

from samsvar.logic.judging import (
    Rule,
    accepting,
    access,
    browsing,
    cross_origin,
    documentation,
    examples,
    faults,
    formats,
    links,
    lists,
    methods,
    models,
    operations,
    reaching,
    walks,
    wayside,
)
from samsvar.logic.observing import Observed
from samsvar.model.verdict import Finding

OWN: Mapping[str, Rule] = {
    **formats.RULES,
    **accepting.RULES,
    **links.RULES,
    **reaching.RULES,
    **methods.RULES,
    **cross_origin.RULES,
    **browsing.RULES,
    **access.RULES,
    **faults.RULES,
    **lists.RULES,
    **models.RULES,
    **documentation.RULES,
    **walks.RULES,
    **examples.RULES,
}
CONTRIBUTIONS: tuple[Mapping[str, Rule], ...] = (
    operations.CONTRIBUTIONS,
    walks.CONTRIBUTIONS,
    wayside.CONTRIBUTIONS,
    browsing.CONTRIBUTIONS,
)


def _joined(id_: str, rule: Rule) -> Rule:
    """A guarantee's own rule, then what others tell of it."""
    others = tuple(table[id_] for table in CONTRIBUTIONS if id_ in table)

    def joined(observed: Observed) -> Iterator[Finding]:
        for one in (rule, *others):
            yield from one(observed)

    return joined if others else rule


RULES: Mapping[str, Rule] = {id_: _joined(id_, rule) for id_, rule in OWN.items()}
