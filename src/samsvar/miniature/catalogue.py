"""The open part of the content: services, role definitions, code lists. The same for everybody, from the seed
alone.
"""

from dataclasses import dataclass
from functools import cached_property

from samsvar.miniature.chance import number
from samsvar.miniature.records import Href, Instant, Link, Listing, Problem, Record, Value, listing
from samsvar.miniature.texts import OPERATION_NAMES, Text


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a service. main: it is the main form, else a sub form."""

    id: int
    provider: str
    data_format: str
    version: int
    name: str
    main: bool = True


@dataclass(frozen=True, slots=True)
class AttachmentRule:
    """What may be attached. schema: attached XML is validated, so the rule has an XSD."""

    id: int
    types: str
    name: str
    largest: int
    schema: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """One edition of one service."""

    kind: str
    code: str
    edition: int
    owner: str
    name: Text
    edition_name: Text
    valid_from: str
    valid_to: str
    forms: tuple[Form, ...] = ()
    rules: tuple[AttachmentRule, ...] = ()
    rest: bool = True
    signed: bool = False

    @property
    def path(self) -> str:
        """Where its metadata stand."""
        return f"metadata/{self.kind.lower()}/{self.code}/{self.edition}"

    @property
    def requirements(self) -> str:
        """Where its role requirements stand."""
        return f"metadata/rolerequirements?serviceCode={self.code}&serviceEditionCode={self.edition}"


OWNERS = {
    "SKD": Text("Skatteetaten", "Norwegian Tax Administration", "Skatteetaten"),
    "BRG": Text("Brønnøysundregistrene", "Brønnøysund Register Centre", "Brønnøysundregistra"),
    "TTD": Text("Testdepartementet", "Test Ministry", "Testdepartementet"),
    "NAV": Text("Arbeids- og velferdsetaten", "Labour and Welfare Administration", "Arbeids- og velferdsetaten"),
}
MVA = Text("Skattemelding for mva. & avgift", "VAT & duty return", "Skattemelding for mva. & avgift")
REPORT = Text("Årsrapport <ny> ", "Annual report <new> ", "Årsrapport <ny> ")
SICK = Text("Inntektsmelding 💼", "Statement of income 💼", "Inntektsmelding 💼")
LETTER = Text("Brev fra Testdepartementet", "Letter from the Test Ministry", "Brev frå Testdepartementet")
DECISION = Text("Vedtak i sak", "Decision in a case", "Vedtak i sak")
NOTICE = Text("Varsel om kontroll", "Notice of inspection", "Varsel om kontroll")
LOOKUP = Text("Innsyn i kontoopplysninger", "Account information", "Innsyn i kontoopplysningar")
SERVICES = (
    Service(
        "FormTask",
        "0042",
        1,
        "SKD",
        MVA,
        Text("Første utgave", "First edition", "Første utgåve"),
        "2014-05-15T08:00:00",
        "2099-01-15T00:56:00",
        (
            Form(218368, "OR", "0213", 10422, "RF-0002 Hovedoppgave & vedlegg"),
            Form(218369, "OR", "1187", 968, "RF-1016 Formue av skogseiendom", False),
        ),
        (AttachmentRule(52, ".xml, .pdf, .txt", "Vedlegg", 100), AttachmentRule(334, ".xml", "Oppgave", 20, True)),
        signed=True,
    ),
    Service(
        "FormTask",
        "0042",
        20,
        "SKD",
        MVA,
        Text("Andre utgave", "Second edition", "Andre utgåve"),
        "2020-05-12T09:37:16.607",
        "2049-12-31T00:38:00",
        (Form(16405, "SERES", "3442", 45350, "KRT-1003 Rapportering"),),
        rest=False,
    ),
    Service(
        "FormTask",
        "3357",
        130815,
        "BRG",
        REPORT,
        Text("2013", "2013", "2013"),
        "2013-08-15T10:23:50.86",
        "2099-02-01T00:51:00",
        (Form(760772, "OR", "007", 1, "BR-0010 Årsregnskap"),),
    ),
    Service(
        "FormTask",
        "4936",
        1,
        "NAV",
        SICK,
        Text("Versjon 1", "Version 1", "Versjon 1"),
        "2019-01-01T00:00:00",
        "2099-12-31T23:59:59.999",
        (Form(990001, "SERES", "4936", 39659, "Inntektsmelding"),),
    ),
    Service(
        "Correspondence",
        "0247",
        2,
        "TTD",
        LETTER,
        Text("Brev", "Letter", "Brev"),
        "2012-02-02T10:17:00",
        "2051-02-02T10:13:00",
    ),
    Service(
        "Correspondence",
        "5682",
        210201,
        "TTD",
        DECISION,
        Text("Vedtak", "Decision", "Vedtak"),
        "2021-02-02T10:17:00.5",
        "2051-02-02T10:13:00",
    ),
    Service(
        "Correspondence",
        "5062",
        7,
        "SKD",
        NOTICE,
        Text("Varsel", "Notice", "Varsel"),
        "2016-07-12T10:21:00",
        "2046-07-07T10:41:00",
    ),
    Service(
        "Lookup",
        "4574",
        5,
        "BRG",
        LOOKUP,
        Text("Kontoopplysninger", "Accounts", "Kontoopplysningar"),
        "2016-07-12T10:21:00",
        "2046-07-07T10:41:00",
    ),
)
FORM_SERVICES = tuple(service for service in SERVICES if service.kind == "FormTask")
LETTER_SERVICES = tuple(service for service in SERVICES if service.kind == "Correspondence")
STEPS = ((1, "FormFilling", 1), (2, "SendIn", 2), (3, "Signing", 3))

COUNTRIES = (
    ("0000", Text("Norge", "Norway", "Noreg"), "NO", "0.50"),
    ("0047", Text("Åland", "Åland Islands", "Åland"), "AX", ""),
    ("0101", Text("Danmark", "Denmark", "Danmark"), "DK", "1.10"),
    ("0684", Text("USA ", "USA ", "USA "), "US", "10.00"),
)
RATES = (("01", Text("Lav", "Low", "Låg"), "0.1200", "12"), ("02", Text("Høy", "High", "Høg"), "0.2500", "25"))
CODE_LISTS = (
    ("ASF_Land", 404, COUNTRIES[:3], ("1044", "1033", "2068")),
    ("ASF_Land", 2300, COUNTRIES, ("1044", "1033", "2068")),
    ("SKD_Satser", 7, RATES, ("1044", "1033")),
    ("BRG_Ett", 1, RATES[:1], ("1044", "1033", "2068")),
)
"""Name, version, codes, languages. The last version is the one that is given when none is asked for."""

ROLE_COUNT = 52
KNOWN_ROLES = {
    3: ("LOPER", Text("Lønn og personalmedarbeider", "Salaries and personnel employee", "Løn og personalmedarbeidar")),
    5: ("REGNA", Text("Regnskapsmedarbeider", "Accounting employee", "Rekneskapsmedarbeidar")),
    8: ("SISKD", Text("Begrenset signeringsrettighet", "Limited signing rights", "Avgrensa signeringsrett")),
    11: ("UTINN", Text("Utfyller/Innsender", "Reporter/sender", "Utfyllar/Innsendar")),
    82: ("PRIV", Text("Privatperson", "Private person", "Privatperson")),
    122: ("DAGL", Text("Daglig leder", "General manager", "Dagleg leiar")),
}
ROLE_NUMBERS = tuple(sorted({*KNOWN_ROLES, *range(200, 200 + ROLE_COUNT - len(KNOWN_ROLES))}))


def service(code: str, edition: str) -> Service | None:
    """The service with that code and edition, both as text: a leading zero is part of a code."""
    return next((row for row in SERVICES if (row.code, str(row.edition)) == (code, edition)), None)


def role_name(role: int) -> Text:
    """The name of a role definition."""
    if role in KNOWN_ROLES:
        return KNOWN_ROLES[role][1]
    return Text(f"Rolle nr. {role} på norsk", f"Role no. {role} in English", f"Rolle nr. {role} på nynorsk")


def role_description(role: int) -> Text:
    """Its description; some have CR LF inside or blanks at the end, as the real ones do."""
    ends = ("", "\r\n", " ", " \r\nGjelder & varer.\r\n")
    tail, name = ends[role % len(ends)], role_name(role)
    return Text(f"Gir tilgang: {name.nb}.{tail}", f"Gives access: {name.en}.{tail}", f"Gjev tilgang: {name.nn}.{tail}")


def role_kind(role: int) -> str:
    """Altinn's own roles, or those that come from a register outside."""
    return "External" if role in (82, 122) or role % 9 == 0 else "Altinn"


@dataclass(frozen=True)
class Catalogue:
    """The open resources as records."""

    seed: int

    def services(self, language: str) -> Listing:
        """All editions of all services."""
        made = tuple(self.service_summary(row, language) for row in SERVICES)
        return listing("ServiceMetaData", "metadata", "metadata", made)

    def service_summary(self, row: Service, language: str) -> Record:
        """A service as it stands in the list."""
        members: tuple[tuple[str, Value], ...] = (
            ("ServiceOwnerCode", row.owner),
            ("ServiceOwnerName", OWNERS[row.owner].read(language)),
            ("ServiceName", row.name.read(language)),
            ("ServiceCode", row.code),
            ("ServiceEditionName", row.edition_name.read(language)),
            ("ServiceEditionCode", row.edition),
            ("ValidFrom", Instant(row.valid_from)),
            ("ValidTo", Instant(row.valid_to)),
            ("ServiceType", row.kind),
        )
        links = (Link("self", row.path), Link("rolerequirements", row.requirements))
        return Record("ServiceMetaData", row.path, members, links)

    def service(self, row: Service, language: str) -> Record:
        """A service alone, with forms, attachment rules and steps."""
        summary = self.service_summary(row, language)
        more: list[tuple[str, Value]] = [("EnterpriseUserEnabled", row.edition % 2 == 0)]
        if row.kind == "FormTask":
            more += [("RestEnabled", row.rest), ("EUSEnabled", True)]
            more += [("AttachmentRules", tuple(self.rule(row, rule) for rule in row.rules))] if row.rules else []
            more += [("FormsMetaData", tuple(self.form(row, form) for form in row.forms))]
            steps = STEPS if row.signed else STEPS[:2]
            more += [("ProcessSteps", tuple(self.step(*step) for step in steps))]
        return Record(summary.model, summary.self, (*summary.members, *more), summary.links)

    def step(self, order: int, name: str, level: int) -> Record:
        """A step of a form's way."""
        return Record("ProcessStep", "", (("SequenceNumber", order), ("Name", name), ("SecurityLevel", level)))

    def form(self, row: Service, form: Form) -> Record:
        """A form's metadata; the schema is linked in HAL."""
        members: tuple[tuple[str, Value], ...] = (
            ("FormID", form.id),
            ("FormName", form.name),
            ("DataFormatProviderType", form.provider),
            ("DataFormatID", form.data_format),
            ("DataFormatVersion", form.version),
            ("IsOnlyXsdValidation", False),
            ("FormType", "MainForm" if form.main else "SubForm"),
        )
        schema = Link("schema", f"{row.path}/forms/{form.data_format}/{form.version}/xsd")
        return Record("FormMetaData", "", members, (schema,))

    def rule(self, row: Service, rule: AttachmentRule) -> Record:
        """What may be attached."""
        members: tuple[tuple[str, Value], ...] = (
            ("AttachmentRuleId", rule.id),
            ("AllowedFileTypes", rule.types),
            ("AttachmentTypeName", rule.name),
            ("AttachmentTypeNameLanguage", rule.name),
            ("IsCheckSumAllowed", False),
            ("IsXsdValidationRequired", rule.schema),
            ("MaxAttachmentCount", 20),
            ("MaxFileSize", rule.largest),
            ("MinAttachmentCount", 0),
        )
        links = (Link("schema", f"{row.path}/attachmentrules/{rule.id}/xsd"),) if rule.schema else ()
        return Record("AttachmentRule", "", members, links)

    def role_definition(self, role: int, language: str, home: str) -> Record:
        """One role definition below ``home`` (the open list, or that of a reportee)."""
        code = KNOWN_ROLES[role][0] if role in KNOWN_ROLES else f"X{role:04}"
        members: list[tuple[str, Value]] = [
            ("RoleType", role_kind(role)),
            ("RoleDefinitionId", role),
            ("RoleName", role_name(role).read(language)),
            ("RoleDescription", role_description(role).read(language)),
            ("RoleDefinitionCode", code),
        ]
        if role in (3, 5, 8, 11):
            members.append(("ParentRoleDefinitionIds", (82, 122) if role > 5 else (122,)))
        if role in (82, 122):
            members.append(("ChildRoleDefinitionIds", (8, 11) if role == 82 else (3, 5, 8, 11)))
        path = f"{home}/{role}"
        return Record("RoleDefinition", path, tuple(members), (Link("self", path),))

    def role_definitions(
        self, language: str, home: str = "metadata/roledefinitions", numbers: tuple[int, ...] = ROLE_NUMBERS
    ) -> Listing:
        """Role definitions; all of them are more than fifty, since this list is not limited."""

        def at(index: int) -> Record:
            return self.role_definition(numbers[index], language, home)

        return Listing("RoleDefinition", home, "roledefinitions", len(numbers), at)

    def role_requirements(self, row: Service, language: str) -> Listing:
        """Which roles may do what with a service."""
        roles = (11, 122) if row.kind == "FormTask" else (82,)
        made = tuple(self.role_requirement(row, role, language) for role in roles)
        return listing("RoleRequirement", row.requirements, "rolerequirements", made)

    def role_requirement(self, row: Service, role: int, language: str) -> Record:
        """What one role may do."""
        members: list[tuple[str, Value]] = [
            ("RoleDefinitionId", role),
            ("RoleDefinitionCode", KNOWN_ROLES[role][0]),
            ("LocalizedRoleName", role_name(role).read(language)),
        ]
        if role == 11:
            members.append(("ParentRoleDefinitionIds", (82, 122)))
        names = tuple(OPERATION_NAMES) if row.kind == "FormTask" else ("Read",)
        members += [("IsDelegable", True), ("Operations", tuple(self.operation(name, language) for name in names))]
        links = (Link("roledefinition", f"metadata/roledefinitions/{role}"),)
        return Record("RoleRequirement", "", tuple(members), links)

    def operation(self, name: str, language: str) -> Record:
        """One operation, with the steps that it applies to."""
        members: list[tuple[str, Value]] = [("Name", name)]
        members.append(("LocalizedFriendlyName", OPERATION_NAMES[name].read(language)))
        if name == "Write":
            applies = tuple(self.step(*step) for step in STEPS[:2])
            members.append(("AppliesTo", applies))
        return Record("RoleOperation", "", tuple(members))

    def code_lists(self, language: str) -> Listing:
        """The code lists that exist in a language."""
        made = tuple(
            self.code_list_summary(name, version, language)
            for name, version, _, languages in CODE_LISTS
            if language in languages
        )
        return listing("CodeList", f"metadata/codelists?language={language}", "codelists", made)

    def code_list_summary(self, name: str, version: int, language: str) -> Record:
        """A code list as it stands in the list. Each language is a resource of its own, so the link tells which."""
        path = f"metadata/codelists/{name}/{version}?language={language}"
        members: tuple[tuple[str, Value], ...] = (("Name", name), ("Version", version), ("Language", int(language)))
        return Record("CodeList", path, members, (Link("self", path),))

    def code_list(self, name: str, version: str, language: str) -> Record | Problem:
        """A code list with its codes; version "" asks for the newest."""
        rows = [row for row in CODE_LISTS if row[0].lower() == name.lower() and version in ("", str(row[1]))]
        if not rows or language not in rows[-1][3]:
            return Problem(404, "There is no such code list in that language")
        name, found, codes, _ = rows[-1]
        made = tuple(self.code(code, text.read(language), *rest) for code, text, *rest in codes)
        summary = self.code_list_summary(name, found, language)
        return summary.having("Codes", made)

    def code(self, code: str, *values: str) -> Record:
        """One code with its values."""
        named = tuple((f"Value{index + 1}", value) for index, value in enumerate(values))
        return Record("Code", "", (("Code", code), *named))

    @cached_property
    def keys(self) -> Record:
        """The JSON Web Key Set; the modulus is made up."""
        modulus = "".join(f"{number(self.seed, 'jwk', part):016x}" for part in range(16))
        key = Record(
            "JsonWebKey", "", (("kty", "RSA"), ("e", "AQAB"), ("use", "sig"), ("kid", "miniature-1"), ("n", modulus))
        )
        return Record("JsonWebKeySet", "", (("keys", (key,)),))

    @cached_property
    def authority(self) -> Record:
        """The OAuth server metadata."""
        issuer = "https://miniature.samsvar.example/"
        members: tuple[tuple[str, Value], ...] = (
            ("issuer", Href(issuer, outside=True)),
            ("jwks_uri", Href("metadata/jwk")),
            ("response_types_supported", ("code",)),
        )
        return Record("OAuthServerMetadata", "", members)
