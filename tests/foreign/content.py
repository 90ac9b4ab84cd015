"""What lies in the foreign environment: services, code lists, roles, reportees and messages, all synthetic.

A `Text` has three languages; everything else is said once. National identity numbers are synthetic (month + 80).
"""

from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("1033", "1044", "2068")


class Text(tuple[str, str, str]):
    """English, bokmal, nynorsk."""

    def say(self, language: str) -> str:
        return self[LANGUAGES.index(language)]


def text(english: str, bokmal: str, nynorsk: str) -> Text:
    return Text((english, bokmal, nynorsk))


UNREAD, READ = text("Unread", "Ulest", "Ulesen"), text("Read", "Lest", "Lesen")
FILLING = text("Filling in", "Utfylling", "Utfylling")
SENT = text("Sent and archived", "Sendt og arkivert", "Sendt og arkivert")
AGENCY = text("Nordmarka Test Directorate", "Nordmarka testdirektorat", "Nordmarka testdirektorat")
TOWN = text("Åsmo Municipality", "Åsmo kommune", "Åsmo kommune")


@dataclass
class Service:
    kind: str  # formtask, correspondence, lookup
    code: str
    edition: int
    name: Text
    owner: Text
    owner_code: str
    forms: tuple[tuple[int, str, str, int, str], ...] = ()  # FormID, name, data format id and version, type
    rules: tuple[int, ...] = ()

    @property
    def type(self) -> str:
        return {"formtask": "FormTask", "correspondence": "Correspondence", "lookup": "Lookup"}[self.kind]


@dataclass
class File:
    id: str
    name: str
    file_name: str
    media: str
    content: bytes
    signed: bool = True


@dataclass
class Form:
    id: int
    type: str
    format_id: str
    version: int
    name: str
    xml: str


@dataclass
class Message:
    id: str
    type: str
    subject: str
    status: Text
    service: tuple[str, int]
    changed: str
    created: str
    by: str = "PRØVE PRØVESEN"
    sender: str | None = None
    due: str | None = None
    summary: str | None = None
    body: str | None = None
    archive: str | None = None  # AR number of the message itself or of the archived one that it points to
    archived_as: str | None = None  # MessageId of the archived message
    forms: list[Form] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    print: bool = False
    original: str | None = None


@dataclass
class Box:
    reportee: str
    names: tuple[str, ...]  # what may stand for {who}
    messages: list[Message]


@dataclass
class World:
    services: list[Service]
    codelists: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    needs: dict[tuple[str, int], list[tuple[int, tuple[str, ...]]]]
    reportees: list[dict[str, Any]]
    boxes: list[Box]

    def service(self, code: str, edition: int) -> Service | None:
        return next((one for one in self.services if (one.code, one.edition) == (code, edition)), None)

    def box(self, who: str) -> Box | None:
        return next((one for one in self.boxes if who in one.names), None)


def services() -> list[Service]:
    return [
        Service(
            "formtask",
            "4801",
            3,
            text("NT-07 Grant for small hydropower", "NT-07 Støtte til småkraftverk", "NT-07 Stønad til småkraftverk"),
            AGENCY,
            "NTD",
            (
                (7001, "NT-07 Hovedskjema", "5511", 40012, "MainForm"),
                (7002, "NT-07 Vedlegg <A> & B", "0077", 5, "SubForm"),
            ),
            (31,),
        ),
        Service(
            "formtask",
            "2711",
            20260101,
            text("Reindeer count", "Reintelling", "Reinteljing"),
            TOWN,
            "AAK",
            ((7100, "Telling «høst»", "5600", 1, "MainForm"),),
        ),
        Service(
            "correspondence",
            "0519",
            190402,
            text("Letters from the municipality", "Brev fra kommunen", "Brev frå kommunen"),
            TOWN,
            "AAK",
        ),
        Service("lookup", "5120", 1, text("Look up a permit", "Slå opp løyve", "Slå opp løyve"), AGENCY, "NTD"),
    ]


def codelists() -> list[dict[str, Any]]:
    codes = [
        ("01", text("Salmon", "Laks", "Laks"), "A", ""),
        ("007", text("Herring", "Sild", "Sild"), "B", "10.50"),
        ("12", text("Saithe", "Sei", "Sei"), "ÆØÅ", " to "),
        ("", text("", "", ""), "", ""),
    ]
    return [
        {"Name": "NTD_Fisk", "Version": 12, "codes": codes, "languages": LANGUAGES},
        {
            "Name": "AAK_Gater",
            "Version": 3,
            "codes": [("0301", text("Main st", "Storgata", "Storgata"), None, None)],
            "languages": ("1044",),
        },
    ]


def roles() -> list[dict[str, Any]]:
    return [
        {
            "RoleType": "Altinn",
            "RoleDefinitionId": 9,
            "RoleName": text("Filler", "Utfyller", "Utfyllar"),
            "RoleDescription": text(
                "May fill in.\r\nNothing more. ", "Kan fylle ut.\r\nIkke mer. ", "Kan fylle ut.\r\nIkkje meir. "
            ),
            "RoleDefinitionCode": "UTFYL",
            "ParentRoleDefinitionIds": [40, 41],
        },
        {
            "RoleType": "External",
            "RoleDefinitionId": 40,
            "RoleName": text("Manager", "Daglig leder", "Dagleg leiar"),
            "RoleDescription": text("From the register", "Fra registeret", "Frå registeret"),
            "RoleDefinitionCode": "DAGL2",
            "ChildRoleDefinitionIds": [9],
        },
        {
            "RoleType": "External",
            "RoleDefinitionId": 41,
            "RoleName": text("Chair", "Styreleder", "Styreleiar"),
            "RoleDescription": text("From the register", "Fra registeret", "Frå registeret"),
            "RoleDefinitionCode": "LEDE2",
            "ChildRoleDefinitionIds": [9],
        },
    ]


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def own_messages() -> list[Message]:
    main = Form(
        9101,
        "MainForm",
        "5511",
        40012,
        "NT-07 Hovedskjema",
        '<melding dataFormatId="5511"><fall>12.50</fall></melding>',
    )
    sub = Form(9102, "SubForm", "0077", 5, "NT-07 Vedlegg <A> & B", "<melding><a>0042</a></melding>")
    count = Form(9110, "MainForm", "5600", 1, "Telling «høst»", "<melding><rein>17</rein></melding>")
    plan = File("61", "situasjonsplan", "situasjonsplan æøå.txt", "text/plain", "Målestokk 1:500\n".encode())
    sketch = File("62", "skisse", "skisse.pdf", "application/pdf", PDF, False)
    report = File("63", "rapport", "rapport.txt", "text/plain", b"0123456789")
    letter = ("0519", 190402)
    return [
        Message(
            "a71001",
            "Correspondence",
            "Vedtak i sak 26/0042 ",
            UNREAD,
            letter,
            "2026-01-14T08:05:09.70",
            "2026-01-14T08:00:00",
            by="Åsmo kommune",
            sender="Åsmo kommune",
            due="2026-02-01T00:00:00",
            summary="Søknaden er innvilget",
            body="<p>Hei & velkommen,\n«Prøve»</p>",
            files=[plan, sketch],
            replies=[
                {
                    "Type": "Service",
                    "path": "metadata/formtask/4801/3",
                    "Text": "Klag på vedtaket",
                    "ServiceCode": "4801",
                    "ServiceEditionCode": 3,
                },
                {"Type": "ArchiveReference", "path": "{who}/messages/b72001", "Text": "Søknaden"},
                {"Type": "URL", "URL": "https://www.eksempel.no/hjelp?a=1&b=2", "Text": "Les mer"},
            ],
        ),
        Message(
            "a71002",
            "FormTask",
            "NT-07 Støtte til småkraftverk",
            FILLING,
            ("4801", 3),
            "2025-12-31T23:59:59.997",
            "2025-11-03T10:15:00",
            forms=[main, sub],
            files=[report],
            print=True,
            due="2026-03-01T12:00:00",
        ),
        Message(
            "a71003",
            "FormTask",
            "Reintelling 'sør' 100 %",
            FILLING,
            ("2711", 20260101),
            "2025-12-01T00:00:00",
            "2025-12-01T00:00:00",
            forms=[count],
            print=True,
        ),
        Message(
            "a71004",
            "Correspondence",
            "Kvittering 😀 på søknad",
            READ,
            letter,
            "2025-11-20T19:50:54.86",
            "2025-11-20T19:50:00",
            by="Åsmo kommune",
            sender="Åsmo kommune",
            summary="Kvittering",
            body="<p>Mottatt</p>",
            archive="AR72002",
            archived_as="b72002",
        ),
        Message(
            "b72001",
            "FormTask",
            "NT-07 Støtte til småkraftverk, 2024",
            SENT,
            ("4801", 3),
            "2024-11-20T07:00:00.5",
            "2024-11-20T06:00:00",
            forms=[main],
            files=[report],
            print=True,
            archive="AR72001",
            original="a70500",
        ),
        Message(
            "b72002",
            "Correspondence",
            "Kvittering 😀 på søknad",
            SENT,
            letter,
            "2025-11-21T19:50:54.86",
            "2025-11-21T19:50:00",
            by="Åsmo kommune",
            sender="Åsmo kommune",
            summary="Kvittering",
            body="<p>Mottatt</p>",
            archive="AR72002",
            original="a71004",
        ),
    ]


def company_messages(size: int) -> list[Message]:
    """Letters to a company, newest first, no two changed at the same time."""
    days = [(month, day) for month in (1, 2) for day in range(28, 0, -1)] + [(12, day) for day in range(28, 0, -1)]
    days.sort(key=lambda one: (2026 if one[0] < 12 else 2025, *one), reverse=True)
    rows = []
    for number, (month, day) in enumerate(days[:size]):
        year = 2025 if month == 12 else 2026
        rows.append(
            Message(
                f"a{81000 + number}",
                "Correspondence",
                f"Rundskriv nr. {number % 7} om øvelse {size - number}",
                READ if number % 3 else UNREAD,
                ("0519", 190402),
                f"{year}-{month:02}-{day:02}T12:00:{number % 60:02}",
                f"{year}-{month:02}-{day:02}T11:00:00",
                by="Åsmo kommune",
                sender="Åsmo kommune",
                summary=f"Rundskriv {number}",
                body=f"<p>{number}</p>",
            )
        )
    return rows


def reportees() -> list[dict[str, Any]]:
    person = text("Person", "Person", "Person")
    company, branch = text("Enterprise", "Foretak", "Føretak"), text("Business", "Underenhet", "Undereining")
    return [
        {"ReporteeId": "r60001", "Name": "PRØVE PRØVESEN", "Type": person, "SocialSecurityNumber": "05914500137"},
        {
            "ReporteeId": "r60002",
            "Name": "ÅSMO & ØDEGÅRD KRAFT AS ",
            "Type": company,
            "OrganizationNumber": "310000019",
            "OrganizationForm": "AS",
            "Status": "Active",
        },
        {
            "ReporteeId": "r60003",
            "Name": "ÅSMO KRAFT AVD NORD",
            "Type": branch,
            "OrganizationNumber": "310000027",
            "ParentOrganizationNumber": "310000019",
            "OrganizationForm": "BEDR",
            "Status": "Inactive",
        },
    ]


def world(size: int = 2) -> World:
    """All content; `size` is how many letters the company has (56 is more than one page)."""
    needs: dict[tuple[str, int], list[tuple[int, tuple[str, ...]]]] = {
        ("4801", 3): [(9, ("Read", "Write")), (40, ("Read",))],
        ("2711", 20260101): [(9, ("Read", "Write"))],
        ("0519", 190402): [(41, ("Read",))],
        ("5120", 1): [(9, ("Read",))],
    }
    boxes = [
        Box("r60001", ("my", "r60001"), own_messages()),
        Box("r60002", ("r60002", "310000019"), company_messages(size)),
        Box("r60003", ("r60003", "310000027"), []),
    ]
    return World(services(), codelists(), roles(), needs, reportees(), boxes)
