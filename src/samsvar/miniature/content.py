"""The private part of the content: boxes, profiles, roles and rights. Everything is computed from the seed when
asked for, so a box of any size costs nothing until it is read.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from samsvar.miniature import documents
from samsvar.miniature.catalogue import (
    FORM_SERVICES,
    LETTER_SERVICES,
    OWNERS,
    Catalogue,
    Form,
    Service,
    role_description,
    role_kind,
    role_name,
)
from samsvar.miniature.chance import identifier, number, person_number, pick
from samsvar.miniature.odata import moment
from samsvar.miniature.parties import Party, Population
from samsvar.miniature.records import Href, Instant, Link, Listing, Record, Value, listing
from samsvar.miniature.texts import BODIES, PARTY_TYPES, STATUS, SUBJECTS, SUMMARIES

PRESENT = datetime(2026, 11, 1, 12, 0, 0)
STEP = timedelta(hours=5, minutes=13, seconds=7)
FRACTIONS = (".86", ".703", "", ".01", ".5")
FIRST_MESSAGE, FIRST_TRASH = 1_000_000, 9_000_000
TRASHED = 3
"""How many messages lie in the bin of each of the first two parties."""
FILLING, ARCHIVED = (1,), (2, 5)
"""Which of six neighbours in a box are forms being filled in, and which are archived forms; the others are letters."""

IsRead = Callable[[str], bool]
Members = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message before it is written. index: its place in the box, newest first; deleted: it lies in the bin."""

    party: Party
    number: int
    index: int
    deleted: bool = False

    @property
    def kind(self) -> int:
        return self.index % 6

    @property
    def is_form(self) -> bool:
        return self.kind in (*FILLING, *ARCHIVED)

    @property
    def archived(self) -> bool:
        return self.kind in ARCHIVED

    @property
    def id(self) -> str:
        return f"{'b' if self.archived else 'a'}{self.number}"

    @property
    def reference(self) -> int | None:
        """How many places further on the archived message lies that this one points to: 0 is itself."""
        return {2: 0, 5: 0, 3: 1}.get(self.kind)


def changed(index: int) -> Instant:
    """When message ``index`` of a box was last changed: a strictly falling sequence, fractions of 0 to 3 digits."""
    moment = PRESENT - index * STEP
    return Instant(f"{moment:%Y-%m-%dT%H:%M:%S}{FRACTIONS[index % len(FRACTIONS)]}")


def indices(count: int, earliest: datetime | None, latest: datetime | None) -> range:
    """Which messages of a box were last changed from ``earliest`` to ``latest``, both included."""

    def age(index: int) -> timedelta:
        return PRESENT - moment(changed(index).text)

    start = bisect_left(range(count), PRESENT - latest, key=age) if latest else 0
    stop = bisect_right(range(count), PRESENT - earliest, key=age) if earliest else count
    return range(start, max(start, stop))


class Content:
    """All private resources of one seed and size."""

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.people = Population(seed, size)
        self.catalogue = Catalogue(seed)

    # Messages

    def at(self, party: Party, index: int) -> Message:
        """Message ``index`` of a box."""
        return Message(party, FIRST_MESSAGE + party.first + index, index)

    def trashed(self, party: Party) -> tuple[Message, ...]:
        """What lies in the bin of a party."""
        first = FIRST_TRASH + party.index * TRASHED
        found = range(TRASHED) if party.index < 2 else range(0)
        return tuple(Message(party, first + k, k, deleted=True) for k in found)

    def find(self, party: Party, message_id: str) -> Message | None:
        """The message of that id in that party's box or bin."""
        digits = message_id[1:]
        if not digits.isdecimal() or digits != str(int(digits)):
            return None
        running = int(digits) - FIRST_MESSAGE - party.first
        boxed = [self.at(party, running)] if 0 <= running < party.count else []
        return next((m for m in (*boxed, *self.trashed(party)) if m.id == message_id), None)

    def service_of(self, message: Message) -> Service:
        """The service that a message belongs to."""
        services = FORM_SERVICES if message.is_form else LETTER_SERVICES
        return pick(services, self.seed, "service", message.number)

    def box(self, party: Party, who: str, language: str, read: IsRead, span: range) -> Listing:
        """A box, newest first, as far as the database gives it."""

        def at(index: int) -> Record:
            return self.summary(self.at(party, shown[index]), who, language, read)

        shown = span[: self.people.limit]
        path = f"{who}/messages"
        links = (
            Link("find", f"{path}/{{MessageId}}", templated=True),
            Link("portalview", "Pages/ServiceEngine/MessageBox.aspx", outside=True),
        )
        return Listing("Message", path, "messages", len(shown), at, links, limited=True, cut=len(shown) < len(span))

    def bin(self, party: Party, who: str, language: str, read: IsRead) -> Listing:
        """The bin: its elements carry only metadata and themselves."""
        made = tuple(self.trash_summary(m, who, language, read) for m in self.trashed(party))
        return listing("Message", f"{who}/messages/trashbin", "messages", made, limited=True)

    def trash_summary(self, message: Message, who: str, language: str, read: IsRead) -> Record:
        """A deleted message as it stands in the bin."""
        full = self.summary(message, who, language, read)
        links = tuple(link for link in full.links if link.rel in ("self", "metadata"))
        return Record(full.model, full.self, full.lacking("ReplyOptions", "ArchiveReference").members, links)

    def summary(self, message: Message, who: str, language: str, read: IsRead) -> Record:
        """A message as it stands in a list."""
        path = f"{who}/messages/{message.id}"
        members: Members = (
            ("MessageId", message.id),
            ("MessageLink", Href(path, plain=True)),
            *self.heading(message, language, read),
            *self.references(message, who),
        )
        return Record("Message", path, members, self.links(message, path, who))

    def heading(self, message: Message, language: str, read: IsRead) -> Members:
        """What every message says of itself."""
        service = self.service_of(message)
        unread = not message.is_form and not read(message.id)
        state = "deleted" if message.deleted else "filling" if message.kind in FILLING else "archived"
        shown = state if message.is_form or message.deleted else "unread" if unread else "read"
        sender: Members = () if message.is_form else (("MessageSender", OWNERS[service.owner].nb),)
        return (
            ("Subject", pick(SUBJECTS, self.seed, "subject", message.number)),
            ("Status", STATUS[shown].read(language)),
            ("MarkedUnread", message.index % 4 == 0),
            ("LastChangedDateTime", changed(message.index)),
            ("CreatedDate", changed(message.index + 3)),
            ("LastChangedBy", message.party.name if message.is_form else OWNERS[service.owner].nb),
            ("ServiceOwner", OWNERS[service.owner].nb),
            ("Type", service.kind),
            *sender,
            ("ServiceCode", service.code),
            ("ServiceEdition", service.edition),
            (
                "DueDate",
                Instant(f"{PRESENT + timedelta(days=message.index):%Y-%m-%dT%H:%M:%S}") if message.kind == 1 else None,
            ),
        )

    def references(self, message: Message, who: str) -> Members:
        """Archive reference and reply options."""
        found: list[tuple[str, Value]] = []
        if (target := self.archived(message)) is not None:
            found.append(("ArchiveReference", f"AR{target.number}"))
        if message.kind == 4 and not message.deleted:
            found.append(("ReplyOptions", self.reply_options(message, who)))
        elif message.kind == 0:
            found.append(("ReplyOptions", self.reply_options(message, who)[2:]))
        return tuple(found)

    def archived(self, message: Message) -> Message | None:
        """The archived message that an archive reference means."""
        if message.reference is None or message.deleted:
            return None
        return self.at(message.party, message.index - message.reference)

    def reply_options(self, message: Message, who: str) -> tuple[Record, ...]:
        """All three documented types; a message that may not point to a form has only the last."""
        service = pick(FORM_SERVICES, self.seed, "reply", message.number)
        archived = self.at(message.party, max(message.index - 2, 0))
        return (
            Record(
                "ReplyOption",
                "",
                (
                    ("Type", "Service"),
                    ("URL", Href(service.path)),
                    ("Text", service.name.nb),
                    ("ServiceCode", service.code),
                    ("ServiceEditionCode", service.edition),
                ),
            ),
            Record(
                "ReplyOption",
                "",
                (
                    ("Type", "ArchiveReference"),
                    ("URL", Href(f"{who}/messages/{archived.id}")),
                    ("Text", "Svar på arkivert skjema & vedlegg"),
                ),
            ),
            Record(
                "ReplyOption",
                "",
                (
                    ("Type", "URL"),
                    ("URL", Href("https://www.eksempel.no/svar?a=1&b=2", outside=True)),
                    ("Text", "Klikk her"),
                ),
            ),
        )

    def links(self, message: Message, path: str, who: str) -> tuple[Link, ...]:
        """The relations that a message has in its state, in lists as well as alone."""
        found = [Link("self", path)]
        if message.is_form:
            found.append(Link("print", f"{path}/print", (("mime-type", "application/pdf"),)))
        found.append(Link("metadata", self.service_of(message).path))
        found.append(Link("portalview", f"Pages/ServiceEngine/Message.aspx?id={message.id}", outside=True))
        if (target := self.archived(message)) is not None:
            found.append(Link("archivereference", f"{who}/messages/{target.id}"))
        return tuple(found)

    def message(self, message: Message, who: str, language: str, read: IsRead) -> Record:
        """A message alone: with texts, forms and attachments."""
        short = self.summary(message, who, language, read)
        more: list[tuple[str, Value]] = []
        if not message.is_form:
            more += [
                ("Summary", pick(SUMMARIES, self.seed, "summary", message.number)),
                ("Body", pick(BODIES, self.seed, "body", message.number)),
            ]
        if message.kind in FILLING:
            more.append(("AvailableAction", 2))
        if message.archived and self.service_of(message).signed:
            more.append(("SignatureSpec", self.signatures(message)))
        return Record("Message", short.self, (*short.members, *more), (*short.links, *self.parts(message, short.self)))

    def parts(self, message: Message, path: str) -> tuple[Link, ...]:
        """Links to forms, attachments and signing text."""
        forms = tuple(
            Link("form", f"{path}/forms/{form_id}", (("name", form.name),), many=True)
            for form_id, form in self.forms_of(message)
        )
        files = tuple(self.attachment_link(message, path, key) for key in self.attachments_of(message))
        signing = (Link("signingtext", f"{path}/signingtext"),) if self.signing_text(message) else ()
        return (*forms, *files, *signing)

    def attachment_link(self, message: Message, path: str, key: int) -> Link:
        """The link to an attachment, with what there is to know of it."""
        name, _ = documents.file_of(self.seed, key)
        attributes: Members = (
            ("name", name.rpartition(".")[0]),
            ("fileName", name),
            ("encrypted", key % 7 == 0),
            ("signinglocked", message.archived),
            ("signedbydefault", True),
            ("filesize", len(documents.content_of(self.seed, key))),
        )
        return Link("attachment", f"{path}/attachments/{key}", attributes, many=True)

    def signatures(self, message: Message) -> Record:
        """Which forms and attachments were signed."""
        forms = tuple(form_id for form_id, _ in self.forms_of(message))
        return Record("SignatureSpec", "", (("FormIds", forms), ("AttachmentIds", self.attachments_of(message))))

    def signing_text(self, message: Message) -> str:
        """The text that is signed; empty where the service has none."""
        signed = message.kind in FILLING and self.service_of(message).signed
        return "Jeg bekrefter at opplysningene er riktige & fullstendige.\r\n" if signed else ""

    def forms_of(self, message: Message) -> tuple[tuple[int, Form], ...]:
        """The forms of a message with their ids."""
        forms = self.service_of(message).forms
        return tuple((message.number * 10 + place, form) for place, form in enumerate(forms))

    def attachments_of(self, message: Message) -> tuple[int, ...]:
        """The ids of the attachments of a message: none to three."""
        return tuple(message.number * 10 + 5 + k for k in range(number(self.seed, "files", message.number) % 4))

    def attachments(self, message: Message, who: str, language: str) -> Listing:
        """The attachments of a message as a list."""
        path = f"{who}/messages/{message.id}/attachments"
        made = tuple(self.attachment(message, path, key) for key in self.attachments_of(message))
        return listing("Attachment", path, "attachments", made)

    def attachment(self, message: Message, home: str, key: int) -> Record:
        """One attachment's own description."""
        name, _ = documents.file_of(self.seed, key)
        path = f"{home}/{key}"
        members: Members = (
            ("FileName", name),
            ("Name", name.rpartition(".")[0]),
            ("AttachmentLink", Href(path, plain=True)),
            ("AttachmentType", "Vedlegg"),
            ("AttachmentTypeLocalized", "Vedlegg"),
            ("Encrypted", key % 7 == 0),
            ("SigningLocked", message.archived),
            ("SignedByDefault", True),
            ("FileSize", len(documents.content_of(self.seed, key))),
        )
        return Record("Attachment", path, members, (Link("self", path),))

    def forms(self, message: Message, who: str) -> Listing:
        """The forms of a message as a list."""
        path = f"{who}/messages/{message.id}/forms"
        made = tuple(self.form(message, path, form_id, form) for form_id, form in self.forms_of(message))
        return listing("Form", path, "forms", made)

    def form(self, message: Message, home: str, form_id: int, form: Form) -> Record:
        """One form; its data are linked."""
        path = f"{home}/{form_id}"
        members: Members = (
            ("FormId", form_id),
            ("Type", "MainForm" if form.main else "SubForm"),
            ("DataFormatId", form.data_format),
            ("DataFormatVersion", form.version),
            ("ValidationStatus", "NotValidated" if message.kind in FILLING else "Valid"),
            ("Name", form.name),
            ("SigningLocked", message.archived),
            ("SignedByDefault", form.main),
        )
        data = Link("formdata", f"{path}/formdata", (("mime-type", "application/xml"),))
        return Record("Form", path, members, (Link("self", path), data))

    def validation(self, message: Message, who: str) -> Record:
        """Whether a form set being filled in is complete."""
        good = number(self.seed, "valid", message.number) % 2 == 0
        path = f"{who}/messages/{message.id}/validate"
        warning = self.remark("KontaktEPost", "Har du en e-postadresse?", "/Skjema/Kontakt/KontaktEPost")
        error = self.remark("Begrunnelse", "Klagen må begrunnes..", "/Skjema/klage/Begrunnelse")
        members: Members = (
            ("Success", good),
            ("ValidationErrors", () if good else (error,)),
            ("ValidationWarnings", (warning,)),
        )
        return Record("ValidationResult", path, members, (Link("self", path),))

    def remark(self, field: str, text: str, where: str) -> Record:
        """One remark about a field."""
        return Record("ValidationError", "", (("FieldName", field), ("ErrorMessage", text), ("FieldXPath", where)))

    # Parties

    def reportees(self, parties: tuple[Party, ...], language: str) -> Listing:
        """Everybody that the user may act for."""

        def at(index: int) -> Record:
            return self.reportee(parties[index], language)

        links = (Link("find", "reportees/{reporteeId}", templated=True),)
        return Listing("Reportee", "reportees", "reportees", len(parties), at, links, limited=True)

    def reportee(self, party: Party, language: str) -> Record:
        """One party that the user may act for."""
        path = f"reportees/{party.id}"
        numbered = "SocialSecurityNumber" if party.is_person else "OrganizationNumber"
        members: list[tuple[str, Value]] = [
            ("ReporteeId", party.id),
            ("PartyUUID", identifier(self.seed, "party", party.index)),
            ("Name", party.name),
            ("Type", PARTY_TYPES[party.kind].read(language)),
            (numbered, party.number),
        ]
        members += [("ParentOrganizationNumber", party.parent)] if party.parent else []
        members += [] if party.is_person else [("OrganizationForm", party.form), ("Status", "Active")]
        links = (Link("self", path), Link("messages", f"{party.id}/messages"))
        return Record("Reportee", path, tuple(members), links)

    def organizations(self, parties: tuple[Party, ...], language: str) -> Listing:
        """The organisations among them."""
        units = tuple(party for party in parties if not party.is_person)

        def at(index: int) -> Record:
            return self.organization(units[index], language)

        links = (Link("find", "organizations/{organizationNumber}", templated=True),)
        return Listing("Organization", "organizations", "organizations", len(units), at, links, limited=True)

    def organization(self, party: Party, language: str) -> Record:
        """One organisation."""
        path, box = f"organizations/{party.number}", f"{party.number}/messages"
        members: Members = (
            ("OrganizationNumber", party.number),
            ("Name", party.name),
            ("Type", PARTY_TYPES[party.kind].read(language)),
            ("Status", "Active"),
            ("MessagesLink", Href(box, plain=True)),
        )
        return Record("Organization", path, members, (Link("self", path), Link("messages", box)))

    def my_profile(self, party: Party) -> Record:
        """The user's own profile."""
        street, code, place = self.people.address(party)
        user = "kari@eksempel.no" if party.index == 0 else f"bruker{party.index}@eksempel.no"
        contact: Members = (("Email", user), ("Mobile", "00000042"), ("RequestsEmailReceipts", False))
        members: Members = (
            ("Name", party.name),
            ("AddressLine1", ""),
            ("AddressLine2", street),
            ("AddressLine3", f"{code} {place}"),
            ("UserName", user),
            ("MobileNumber", "00000042"),
            ("PreferredLanguage", "NorwegianNO"),
            ("ShowClientUnits", True),
            ("PrivateConsent", True),
            ("ProfessionalConsent", False),
            ("ContactInformation", Record("ProfileContact", "", contact)),
        )
        portal = Link("portalview", "Pages/Profile/MyUserSettings.aspx", outside=True)
        return Record("MyProfile", "my/profile", members, (Link("self", "my/profile"), portal))

    def profile(self, party: Party) -> Record:
        """An organisation's profile."""
        street, code, place = self.people.address(party)
        path = f"{party.number}/profile"
        members: Members = (
            ("Entity", party.name),
            ("Email", "post@eksempel.no"),
            ("MobileNumber", 40_000_000 + party.index),
            ("Address", street),
            ("PostCode", code),
            ("City", place),
            ("BusinessAddress", ""),
            ("BusinessPostCode", code),
            ("BusinessCity", place),
            ("LastModifiedBy", "AASEN ÅSE"),
            ("LastModifiedDate", Instant("2024-06-14T17:17:11.223")),
            ("IsSelectedForNotification", False),
        )
        links = (
            Link("self", path),
            Link("portalview", f"Pages/Profile/UnitProfile.aspx?o={party.number}", outside=True),
            Link("contactinformation", f"{path}/contactinformation"),
        )
        return Record("OrgProfile", path, members, links)

    def contacts(self, party: Party) -> Listing:
        """How an organisation is notified."""
        path = f"{party.number}/profile/contactinformation"
        made = tuple(self.contact(party, path, k) for k in range(1 + party.index % 2))
        return listing("ContactInformation", path, "contactinformation", made)

    def contact(self, party: Party, home: str, place: int) -> Record:
        """One address of an organisation: a telephone or an e-mail address, the other empty."""
        key = 2600 + party.index * 10 + place
        phone, mail = ("+4700000042", "") if place == 0 else ("", "alfa@eksempel.no")
        members: Members = (
            ("Id", key),
            ("Name", phone or mail),
            ("Email", mail),
            ("MobileNumber", phone),
            ("IsSelectedForNotification", place == 0),
        )
        return Record("ContactInformation", f"{home}/{key}", members, (Link("self", f"{home}/{key}"),))

    # Roles and rights

    def roles(self, party: Party, who: str, path: str, language: str) -> Listing:
        """The roles that the user has for a party (or has given away, below delegations)."""
        held = (82, 11) if party.is_person else (3, 5, 8, 11, 122)
        made = tuple(self.role(party, who, role, language) for role in held)
        return listing("Role", path, "roles", made)

    def role(self, party: Party, who: str, role: int, language: str) -> Record:
        """One role; those from a register can not be deleted and so have no id."""
        given = role_kind(role) == "Altinn"
        members: list[tuple[str, Value]] = [("RoleId", 38_000_000 + party.index * 100 + role)] if given else []
        members += [
            ("RoleType", role_kind(role)),
            ("RoleDefinitionId", role),
            ("RoleName", role_name(role).read(language)),
            ("RoleDescription", role_description(role).read(language)),
        ]
        members += [("Delegator", "ÅSE AASEN"), ("DelegatedTime", Instant("2024-11-19T08:27:40.577"))] if given else []
        return Record(
            "Role", "", tuple(members), (Link("roledefinition", f"{who}/authorization/roledefinitions/{role}"),)
        )

    def role_definition(self, who: str, role: int, language: str) -> Record:
        """A role definition with the rights that it gives."""
        short = self.catalogue.role_definition(role, language, f"{who}/authorization/roledefinitions")
        rights = tuple(
            self.right(service, 500 + role * 10 + k, "RoleTypeRights") for k, service in enumerate(FORM_SERVICES[:2])
        )
        return short.having("Rights", rights)

    def rights(self, party: Party, path: str) -> Listing:
        """The rights that the user has for a party."""
        services = LETTER_SERVICES if party.is_person else (*FORM_SERVICES, *LETTER_SERVICES)
        made = tuple(
            self.right(
                service, 10_000 + party.index * 100 + k, "DirectlyDelegatedRights" if k % 2 else "RoleTypeRights"
            )
            for k, service in enumerate(services)
        )
        return listing("Right", path, "rights", made)

    def right(self, service: Service, key: int, source: str) -> Record:
        """One right."""
        members: Members = (
            ("RightID", key),
            ("RightType", "Service"),
            ("ServiceCode", service.code),
            ("ServiceEditionCode", service.edition),
            ("Action", "Read" if key % 2 else "Write"),
            ("RightSourceType", source),
            ("IsDelegatable", key % 3 == 0),
        )
        return Record("Right", "", members)

    def app_rights(self, path: str) -> Listing:
        """Rights to apps; these come by role, so they can not be deleted one by one."""
        members: Members = (
            ("AltinnAppId", "ttd/samsvar"),
            ("ResourceId", "app"),
            ("ResourceValue", "ttd/samsvar"),
            ("Action", "read"),
            ("RightSourceType", "RoleTypeRights"),
            ("IsDelegatable", True),
        )
        return listing("AppRight", path, "apprights", (Record("AppRight", "", members),))

    def holders(self, party: Party, who: str) -> Listing:
        """Those who have rights from a party."""
        path = f"{who}/authorization/delegations"
        made = tuple(self.holder(party, path, k) for k in range(2))
        found = listing("RightHolder", path, "rightholders", made)
        return Listing(
            found.model,
            path,
            found.container,
            found.count,
            found.at,
            (Link("find", f"{path}/{{receiverId}}", templated=True),),
        )

    def holder(self, party: Party, home: str, place: int) -> Record:
        """One right holder: a person (identity number masked) or an organisation."""
        key = f"r{60_000_001 + party.index * 2 + place}"
        path = f"{home}/{key}"
        masked = person_number(self.seed, "holder", party.index)[:6] + "*****"
        person: Members = (("LastName", "GRØTVÅG"), ("SocialSecurityNumber", masked))
        unit: Members = (("OrganizationNumber", self.people.parties[1].number),)
        name = "INGVILD GRØTVÅG" if place == 0 else self.people.parties[1].name
        members: Members = (("RightHolderId", key), ("Name", name), *(person if place == 0 else unit))
        links = (
            Link("self", path),
            Link("roles", f"{path}/roles"),
            Link("rights", f"{path}/rights"),
            Link("apprights", f"{path}/apprights"),
        )
        return Record("RightHolder", path, members, links)

    # The broker

    def files(self, party: Party) -> tuple[str, ...]:
        """References of the files in a party's broker inbox."""
        return () if party.is_person else tuple(identifier(self.seed, "broker", party.index, k) for k in range(2))

    def inbox(self, party: Party, who: str) -> Listing:
        """The broker's inbox: a bare array in every format, as documented."""
        made = tuple(self.broker_file(who, "inbox", key) for key in self.files(party))
        path = f"{who}/brokerservice/inbox"
        return Listing("BrokerServiceFile", path, "files", len(made), made.__getitem__, bare=True)

    def broker_file(self, who: str, box: str, key: str) -> Record:
        """One file of the broker."""
        path = f"{who}/brokerservice/{box}/{key}"
        members: Members = (
            ("ServiceCode", "0512"),
            ("ServiceEdtionCode", 1),
            ("FileName", "pakke nr. 1.zip"),
            ("FileReference", key),
            ("FileSize", len(self.broker_content(key))),
            ("FileStatus", "Uploaded"),
            ("ReceiptID", number(self.seed, key) % 90_000 + 10_000),
            ("Sender", self.people.parties[1].number),
            ("SendersReference", "0007"),
            ("SentDate", Instant("2026-02-10T09:30Z")),
        )
        down = (Link("download", f"{path}/download"),) if box == "inbox" else ()
        return Record(
            "BrokerServiceFile", path, members, (Link("self", path), *down, Link("receipt", f"{path}/receipt"))
        )

    def broker_content(self, key: str) -> bytes:
        """The file itself: an empty ZIP archive with its reference as the comment."""
        comment = key.encode("ascii")
        return b"PK\x05\x06" + bytes(16) + len(comment).to_bytes(2, "little") + comment

    def receipt(self, key: str) -> Record:
        """What became of a file."""
        main = number(self.seed, key) % 90_000 + 10_000
        inner: Members = (
            ("ReceiptID", main + 1),
            ("ParentReceiptID", main),
            ("LastChanged", Instant("2026-02-01T14:05:03.342")),
            ("Status", "OK"),
            ("Text", "Filen er lastet ned."),
            ("SendersReference", "0007"),
        )
        members: Members = (
            ("ReceiptID", main),
            ("ParentReceiptID", 0),
            ("LastChanged", Instant("2026-02-01T12:03:07.977")),
            ("Status", "OK"),
            ("Text", "Opplastingen var vellykket."),
            ("SendersReference", "0007"),
            ("SubReceipts", (Record("BrokerServiceReceipt", "", inner),)),
        )
        return Record("BrokerServiceReceipt", "", members)
