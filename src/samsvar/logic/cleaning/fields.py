"""What a member is by its name: private of some kind, known to be harmless, or not known.

In: a contract, whose models say it with ``x-private``; for what no model declares, the names that such members bear in
English and Norwegian. Out: one table. A name that is private in one model is private in all.
"""

import re
from collections.abc import Iterator
from typing import Final

from samsvar.model.contract import Access, Contract, Shape
from samsvar.model.privacy import Private

NAMES: Final[tuple[tuple[Private, str], ...]] = (
    (
        Private.CREDENTIAL,
        (
            r"pass(word|ord|phrase)?|userpassword|secret|clientsecret|pin(code)?|otp|onetimecode|codeverifier"
            r"|(access|refresh|id|bearer)?token|apikey|cookie|(session|authorization)code|privatekey|certificate"
        ),
    ),
    (
        Private.NATIONAL_ID,
        (
            r"socialsecurityno|socialsecuritynumber|ssn|f[oø]dselsnummer|fnr|personnummer|personnumber|nationalid(entity)?"
            r"(number)?|pid|d-?(nummer|number)|personidentifier|nin"
        ),
    ),
    (
        Private.ORGANISATION,
        r"(parent|owner)?org(ani[sz]ation|anisasjons)?(s)?(number|nummer|no|nr)|organisasjonsnummer",
    ),
    (Private.EMAIL, r"e?-?mail(address|adresse)?|epost(adresse)?|.*email(address)?"),
    (Private.PHONE, r"(mobile|phone|tele(phone|fon)|fax|tlf|mobil|cell(ular)?)(phone|number|nummer|nr|no)?"),
    (Private.ACCOUNT, r"(bank)?account(number|no)?|konto(nummer|nr)?|iban"),
    (
        Private.ADDRESS,
        (
            r".*address(line)?[0-9]*|.*adresse(linje)?[0-9]*|street(address|name|number|no)?[0-9]*|(gate|vei)(adresse|navn|nummer|nr)?[0-9]*|post(al)?(code|nummer|sted|nr)|zip(code)?"
            r"|city|.*postcode|.*city"
        ),
    ),
    (
        Private.NAME,
        (
            r"(full|first|last|middle|given|family|sur|nick|maiden|display|user|person|contact|sender|owner|party|reportee"
            r"|recipient|delegator|customer)s?name|navn|(for|etter|mellom)navn|(last)?(changed|modified|created|updated"
            r"|handled|signed|offered|covered)by(name)?|(message)?sender|recipient|mottaker|avsender|contactperson"
            r"|kontaktperson|author|signatory|delegator"
        ),
    ),
    (
        Private.TEXT,
        (
            r"subject|summary|body|comment|message(text|body)|note|remark|freetext|fritekst|kommentar|melding(stekst)?"
            r"|filename|filnavn"
        ),
    ),
)
"""Names of members that no model declares, in lower case without separators."""

COMPILED: Final = tuple((kind, re.compile(pattern)) for kind, pattern in NAMES)
SEPARATORS: Final = re.compile(r"[\s_.:-]")


class Fields:
    """The table of one contract. ``texts``: free texts are private."""

    def __init__(self, contract: Contract, *, texts: bool) -> None:
        self._texts = texts
        self._private: dict[str, Private] = {}
        self._harmless: set[str] = set()
        for row in contract.types.values():
            if row.shape is not None:
                self._declare(row.shape)
        self._kinds: dict[str, Private | None] = {}
        self.early = frozenset(
            name.lower()
            for row in contract.types.values()
            for name in row.key
            if row.access is not Access.OPEN and name.lower() in self._private
        )
        """Private members that identify a resource: links hold them too, so they are looked for before the links."""

    def _declare(self, shape: Shape) -> None:
        for name, member in members(shape, ()):
            if member.private is not None:
                before = self._private.get(name.lower(), Private.TEXT)
                self._private[name.lower()] = member.private if before is Private.TEXT else before
            else:
                self._harmless.add(name.lower())

    def kind(self, name: str) -> Private | None:
        """What a member of that name is, None when it is harmless or not known."""
        lower = name.lower()
        if lower not in self._kinds:
            self._kinds[lower] = self._find(lower)
        return self._kinds[lower]

    def _find(self, lower: str) -> Private | None:
        kind = self._private.get(lower)
        if kind is None and lower not in self._harmless:
            bare = SEPARATORS.sub("", lower)
            kind = next((found for found, pattern in COMPILED if pattern.fullmatch(bare)), None)
        return None if kind is Private.TEXT and not self._texts else kind

    def harmless(self, name: str) -> bool:
        """A model declares a member of that name, and none says that it is private."""
        lower = name.lower()
        return lower in self._harmless and lower not in self._private


def members(shape: Shape, above: tuple[str, ...]) -> Iterator[tuple[str, Shape]]:
    """Every member of a model and of the models inside it, with its name."""
    if shape.item is not None:
        yield from members(shape.item, above)
    if len(above) > DEEPEST:
        return
    for name, member in shape.members.items():
        yield name, member
        yield from members(member, (*above, name))


DEEPEST: Final = 6
