"""What goes over the wire: an ask comes in, an answer goes out. Nothing here knows what either means."""

from dataclasses import dataclass, replace
from enum import StrEnum

from samsvar.model.exchange import Fields, field_values


class Framing(StrEnum):
    """How the body is sent. Everything but HONEST and CHUNKED is a lie that only a real connection can tell."""

    HONEST = "honest"  # Content-Length and exactly that many bytes
    CHUNKED = "chunked"  # Transfer-Encoding: chunked, whole
    TRUNCATED = "truncated"  # the connection closes before Content-Length is reached
    CUT_CHUNKS = "cut-chunks"  # chunked, but the closing chunk never comes


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. target: path and query as on the wire. certificate: common name of the TLS client certificate."""

    method: str
    target: str
    headers: Fields = ()
    body: bytes = b""
    certificate: str | None = None

    def header(self, name: str) -> str | None:
        """All values of a field joined as one list (RFC 9110, 5.3), or None if the field is absent."""
        values = field_values(self.headers, name)
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as it goes over the wire: the headers hold Content-Length and Content-Encoding too, the body is what
    follows them."""

    status: int
    reason: bytes
    headers: Fields = ()
    body: bytes = b""
    framing: Framing = Framing.HONEST

    def first(self, name: str) -> str | None:
        """The first value of a header field, or None."""
        values = field_values(self.headers, name)
        return values[0] if values else None

    def having(self, name: str, value: str) -> "Answer":
        """The same answer with exactly this one value of that field."""
        return self.without(name).adding(name, value)

    def adding(self, name: str, value: str) -> "Answer":
        """The same answer with one more field at the end."""
        return replace(self, headers=(*self.headers, (name, value)))

    def without(self, name: str) -> "Answer":
        """The same answer without that field."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() != name.lower()))

    def carrying(self, body: bytes) -> "Answer":
        """The same answer with another body and the Content-Length that is true of it."""
        return replace(self, body=body).having("Content-Length", str(len(body)))
