"""URI templates (RFC 6570) as links offer them. Theirs may be broken: both functions give None instead of raising."""

from collections.abc import Mapping

from uri_template import (
    ExpansionFailedError,
    ExpansionInvalidError,
    ExpansionReservedError,
    URITemplate,
    VariableInvalidError,
)

BROKEN = (ExpansionInvalidError, ExpansionReservedError, VariableInvalidError, ExpansionFailedError)


def variables(template: str) -> tuple[str, ...] | None:
    """The names of a template's variables in order; None when it is not a template of RFC 6570."""
    try:
        return tuple(URITemplate(template).variable_names)
    except BROKEN:
        return None


def expand(template: str, values: Mapping[str, str]) -> str | None:
    """The URI that a template gives for these values; None when it is not a template of RFC 6570."""
    try:
        return URITemplate(template).expand(**values)
    except BROKEN:
        return None


def fill(template: str, known: Mapping[str, str]) -> str | None:
    """The URI of a template whose every variable is known; names compare without case (Altinn writes both
    {MessageId} and {messageId}). None when a variable is unknown or the template is broken."""
    names = variables(template)
    lower = {name.lower(): value for name, value in known.items()}
    if not names or any(name.lower() not in lower for name in names):
        return None
    return expand(template, {name: lower[name.lower()] for name in names})
