"""A reading: one exchange and what its body says, decoded once, when first looked at."""

from functools import cached_property

from samsvar.logic import urls
from samsvar.logic.decoding import bare_media_type, decode
from samsvar.model.exchange import FORMATS, Exchange, Probe, Response
from samsvar.model.resource import Malformed, Resource

HTML = ("text/html", "application/xhtml+xml")
REDIRECTS = (301, 302, 303, 307, 308)


class Reading:
    """What one exchange says. Compare and sort by ``number``; it holds nothing that is not in the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.number: int = exchange.number
        self.probe: Probe = exchange.probe
        self.response: Response | None = exchange.response
        self.status: int | None = exchange.response.status if exchange.response else None
        """The status code, None when there was no whole response."""
        self.ok: bool = self.status is not None and 200 <= self.status < 300
        """A whole answer with a 2xx status came."""

    def __repr__(self) -> str:
        return f"<Reading {self.number} {self.probe.question} {self.probe.about} {self.status} {self.probe.url}>"

    @cached_property
    def label(self) -> str:
        """The media type that the answer gives itself, bare and in lower case; "" if none."""
        return bare_media_type(self.response.first("Content-Type"))[0] if self.response else ""

    @cached_property
    def asked(self) -> str:
        """The one media type that was asked for, bare and in lower case; "" when the probe asked otherwise."""
        accept = (self.probe.header("Accept") or "").lower()
        return accept if accept in FORMATS else ""

    @cached_property
    def decoded(self) -> Resource | Malformed | None:
        """What the body says by the media type that it claims; None where there is no body or it claims a type that
        is not one of resources (a document, a page for people)."""
        response = self.response
        if response is None or not response.body:
            return None
        label, charset = bare_media_type(response.first("Content-Type"))
        if label not in FORMATS and not label.endswith(("+json", "/json", "+xml", "/xml")):
            return None
        return decode(label, response.body, charset)

    @cached_property
    def resource(self) -> Resource | None:
        """The resource of a successful answer, None if there is none that can be read."""
        return self.decoded if self.ok and isinstance(self.decoded, Resource) else None

    @property
    def malformed(self) -> Malformed | None:
        """What is wrong with a body that does not read as what it claims."""
        return self.decoded if isinstance(self.decoded, Malformed) else None

    @property
    def redirect(self) -> str | None:
        """The absolute URL that a redirect points to, None when this is not one or it points nowhere."""
        if self.response is None or self.status not in REDIRECTS:
            return None
        location = self.response.first("Location")
        return urls.resolve(self.probe.url, location) if location else None

    @property
    def page_for_people(self) -> bool:
        """HTML where a resource was asked for: a login page, most often (200 or a redirect off the API)."""
        return self.label in HTML
