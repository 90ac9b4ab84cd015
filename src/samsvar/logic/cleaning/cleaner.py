"""The cleaner of one run: takes what is private out of what the target says, and puts it back into what it is asked.

In: probes and answers. Out: the same, among pseudonyms where they came from the target, as the target knows them where
they go to it. What is private is decided by where a value stands (the contract's models, the names of members) and by
its form (numbers, addresses of mail, tokens). Of what only a caller may read, a text that nobody declared harmless is
private.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote

from samsvar.logic.cleaning import bodies
from samsvar.logic.cleaning.edits import (
    Edit,
    edited,
    in_order,
    joined,
    letter_units,
    letters_said,
    percent_said,
    percent_units,
    respelled,
)
from samsvar.logic.cleaning.fields import Fields, members
from samsvar.logic.cleaning.json_bodies import Leaf
from samsvar.logic.cleaning.numbers import digits_of, into
from samsvar.logic.cleaning.patterns import REMOVED, Patterns
from samsvar.logic.cleaning.pseudonyms import NUMBERS, SHORT, WORDS, Pair, Pseudonyms, core_of, laid_over
from samsvar.logic.cleaning.words import SEVERAL, Spoken, pieces, words_of
from samsvar.logic.identity import infer_type
from samsvar.logic.reading import Reading
from samsvar.model.contract import Access, Contract, Organisations, Privacy
from samsvar.model.exchange import Exchange, Failure, Probe, Response
from samsvar.model.exchange import Fields as HeaderFields
from samsvar.model.privacy import Known, Private

VERSION: Final = "1"
"""Of the table by which is cleaned; stands in every manifest."""


class Mode(StrEnum):
    """How strict a body is cleaned."""

    OPEN = "open"  # anybody may read it: only what is private by its form
    ERROR = "error"  # its words explain something: private members, forms, and values that were seen elsewhere
    PRIVATE = "private"  # all that no model declares harmless
    DOCUMENT = "document"  # a person's document: every word and figure


STRUCTURED: Final = re.compile(
    r"(?:true|false|null|nil|[-+0-9.,:/TZ\s%]+|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|P[0-9YMWDTHS.]+|(?:application|text|image|audio|video|multipart|message|font|model|\*)/[a-z0-9.+*-]+"
    r"(?:\s*;\s*[a-z]+=[a-z0-9.\"-]+)*)\Z",
    re.IGNORECASE,
)
"""Values that are no words: booleans, numbers, times, UUIDs, spans of time, media types."""
URL_MARKS: Final = frozenset("/?#")
URL: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//\S+\Z|/\S*\Z|[?#]\S+\Z")
UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")
PIECE: Final = re.compile(r"[^/?&=#;]+")
PLAIN_PIECE: Final = re.compile(r"[\w.:~-]+\Z")
QUOTE: Final = "'"
TERM: Final = re.compile(
    r"(?<!\w)(?P<start>(?P<name>\w++)\s++(?:eq|ne|gt|ge|lt|le)\s++|\w++\(\s*+(?P<inner>\w++)\s*+,\s*+)"
    r"'(?P<text>(?:[^']|'')*+)'"
)
"""A comparison of a member with a text, as OData writes it."""
IN_URLS: Final = frozenset({Private.NATIONAL_ID, Private.ORGANISATION, Private.EMAIL})
"""Kinds whose pseudonyms are told from ids of the target by their form."""
FIGURES: Final = re.compile(r"(?<![0-9])[0-9]{8,11}(?![0-9])|[Pp]_[0-9A-Fa-f]{12}@example\.invalid", re.IGNORECASE)
SECRET_PARAMETER: Final = re.compile(
    r"(?:code|token|access_token|refresh_token|id_token|authorizationcode|pin|pincode|otp|password|passord|secret"
    r"|apikey|api_key|key|sig|signature|session|sessionid|ticket|code_verifier|client_secret|assertion)\Z",
    re.IGNORECASE,
)
OWNERS: Final = re.compile(
    r"api|organi[sz]ations?|organisasjon(?:er)?|org(?:nr|no)?|(?:under)?enhet(?:er)?|virksomhet(?:er)?|foretak|companies",
    re.IGNORECASE,
)
"""Path segments after which an organisation number stands."""
FORMS: Final = frozenset({"organizationform", "organisationform", "organisasjonsform", "orgform", "unittype"})
SOLE: Final = frozenset({"ENK", "ENKELTPERSONFORETAK", "SOLE PROPRIETORSHIP"})
LINK_HARMLESS: Final = frozenset(
    {"rel", "type", "mime-type", "mimetype", "hreflang", "lang", "templated", "istemplated", "class", "id", "charset"}
)
"""What links and elements say that is nobody's."""
LINK_URLS: Final = frozenset({"href", "src", "action", "url", "profile", "deprecation", "background", "data", "cite"})
PLAIN_NAME: Final = re.compile(r"[^\s\d]\S*\Z")
"""The name of a member as a model has it; another one may be a value that became a name."""
NUMBER: Final = re.compile(r"-?[0-9][0-9.eE+-]*\Z")
CONSTANTS: Final = frozenset({"true", "false", "null"})
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "apikey", "proxy-authorization"})
PROTOCOL: Final = re.compile(
    r"accept(?:-.*)?|age|allow|cache-control|connection|content-(?:encoding|language|length|type|security-policy)|date"
    r"|expires|keep-alive|last-modified|pragma|referrer-policy|retry-after|server|strict-transport-security|te|trailer"
    r"|transfer-encoding|upgrade|user-agent|vary|x-aspnet(?:mvc)?-version|x-content-type-options|x-frame-options"
    r"|x-powered-by"
)
"""Header fields that speak of the exchange, in words that are nobody's."""
AS_SENT: Final = re.compile(r"origin|access-control-.*")
"""What we sent ourselves: an origin may look like an address of mail."""
PHRASES: Final = frozenset(status.phrase for status in HTTPStatus)
HEADER_URLS: Final = frozenset({"location", "content-location", "link", "refresh"})
BLANK: Final = re.compile(r"\w[ +]\w")
SAFE: Final = "$'(),*!@:~._-"
"""Characters that stand in a path or a query as they are."""
RECORD: Final = re.compile(r"\{[^{}]*\}|</(?:\w+:)?(?:resource|Reportee|Organization|Party|reportee|organization)>")


class Cleaner:
    """Cleans for one run. ``credentials``: those that the run was given, removed wherever they are echoed."""

    def __init__(
        self, contract: Contract, privacy: Privacy, table: Pseudonyms, credentials: Iterable[str] = ()
    ) -> None:
        self._contract = contract
        self._types = contract.types
        self.privacy = privacy
        self._fields = Fields(contract, texts=privacy.texts)
        self._table = table
        self._credentials = tuple(credentials)
        self._spoken = Spoken()
        self._patterns = Patterns(table, self._is_private, self._spoken.edits, self._credentials)
        self._tokens: dict[str, str] = {}
        self._others: set[str] = set()
        self._words_seen: dict[tuple[Private, str], tuple[Edit, ...]] = {}
        self._bodies: dict[tuple[Mode, str, bytes], bytes] = {}
        self._kept = 0
        self._plain_names: set[str] = set()
        self._public: set[str] = set(vocabulary(contract))
        self._hidden: set[str] = set()

    def guard(self, credentials: Iterable[str]) -> None:
        """From now on these credentials are removed wherever they are echoed, too."""
        fresh = [one for one in credentials if one not in self._credentials]
        if fresh:
            self._credentials = (*self._credentials, *fresh)
            self._patterns.hide((*self._credentials, *self._hidden))

    # -- what is known, for who checks after us -----------------------------------------------------------------

    def known(self) -> Iterator[Known]:
        """Every private value that was replaced, and the credentials. A name that stands in what anybody may read, in
        what a model declares harmless (a service owner that also sends messages), or among the words of a contract and
        of our recordings, is nobody's secret."""
        public = Spoken()
        for pair in self._table.pairs:
            public.heard(pair.value, pair.value)
        told = {words for text in self._public for words in public.found(text)}
        for pair in self._table.pairs:
            if pair.kind not in WORDS or words_of(pair.value) not in told:
                yield Known(pair.kind, pair.value)
        yield from (Known(Private.CREDENTIAL, value) for value in (*self._credentials, *self._hidden))

    def counts(self) -> Counter[Private]:
        """How many values of each kind were replaced."""
        return Counter(pair.kind for pair in self._table.pairs)

    def issued(self) -> frozenset[str]:
        """Every pseudonym that was given."""
        return frozenset(pair.pseudonym for pair in self._table.pairs)

    def fresh(self) -> tuple[Pair, ...]:
        """The pairs that came since the last call."""
        return self._table.fresh()

    def take_back(self, pairs: Iterable[Pair]) -> None:
        """The pairs of an earlier life of the run hold on."""
        for pair in pairs:
            self._table.take_back((pair,))
            if pair.key:
                self._tokens[pair.value] = pair.pseudonym
            if pair.kind in WORDS and not UUID.match(pair.value):
                self._spoken.heard(pair.value, pair.pseudonym)

    def hear_again(self, probe: Probe, response: Response) -> None:
        """A response that was cleaned in an earlier life of the run: what it says openly is known again."""
        mode = self._mode(self._type(probe, response), response.status)
        declared = (response.first("Content-Type") or "").lower()
        shape = bodies.shape_of(declared, response.body)
        text = bodies.text_of(declared, response.body) if shape is not bodies.Form.OPAQUE else None
        if text is None:
            return
        if mode is not Mode.OPEN and self.privacy.organisations is Organisations.SOLE_PROPRIETORS:
            self._forms(text.text)
        bodies.cleaned(shape, text.text, lambda leaf: self._heard_again(leaf, mode, shape))

    def _heard_again(self, leaf: Leaf, mode: Mode, shape: bodies.Form) -> tuple[Edit, ...]:
        """Nothing is edited: what was private is a pseudonym already."""
        closed = leaf.number or in_link(leaf) or mode in (Mode.DOCUMENT, Mode.ERROR) or shape is bodies.Form.TEXT
        harmless = not closed and self._kind(leaf) is None and self._fields.harmless(leaf.name)
        if leaf.member or mode is Mode.OPEN or (harmless and not URL.match(leaf.text)):
            self._hear_openly(leaf.text)
        return ()

    # -- out: to the target -------------------------------------------------------------------------------------

    def restored(self, probe: Probe) -> Probe:
        """The probe as the target understands it: pseudonyms in its URL and fields are what they stand for."""
        found, at = [], 0
        for before, mark, match in pieces_of(probe.url):
            found += [probe.url[at : match.start()], self._restored(match.group(), context(before, mark))]
            at = match.end()
        url = "".join([*found, probe.url[at:]])
        headers = tuple((name, FIGURES.sub(self._figure, value)) for name, value in probe.headers)
        return probe if url == probe.url and headers == probe.headers else replace(probe, url=url, headers=headers)

    def _restored(self, piece: str, before: str) -> str:
        """A piece of a URL with what its pseudonyms stand for. Short words and figures are pseudonyms of texts and ids
        of the target alike: only keys, numbers that nobody has, and what a filter compares with a private member are
        taken for pseudonyms. What stands in a link of the target goes back as it stood there."""
        link = self._table.link_of(before + piece)
        if link is not None:
            return link[len(before) :]
        said = unquote(piece)
        pair = self._table.pair_of(said)
        if pair is not None and pair.key:
            return quote(pair.value, safe=SAFE)
        whole = FIGURES.sub(self._figure, TERM.sub(self._compared, said))
        return piece if whole == said else quote(whole, safe=SAFE)

    def _compared(self, match: re.Match[str]) -> str:
        """A comparison in a filter, its literal as the target knows it."""
        pair = self._table.pair_of(match["text"].replace("''", "'")) if self._compares_private(match) else None
        return match.group() if pair is None else f"{match['start']}'{pair.value.replace(QUOTE, QUOTE * 2)}'"

    def _compares_private(self, match: re.Match[str]) -> bool:
        name = match["name"] or match["inner"]
        return name is not None and self._fields.kind(name) is not None

    def _figure(self, match: re.Match[str]) -> str:
        said = match.group()
        for written, lost in ((said, 0), (f"0{said}", 1)):
            pair = self._table.pair_of(written)
            if pair is not None and pair.kind in IN_URLS:
                return pair.value[lost:]
        return said

    # -- in: from the target ------------------------------------------------------------------------------------

    def response(self, probe: Probe, response: Response) -> Response:
        """A response without anything private. ``wire_length`` stays what came over the wire."""
        mode = self._mode(self._type(probe, response), response.status)
        declared = (response.first("Content-Type") or "").lower()
        body = self._body(mode, declared, response.body)
        return replace(
            response, headers=self.headers(response.headers, mode), body=body, reason=self._reason(response.reason)
        )

    def _reason(self, reason: bytes) -> bytes:
        try:
            codec, said = "utf-8", reason.decode("utf-8")
        except UnicodeDecodeError:
            codec, said = "latin-1", reason.decode("latin-1")
        if said in PHRASES:
            self._hear_openly(said)
            return reason
        new = self._loose(said)
        return reason if new == said else new.encode(codec, "replace")

    def failure(self, probe: Probe, failure: Failure) -> Failure:
        """A failure, what had come by then included, without anything private."""
        part = None if failure.response is None else self.response(probe, failure.response)
        return replace(failure, because=self._loose(failure.because), response=part)

    def headers(self, fields: HeaderFields, mode: Mode = Mode.OPEN) -> HeaderFields:
        """Header fields without anything private."""
        return tuple((name, self._header(name.lower(), value, mode)) for name, value in fields)

    def _header(self, name: str, value: str, mode: Mode) -> str:
        kind = self._header_kind(name)
        if name in ("set-cookie", "set-cookie2"):
            return self._cookie(value)
        if kind is Private.CREDENTIAL or name in SECRET_HEADERS or "enterpriseuser" in name:
            self._hide(value.rpartition(" ")[2])
            return REMOVED
        if AS_SENT.fullmatch(name):
            return value
        if name in HEADER_URLS:
            return edited(value, joined(self._url(value, mode), self._patterns.edits(value)))
        if name in NAMING and mode in (Mode.PRIVATE, Mode.DOCUMENT) and self.privacy.texts:
            value = FILE_NAME.sub(
                lambda match: match["start"] + self._file_name(match["quoted"] or match["bare"]), value
            )
        if PROTOCOL.fullmatch(name):
            self._hear_openly(QUOTED.sub("", value))
            return edited(value, self._patterns.edits(value))
        if kind is None or (kind in WORDS and STRUCTURED.match(value)):
            return self._loose(value)
        return edited(value, self._value(kind, value))

    def _header_kind(self, name: str) -> Private | None:
        """What a header field is by its name, or by the end of it: an X-Altinn-UserName is a user name."""
        if PROTOCOL.fullmatch(name) or AS_SENT.fullmatch(name) or name in NAMING:
            return None
        words = name.split("-")
        kinds = (self._fields.kind("".join(words[at:])) for at in range(len(words)))
        return next((kind for kind in kinds if kind is not None), None)

    def _cookie(self, value: str) -> str:
        """A cookie without its value; if others follow in the same line, those without theirs."""
        if "=" not in value.partition(";")[0]:
            return REMOVED
        return COOKIE.sub(self._uncooked, f";{value}")[1:]

    def _uncooked(self, match: re.Match[str]) -> str:
        said = match["value"]
        if match.start() and match["name"].lower() in COOKIE_ATTRIBUTES:
            return match["start"] + self._loose(said)
        self._hide(said)
        return match["start"] + (REMOVED if said else "")

    def _hide(self, secret: str) -> None:
        """A credential of the target's own: it may stand elsewhere, too."""
        if len(secret) >= LEAST_HIDDEN and secret not in self._hidden and len(self._hidden) < MOST_HIDDEN:
            self._hidden.add(secret)
            self._patterns.hide((*self._credentials, *self._hidden))

    def _file_name(self, name: str) -> str:
        units = percent_units(name)
        said = name if units is None else percent_said(units)
        return respelled(units or list(name), said, self._words(Private.TEXT, said))

    def _loose(self, text: str) -> str:
        """A text that nobody declares anything of: forms, and values that were seen elsewhere."""
        return edited(text, joined(self._patterns.edits(text), self._spoken.edits(text)))

    def _type(self, probe: Probe, response: Response) -> str:
        """The type of a resource as everybody else will take it: later questions about it name it."""
        if probe.type:
            return probe.type
        resource = Reading(Exchange(0, probe, response)).resource
        return infer_type(self._contract, resource) if resource is not None else ""

    def _mode(self, type_name: str, status: int) -> Mode:
        row = self._types.get(type_name)
        if status >= 400:
            return Mode.ERROR
        if row is not None and row.access is Access.OPEN:
            return Mode.OPEN
        document = row is not None and row.shape is None and not row.is_list
        return Mode.DOCUMENT if document and self.privacy.texts else Mode.PRIVATE

    # -- bodies -------------------------------------------------------------------------------------------------

    def _body(self, mode: Mode, declared: str, body: bytes) -> bytes:
        if not body:
            return body
        key = (mode, declared, body)
        found = self._bodies.get(key)
        if found is None:
            self._kept += len(body)
            if self._kept > MOST_KEPT:
                self._bodies.clear()
                self._kept = len(body)
            found = self._bodies[key] = self._cleaned(mode, declared, body)
        return found

    def _cleaned(self, mode: Mode, declared: str, body: bytes) -> bytes:
        shape = bodies.shape_of(declared, body)
        text = bodies.text_of(declared, body) if shape is not bodies.Form.OPAQUE else None
        if text is None:
            return body if mode is Mode.OPEN else self._opaque(body)
        if mode is not Mode.OPEN:
            self._look_ahead(shape, text.text)
        new = bodies.cleaned(shape, text.text, lambda leaf: self._leaf(leaf, mode, shape))
        return body if new == text.text else new.encode(text.codec, text.errors)

    def _opaque(self, body: bytes) -> bytes:
        """In place of a document that cannot be read: as many bytes, others for another document."""
        if body[:5] == b"%PDF-":
            return bodies.filler(b"%PDF-1.4\n", body, self._table)
        return bodies.filler(b"", body, self._table)

    def _look_ahead(self, shape: bodies.Form, text: str) -> None:
        """Keys that are private stand in links, too, which may come before them: they get their pseudonyms first."""
        lower = text.lower()
        if self.privacy.organisations is Organisations.SOLE_PROPRIETORS and any(form in lower for form in FORMS):
            self._forms(text)
        if any(name in lower for name in self._fields.early):
            bodies.cleaned(shape, text, self._early)

    def _early(self, leaf: Leaf) -> tuple[Edit, ...]:
        if leaf.name.lower() in self._fields.early and not leaf.member and not in_link(leaf):
            kind = self._fields.kind(leaf.name)
            if kind is not None:
                new = edited(leaf.text, self._value(kind, leaf.text))
                if kind not in NUMBERS and len(core_of(leaf.text)) > SHORT and leaf.text not in self._tokens:
                    self._tokens[leaf.text] = new
                    self._table.enter(kind, leaf.text, new, key=True)
        return ()

    def _forms(self, text: str) -> None:
        """Whose organisation number is not that of a person: an object that says another form of organisation."""
        at = 0
        for match in RECORD.finditer(text):
            record = match.group() if match.group()[0] == "{" else text[at : match.end()]
            at = match.end()
            form = FORM.search(record)
            numbers = [found for found in NINE.findall(record) if not self._table.knows(Private.ORGANISATION, found)]
            if form is not None and form.group(1).strip().upper() not in SOLE:
                self._others.update(numbers)

    def _is_private(self, digits: str) -> bool:
        """Whether that organisation number is a private one."""
        if self.privacy.organisations is Organisations.NONE:
            return False
        return self.privacy.organisations is Organisations.ALL or digits not in self._others

    # -- values -------------------------------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf, mode: Mode, shape: bodies.Form) -> tuple[Edit, ...]:
        if leaf.member and leaf.text in self._plain_names:
            return ()
        edits = self._edits(leaf, mode, shape)
        if leaf.member and PLAIN_NAME.match(leaf.text) and not self._patterns.possible(leaf.text):
            self._plain_names.add(leaf.text)
        if leaf.number and any(edit.new == REMOVED for edit in edits):
            return (Edit(0, len(leaf.text), "0"),)
        return edits

    def _edits(self, leaf: Leaf, mode: Mode, shape: bodies.Form) -> tuple[Edit, ...]:
        if mode is Mode.OPEN or (leaf.member and PLAIN_NAME.match(leaf.text)):
            return self._said_openly(leaf.text, mode)
        if in_link(leaf) and leaf.name.lower() in LINK_URLS:
            return self._url(leaf.text, mode)
        if in_link(leaf) and leaf.name.lower() in LINK_HARMLESS:
            return self._patterns.edits(leaf.text)
        if mode is Mode.DOCUMENT or (shape is bodies.Form.TEXT and mode is Mode.PRIVATE and self.privacy.texts):
            return self._words(Private.TEXT, leaf.text)
        if leaf.member:
            return self._undeclared(leaf.text, mode)
        kind = self._kind(leaf)
        if URL.match(leaf.text) and self._fields.kind(leaf.name) is None:
            return self._url(leaf.text, mode)
        if kind is not None:
            return self._value(kind, leaf.text)
        if self._fields.harmless(leaf.name) and mode is not Mode.ERROR:
            return self._said_openly(leaf.text, mode)
        return self._undeclared(leaf.text, mode)

    def _undeclared(self, text: str, mode: Mode) -> tuple[Edit, ...]:
        """A value that no model tells anything of."""
        if mode is Mode.ERROR:
            return joined(self._patterns.edits(text), self._spoken.edits(text))
        if STRUCTURED.match(text) or not self.privacy.texts:
            return self._patterns.edits(text, bare=True)
        return self._words(Private.TEXT, text)

    def _said_openly(self, text: str, mode: Mode) -> tuple[Edit, ...]:
        self._hear_openly(text)
        if not self._patterns.possible(text) and text[:1] not in URL_MARKS and "//" not in text:
            return ()
        return self._url(text, mode) if URL.match(text) else self._patterns.edits(text)

    def _hear_openly(self, text: str) -> None:
        if len(text) <= LONGEST_PUBLIC:
            self._public.add(text)

    def _kind(self, leaf: Leaf) -> Private | None:
        """What a value is by its name; words of which nobody knows the name are what holds them."""
        kind = self._fields.kind(leaf.name)
        if kind is not None or self._fields.harmless(leaf.name) or not leaf.above or STRUCTURED.match(leaf.text):
            return kind
        holder = self._fields.kind(leaf.above[-1])
        return holder if holder in WORDS else None

    def _value(self, kind: Private, text: str) -> tuple[Edit, ...]:
        """The edits of a value of a kind."""
        digits = digits_of(text)
        if kind in (Private.NATIONAL_ID, Private.ORGANISATION, Private.ACCOUNT, Private.PHONE):
            return self._number(kind, text, digits)
        return self._words(kind, text)

    def _number(self, kind: Private, text: str, digits: str) -> tuple[Edit, ...]:
        if kind is Private.PHONE:
            front = 0 if len(digits) == 8 else len(digits) - 8 if digits[:-8] in ("47", "0047") else -1
            if front < 0:
                return self._words(Private.TEXT, text)
            number = self._table.number(kind, digits[front:])
            return self._whole(kind, text, into(text, digits[:front] + number))
        del_zero = len(digits) == 10 and kind in (Private.NATIONAL_ID, Private.ACCOUNT)
        if del_zero:
            digits = f"0{digits}"
        if len(digits) == 9 and kind in (Private.NATIONAL_ID, Private.ORGANISATION):
            if not self._table.knows(Private.ORGANISATION, digits) and not self._is_private(digits):
                return ()
            return self._whole(kind, text, into(text, self._table.number(Private.ORGANISATION, digits)))
        if len(digits) == 11:
            kind = Private.NATIONAL_ID if kind is Private.ORGANISATION else kind
            return self._whole(kind, text, into(text, self._table.number(kind, digits)[del_zero:]))
        return self._words(Private.TEXT, text)

    def _whole(self, kind: Private, text: str, new: str) -> tuple[Edit, ...]:
        self._table.enter(kind, text, new)
        return (Edit(0, len(text), new),)

    def _words(self, kind: Private, text: str) -> tuple[Edit, ...]:
        """The edits of a text: its letters and figures replaced one for one, forms first."""
        found = self._words_seen.get((kind, text))
        if found is None:
            if len(self._words_seen) >= MOST_WORDS:
                self._words_seen.clear()
            found = self._words_seen[kind, text] = self._spelled(kind, text)
        return found

    def _spelled(self, kind: Private, text: str) -> tuple[Edit, ...]:
        if text in CONSTANTS:
            return ()
        if UUID.match(text):
            return self._whole(kind, text, self._table.uuid(text))
        if "&#" in text:
            units = letter_units(text)
            said = letters_said(units)
            if said != text:
                return self._whole(kind, text, respelled(units, said, self._words(kind, said)))
        if NUMBER.match(text):
            return self._whole(kind, text, into(text, self._table.letters(kind, digits_of(text))))
        forms = self._patterns.edits(text, bare=True)
        plain = pieces(text, forms)
        core = core_of("".join(text[start:end] for start, end in plain))
        if not core:
            return forms
        letters = self._table.letters(kind, core)
        edits: list[Edit] = []
        at = 0
        for start, end in plain:
            length = len(core_of(text[start:end]))
            edits.append(Edit(start, end, laid_over(text[start:end], letters[at : at + length])))
            at += length
        found = in_order((*forms, *edits))
        self._table.enter(kind, text, edited(text, found))
        self._spoken.heard(text, edited(text, found))
        return found

    # -- URLs ---------------------------------------------------------------------------------------------------

    def _url(self, text: str, mode: Mode) -> tuple[Edit, ...]:
        found: list[Edit] = []
        for before, mark, match in pieces_of(text):
            piece = match.group()
            new = self._piece(piece, before, mark, mode)
            if new != piece:
                name = context(before, mark)
                self._table.enter_link(name + piece, name + new)
                found.append(Edit(match.start(), match.end(), new))
        return tuple(found)

    def _piece(self, piece: str, before: str, mark: str, mode: Mode) -> str:
        if (
            mark != "="
            and PLAIN_PIECE.match(piece)
            and piece not in self._tokens
            and not self._patterns.possible(piece)
        ):
            return piece
        units = percent_units(piece) if "%" in piece else list(piece)
        if units is None:
            return edited(piece, self._patterns.edits(piece))
        said = percent_said(units)
        edits = self._parameter(said, before, mode) if mark == "=" else None
        if edits is None and said in self._tokens:
            edits = (Edit(0, len(said), self._tokens[said]),)
        if edits is None:
            forms = self._patterns.edits(said, bare=OWNERS.fullmatch(before) is not None)
            edits = joined(tuple(self._terms(said)), forms) if QUOTE in said else forms
            if mode is not Mode.OPEN and BLANK.search(said):
                edits = joined(edits, self._spoken.edits(said, SEVERAL))
        return respelled(units, said, edits) if edits else piece

    def _parameter(self, said: str, name: str, mode: Mode) -> tuple[Edit, ...] | None:
        """The edits of a parameter's value, by the name of the parameter."""
        if SECRET_PARAMETER.match(name):
            return self._words(Private.CREDENTIAL, said)
        kind = self._fields.kind(unquote(name)) if mode is not Mode.OPEN else None
        return None if kind is None else self._value(kind, said)

    def _terms(self, said: str) -> Iterator[Edit]:
        """Edits of the literals with which a filter, as the target wrote it, compares private members."""
        for match in TERM.finditer(said):
            kind = self._fields.kind(match["name"] or match["inner"])
            if kind is not None:
                value = match["text"].replace(QUOTE * 2, QUOTE)
                new = self._table.pseudonym_of(value) or edited(value, self._value(kind, value))
                yield Edit(match.start("text"), match.end("text"), new.replace(QUOTE, QUOTE * 2))


def pieces_of(url: str) -> Iterator[tuple[str, str, re.Match[str]]]:
    """The pieces of a URL: the piece before each, the mark between, the piece."""
    before = ""
    for match in PIECE.finditer(url):
        yield before, url[match.start() - 1 : match.start()] if match.start() else "", match
        before = match.group()


def context(before: str, mark: str) -> str:
    """What says of a piece what it is: the name of a parameter, else the mark before it."""
    return f"{before}=" if mark == "=" else mark


MOST_KEPT: Final = 16_000_000
"""Bytes of bodies that are remembered with what came of them: most are asked for several times."""
MOST_WORDS: Final = 50_000
LONGEST_PUBLIC: Final = 1_000
"""Characters of an open text that is remembered."""
NINE: Final = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")
FORM: Final = re.compile(rf"(?:{'|'.join(sorted(FORMS))})\"?\s*[:>]\s*\"?([^\"<,}}]+)", re.IGNORECASE)
FILE_NAME: Final = re.compile(
    r"(?P<start>\bname\s*=\s*|filename\*?\s*=\s*(?:[\w-]*'[\w-]*')?)(?:(?P<quoted>\"(?:[^\"\\]|\\.)*\"?)|(?P<bare>[^\";]+))",
    re.IGNORECASE,
)
NAMING: Final = frozenset({"content-disposition", "content-type"})
"""Header fields in which the name of a file may stand."""
QUOTED: Final = re.compile(r"\"[^\"]*\"?")
COOKIE: Final = re.compile(r"(?P<start>[;,]\s*+(?P<name>[^=;,\s]++)\s*+=)(?P<value>[^;,]*+)")
COOKIE_ATTRIBUTES: Final = frozenset({"path", "domain", "expires", "max-age", "samesite", "version", "priority"})
LEAST_HIDDEN: Final = 16
"""Characters of a credential of the target that is looked for elsewhere. A shorter one may be a word of it."""
MOST_HIDDEN: Final = 200


OUR_WORDS: Final = ("interactions", "response", "credentials", "attempts", "question", "headers", "version")
"""Words of a recording itself; a message may have one as its subject."""


def vocabulary(contract: Contract) -> Iterator[str]:
    """Words that stand in every recording, whatever the target says."""
    yield from OUR_WORDS
    yield from contract.types
    yield from (relation.rel for relation in contract.relations)
    yield from (entry.path for entry in contract.entries)
    for row in contract.types.values():
        for _, member in members(row.shape, ()) if row.shape is not None else ():
            yield from member.words


def in_link(leaf: Leaf) -> bool:
    """A value inside a link, or an attribute of an element."""
    return "_links" in leaf.above or bool(leaf.above and leaf.above[-1].startswith("<"))
