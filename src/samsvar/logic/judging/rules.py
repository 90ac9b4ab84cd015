"""All rules: guarantee id -> rule. A guarantee without a row here is untested and says so."""

from collections.abc import Mapping

from samsvar.logic.judging import (
    Rule,
    accepting,
    access,
    cross_origin,
    faults,
    formats,
    links,
    lists,
    methods,
    models,
    reaching,
)

RULES: Mapping[str, Rule] = {
    **formats.RULES,
    **accepting.RULES,
    **links.RULES,
    **reaching.RULES,
    **methods.RULES,
    **cross_origin.RULES,
    **access.RULES,
    **faults.RULES,
    **lists.RULES,
    **models.RULES,
}
