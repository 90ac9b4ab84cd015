"""What each operation answers: a record, a listing, a document or a refusal. One row per path."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from samsvar.miniature import catalogue, documents, help_pages
from samsvar.miniature.content import Content, IsRead, Message, indices
from samsvar.miniature.odata import QueryError, moment
from samsvar.miniature.parties import Party
from samsvar.miniature.parts import Call
from samsvar.miniature.records import Document, Link, Listing, Problem, Record, Result, Value

UNKNOWN = Problem(404, "There is no such resource")
NOT_YOURS = Problem(403, "Forbidden - You have no rights for this reportee")


@dataclass(frozen=True, slots=True)
class Site:
    """What handlers may look at: the content, and which messages have been read."""

    content: Content
    is_read: IsRead


Handler: TypeAlias = Callable[[Site, Call], Result]
ForParty: TypeAlias = Callable[[Site, Call, Party], Result]
ForMessage: TypeAlias = Callable[[Site, Call, Message], Result]


def of_party(inner: ForParty) -> Handler:
    """A handler for what belongs to a party that the caller may act for."""

    def handle(site: Site, call: Call) -> Result:
        party = site.content.people.named(call.who, call.user)
        if party is None:
            return Problem(404, f"{call.who} is not a known organization or reportee")
        return inner(site, call, party) if call.user in party.owners else NOT_YOURS

    return handle


def of_organisation(inner: ForParty) -> Handler:
    """The same for organisations alone."""
    return of_party(lambda site, call, party: UNKNOWN if party.is_person else inner(site, call, party))


def of_message(inner: ForMessage) -> Handler:
    """A handler for what belongs to a message."""

    def handle(site: Site, call: Call, party: Party) -> Result:
        message = site.content.find(party, call.variables["messageId"])
        arrived = message and (message.deleted or message.index >= hidden(call, party))
        return inner(site, call, message) if message and arrived else UNKNOWN

    return of_party(handle)


def hidden(call: Call, party: Party) -> int:
    """How many of the newest messages of a box have not arrived yet; only the first party's box grows."""
    return call.hidden if party.index == 0 else 0


def day(text: str | None, last: timedelta) -> datetime | None:
    """A date or date and time of the query. A whole day counts to its end. Raises QueryError."""
    if not text:
        return None
    return moment(text) + (last if len(text) == 10 else timedelta(0))


def messages(site: Site, call: Call, party: Party) -> Result:
    """A box, within dates."""
    earliest = day(call.parameter("dateFrom"), timedelta(0))
    latest = day(call.parameter("dateTo"), timedelta(days=1, microseconds=-1))
    span = indices(party.count, earliest, latest)
    span = range(max(span.start, hidden(call, party)), span.stop)
    return site.content.box(party, call.who, call.language, site.is_read, span)


def message(site: Site, call: Call, found: Message) -> Result:
    if (call.parameter("markAsRead") or "false").lower() not in ("true", "false"):
        raise QueryError("The value of markAsRead must be true or false")
    return site.content.message(found, call.who, call.language, site.is_read)


def print_out(site: Site, call: Call, found: Message) -> Result:
    return documents.print_of(f"Utskrift {found.id}") if found.is_form else UNKNOWN


def validate(site: Site, call: Call, found: Message) -> Result:
    filling = found.is_form and not found.archived
    return site.content.validation(found, call.who) if filling else UNKNOWN


def signing_text(site: Site, call: Call, found: Message) -> Result:
    text = site.content.signing_text(found)
    return Document("text/plain; charset=utf-8", text.encode()) if text else Problem(404, "There is no signing text")


def attachment(site: Site, call: Call, found: Message) -> Result:
    keys = {str(key): key for key in site.content.attachments_of(found)}
    wanted = keys.get(call.variables["attachmentId"])
    return documents.attachment(site.content.seed, wanted) if wanted else UNKNOWN


def form(site: Site, call: Call, found: Message) -> Result:
    listed = site.content.forms(found, call.who)
    every = (listed.at(index) for index in range(listed.count))
    return next((one for one in every if str(one.get("FormId")) == call.variables["formId"]), UNKNOWN)


def form_data(site: Site, call: Call, found: Message) -> Result:
    rows = {str(key): (key, row) for key, row in site.content.forms_of(found)}
    wanted = rows.get(call.variables["formId"])
    return documents.form_data(wanted[1], wanted[0]) if wanted else UNKNOWN


def form_print(site: Site, call: Call, found: Message) -> Result:
    known = {str(key) for key, _ in site.content.forms_of(found)}
    key = call.variables["formId"]
    return documents.print_of(f"Skjema {key}") if key in known else UNKNOWN


def custom_data(site: Site, call: Call, found: Message) -> Result:
    return UNKNOWN if found.is_form else documents.own_xml("CustomMessageData", found.id)


def check_flags(call: Call) -> None:
    """Refuses flags that are neither true nor false. Raises QueryError."""
    for name in ("showConsentReportees", "includeInactiveReportees"):
        if (call.parameter(name) or "false").lower() not in ("true", "false"):
            raise QueryError(f"The value of {name} must be true or false")


def reportees(site: Site, call: Call) -> Result:
    """Everybody that the user may act for; with serviceCode only those for whom the user has rights to the service."""
    check_flags(call)
    parties = site.content.people.mine[call.user]
    code, edition = call.parameter("serviceCode"), call.parameter("serviceEdition")
    if code is not None:
        known = {(row.code, str(row.edition)): row for row in catalogue.SERVICES}
        wanted = [row for key, row in known.items() if key[0] == code and edition in (None, key[1])]
        if not wanted:
            return Problem(400, "The service is unknown")
        letters = any(row.kind == "Correspondence" for row in wanted)
        parties = tuple(party for party in parties if letters or not party.is_person)
    return site.content.reportees(parties, call.language)


def reportee(site: Site, call: Call) -> Result:
    party = site.content.people.by_id.get(call.variables["reporteeId"].lower())
    return site.content.reportee(party, call.language) if party and call.user in party.owners else UNKNOWN


def organizations(site: Site, call: Call) -> Result:
    check_flags(call)
    return site.content.organizations(site.content.people.mine[call.user], call.language)


def organization(site: Site, call: Call) -> Result:
    party = site.content.people.by_number.get(call.variables["organizationNumber"])
    return site.content.organization(party, call.language) if party and call.user in party.owners else UNKNOWN


def my_profile(site: Site, call: Call) -> Result:
    return site.content.my_profile(site.content.people.self_of(call.user))


def contact(site: Site, call: Call, party: Party) -> Result:
    listed = site.content.contacts(party)
    every = (listed.at(index) for index in range(listed.count))
    return next((one for one in every if str(one.get("Id")) == call.variables["id"]), UNKNOWN)


def roles(site: Site, call: Call, party: Party) -> Result:
    return site.content.roles(party, call.who, f"{call.who}/authorization/roles", call.language)


def role_definitions(site: Site, call: Call, party: Party) -> Result:
    home = f"{call.who}/authorization/roledefinitions"
    return site.content.catalogue.role_definitions(call.language, home, tuple(catalogue.KNOWN_ROLES))


def role_number(call: Call) -> int | None:
    """The role definition that a path means."""
    return {str(role): role for role in catalogue.ROLE_NUMBERS}.get(call.variables["roleDefinitionId"])


def role_definition(site: Site, call: Call, party: Party) -> Result:
    role = role_number(call)
    known = role is not None and role in catalogue.KNOWN_ROLES
    return site.content.role_definition(call.who, role, call.language) if role and known else UNKNOWN


def holder_of(site: Site, call: Call, party: Party) -> Record | None:
    """The right holder that a path means."""
    listed = site.content.holders(party, call.who)
    every = (listed.at(index) for index in range(listed.count))
    return next((one for one in every if one.get("RightHolderId") == call.variables["receiverId"].lower()), None)


def held(site: Site, call: Call, party: Party, name: str) -> Listing | None:
    """The roles, rights or app rights of a right holder."""
    holder = holder_of(site, call, party)
    if holder is None:
        return None
    path = f"{holder.self}/{name}"
    made = {
        "roles": lambda: site.content.roles(party, call.who, path, call.language),
        "rights": lambda: site.content.rights(party, path),
        "apprights": lambda: site.content.app_rights(path),
    }
    return made[name]()


def held_list(name: str) -> ForParty:
    """The handler of one of these lists."""
    return lambda site, call, party: held(site, call, party, name) or UNKNOWN


def holder(site: Site, call: Call, party: Party) -> Result:
    """A right holder with its roles and rights inside."""
    found = holder_of(site, call, party)
    if found is None:
        return UNKNOWN
    groups = tuple((title, members_of(held(site, call, party, title.lower()))) for title in ("Roles", "Rights"))
    return Record(found.model, found.self, found.members, found.links, groups)


def members_of(listed: Listing | None) -> tuple[Record, ...]:
    """All elements of a listing."""
    return tuple(listed.at(index) for index in range(listed.count)) if listed else ()


def service(kind: str) -> Handler:
    """The metadata of one service of that kind."""

    def handle(site: Site, call: Call) -> Result:
        row = catalogue.service(call.variables["serviceCode"], call.variables["serviceEditionCode"])
        return site.content.catalogue.service(row, call.language) if row and row.kind == kind else UNKNOWN

    return handle


def form_schema(site: Site, call: Call) -> Result:
    row = catalogue.service(call.variables["serviceCode"], call.variables["serviceEditionCode"])
    wanted = (call.variables["dataFormatId"], call.variables["dataFormatVersion"])
    known = {(form.data_format, str(form.version)): form for form in row.forms} if row else {}
    found = known.get(wanted)
    return documents.schema("Skjema" if found.provider == "OR" else "melding") if found else UNKNOWN


def rule_schema(site: Site, call: Call) -> Result:
    row = catalogue.service(call.variables["serviceCode"], call.variables["serviceEditionCode"])
    known = {str(rule.id) for rule in row.rules if rule.schema} if row else set()
    return documents.schema("Vedlegg") if call.variables["ruleId"] in known else UNKNOWN


def lookup_schema(site: Site, call: Call) -> Result:
    row = catalogue.service(call.variables["serviceCode"], call.variables["serviceEditionCode"])
    return (
        documents.schema(call.variables["schema"])
        if row and row.kind == "Lookup" and call.variables["schema"].isalnum()
        else UNKNOWN
    )


def lookup(site: Site, call: Call, party: Party) -> Result:
    row = catalogue.service(call.variables["serviceCode"], call.variables["serviceEdition"])
    return documents.own_xml("Innsyn", party.number) if row and row.kind == "Lookup" else UNKNOWN


def role_requirements(site: Site, call: Call) -> Result:
    code, edition = call.parameter("serviceCode"), call.parameter("serviceEditionCode")
    if code is None or edition is None:
        return Problem(400, "serviceCode and serviceEditionCode are required")
    row = catalogue.service(code, edition)
    return site.content.catalogue.role_requirements(row, call.language) if row else Problem(404, "Unknown service")


def open_role_definition(site: Site, call: Call) -> Result:
    role = role_number(call)
    home = "metadata/roledefinitions"
    return site.content.catalogue.role_definition(role, call.language, home) if role else UNKNOWN


def code_list(site: Site, call: Call) -> Result:
    version = call.variables.get("version", "")
    return site.content.catalogue.code_list(call.variables["name"], version, call.language)


def broker_file(box: str) -> ForParty:
    """A file of the broker, in or out."""

    def handle(site: Site, call: Call, party: Party) -> Result:
        key = call.variables["fileReference"].lower()
        return site.content.broker_file(call.who, box, key) if key in site.content.files(party) else UNKNOWN

    return handle


def broker_download(site: Site, call: Call, party: Party) -> Result:
    key = call.variables["fileReference"].lower()
    known = key in site.content.files(party)
    return Document("application/octet-stream", site.content.broker_content(key)) if known else UNKNOWN


def broker_receipt(site: Site, call: Call, party: Party) -> Result:
    key = call.variables["fileReference"].lower()
    return site.content.receipt(key) if key in site.content.files(party) else UNKNOWN


def page(text: str | None) -> Result:
    """A page for people, or word that there is none."""
    return Document("text/html; charset=utf-8", text.encode()) if text else UNKNOWN


def help_index(owners: bool) -> Handler:
    """The index of the help pages, or of those for service owners."""
    return lambda site, call: page(help_pages.index(call.root, owners))


def help_operation(owners: bool) -> Handler:
    """The page of an operation."""
    return lambda site, call: page(help_pages.operation(call.variables["operation"], call.root, owners))


def help_model(owners: bool) -> Handler:
    """The page of a class."""
    return lambda site, call: page(help_pages.resource_model(call.parameter("modelName") or "", call.root, owners))


def front_page(site: Site, call: Call) -> Result:
    """The front page: links to the entries and nothing else."""
    members: tuple[tuple[str, Value], ...] = (("Name", "Altinn i miniatyr"),)
    links = (
        Link("self", ""),
        Link("messages", "my/messages"),
        Link("reportees", "reportees"),
        Link("metadata", "metadata"),
    )
    return Record("FrontPage", "", members, links)


HANDLERS: dict[str, Handler] = {
    "": front_page,
    "help": help_index(owners=False),
    "help/Api/{operation}": help_operation(owners=False),
    "help/ResourceModel": help_model(owners=False),
    "serviceowner/help": help_index(owners=True),
    "serviceowner/help/Api/{operation}": help_operation(owners=True),
    "serviceowner/help/ResourceModel": help_model(owners=True),
    "{who}/messages": of_party(messages),
    "{who}/messages/{messageId}": of_message(message),
    "{who}/messages/trashbin": of_party(
        lambda site, call, party: site.content.bin(party, call.who, call.language, site.is_read)
    ),
    "{who}/messages/{messageId}/print": of_message(print_out),
    "{who}/messages/{messageId}/validate": of_message(validate),
    "{who}/messages/{messageId}/signingtext": of_message(signing_text),
    "{who}/messages/{messageId}/custommessagedata": of_message(custom_data),
    "{who}/messages/{messageId}/attachments": of_message(
        lambda site, call, found: site.content.attachments(found, call.who, call.language)
    ),
    "{who}/messages/{messageId}/attachments/{attachmentId}": of_message(attachment),
    "{who}/messages/{messageId}/forms": of_message(lambda site, call, found: site.content.forms(found, call.who)),
    "{who}/messages/{messageId}/forms/{formId}": of_message(form),
    "{who}/messages/{messageId}/forms/{formId}/formdata": of_message(form_data),
    "{who}/messages/{messageId}/forms/{formId}/print": of_message(form_print),
    "reportees": reportees,
    "reportees/{reporteeId}": reportee,
    "organizations": organizations,
    "organizations/{organizationNumber}": organization,
    "my/profile": my_profile,
    "{orgno}/profile": of_organisation(lambda site, call, party: site.content.profile(party)),
    "{orgno}/profile/contactinformation": of_organisation(lambda site, call, party: site.content.contacts(party)),
    "{orgno}/profile/contactinformation/{id}": of_organisation(contact),
    "{who}/authorization/roles": of_party(roles),
    "{who}/authorization/rights": of_party(
        lambda site, call, party: site.content.rights(party, f"{call.who}/authorization/rights")
    ),
    "{who}/authorization/apprights": of_party(
        lambda site, call, party: site.content.app_rights(f"{call.who}/authorization/apprights")
    ),
    "{who}/authorization/roledefinitions": of_party(role_definitions),
    "{who}/authorization/roledefinitions/{roleDefinitionId}": of_party(role_definition),
    "{who}/authorization/delegations": of_party(lambda site, call, party: site.content.holders(party, call.who)),
    "{who}/authorization/delegations/{receiverId}": of_party(holder),
    "{who}/authorization/delegations/{receiverId}/roles": of_party(held_list("roles")),
    "{who}/authorization/delegations/{receiverId}/rights": of_party(held_list("rights")),
    "{who}/authorization/delegations/{receiverId}/apprights": of_party(held_list("apprights")),
    "{who}/lookup/{serviceCode}/{serviceEdition}": of_party(lookup),
    "brokerservice/inbox/hasavailablefiles": lambda site, call: Document("application/json; charset=utf-8", b"true"),
    "{who}/brokerservice/inbox": of_party(lambda site, call, party: site.content.inbox(party, call.who)),
    "{who}/brokerservice/inbox/{fileReference}": of_party(broker_file("inbox")),
    "{who}/brokerservice/inbox/{fileReference}/download": of_party(broker_download),
    "{who}/brokerservice/inbox/{fileReference}/receipt": of_party(broker_receipt),
    "{who}/brokerservice/outbox/{fileReference}": of_party(broker_file("outbox")),
    "{who}/brokerservice/outbox/{fileReference}/receipt": of_party(broker_receipt),
    "{who}/BrokerService/files/{fileReference}": of_party(broker_download),
    "metadata": lambda site, call: site.content.catalogue.services(call.language),
    "metadata/formtask/{serviceCode}/{serviceEditionCode}": service("FormTask"),
    "metadata/correspondence/{serviceCode}/{serviceEditionCode}": service("Correspondence"),
    "metadata/lookup/{serviceCode}/{serviceEditionCode}": service("Lookup"),
    "metadata/lookup/{serviceCode}/{serviceEditionCode}/schemas/{schema}": lookup_schema,
    "metadata/formtask/{serviceCode}/{serviceEditionCode}/forms/{dataFormatId}/{dataFormatVersion}/xsd": form_schema,
    "metadata/formtask/{serviceCode}/{serviceEditionCode}/attachmentrules/{ruleId}/xsd": rule_schema,
    "metadata/codelists": lambda site, call: site.content.catalogue.code_lists(call.language),
    "metadata/codelists/{name}": code_list,
    "metadata/codelists/{name}/{version}": code_list,
    "metadata/roledefinitions": lambda site, call: site.content.catalogue.role_definitions(call.language),
    "metadata/roledefinitions/{roleDefinitionId}": open_role_definition,
    "metadata/rolerequirements": role_requirements,
    "metadata/well-known": lambda site, call: site.content.catalogue.authority,
    "metadata/jwk": lambda site, call: site.content.catalogue.keys,
}
