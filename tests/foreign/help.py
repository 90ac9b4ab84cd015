"""Help pages of another make: lists of links by subject, tables with the type first, models below one another.

They document what this environment has, and name the rest of what the platform has without a page about it.
"""

import html
import json
import re
from typing import Any

OPERATIONS = """
Meldingar: {part}/Messages {part}/Messages/{id} {part}/Messages/Trashbin {part}/Messages/{id}/Print
 {part}/Messages/{id}/Validate {part}/Messages/{id}/SigningText {part}/Messages/{id}/Attachments
 {part}/Messages/{id}/Attachments/{nr} {part}/Messages/{id}/Forms {part}/Messages/{id}/Forms/{nr}
 {part}/Messages/{id}/Forms/{nr}/FormData
Avgivarar: Reportees Reportees/{id} My/Profile {orgNr}/Profile {orgNr}/Profile/ContactInformation
Autorisasjon: {part}/Authorization/Roles {part}/Authorization/Rights {part}/Authorization/RoleDefinitions
 {part}/Authorization/RoleDefinitions/{id} {part}/Authorization/Delegations {part}/Authorization/Delegations/{id}
 {part}/Authorization/Delegations/{id}/Roles {part}/Authorization/Delegations/{id}/Rights
 Authorization/Token/{code} ConsentRequests ConsentRequests/{code} EnterpriseUsers EnterpriseUsers/{name}
Formidling: BrokerService/Inbox/HasAvailableFiles {part}/BrokerService/Inbox {part}/BrokerService/Inbox/{ref}
 {part}/BrokerService/Inbox/{ref}/Download {part}/BrokerService/Inbox/{ref}/Receipt
 {part}/BrokerService/Outbox/{ref} {part}/BrokerService/Outbox/{ref}/Receipt {part}/Lookup/{code}/{edition}
Metadata: Metadata Metadata/FormTask/{code}/{edition} Metadata/Correspondence/{code}/{edition}
 Metadata/Lookup/{code}/{edition} Metadata/Lookup/{code}/{edition}/Schemas/{schema}
 Metadata/FormTask/{code}/{edition}/Forms/{id}/{version}/xsd
 Metadata/FormTask/{code}/{edition}/AttachmentRules/{id}/xsd Metadata/CodeLists Metadata/CodeLists/{name}
 Metadata/CodeLists/{name}/{version} Metadata/RoleDefinitions Metadata/RoleDefinitions/{id}
 Metadata/RoleRequirements Metadata/well-known Metadata/jwk
Drift: Version Version/History
"""
TEXT, NUMBER, TIME, YES = "String", "Int32", "DateTime", "Boolean"
MODELS: dict[str, dict[str, str]] = {
    "MessageDto": {
        **dict.fromkeys(("MessageId", "OriginalId", "MessageLink", "Subject", "Status", "Type", "Body"), TEXT),
        **dict.fromkeys(("LastChangedDateTime", "CreatedDate", "DueDate"), TIME),
        **dict.fromkeys(("LastChangedBy", "ServiceOwner", "MessageSender", "Summary", "ServiceCode"), TEXT),
        "MarkedUnread": YES,
        "ServiceEdition": NUMBER,
        "AvailableAction": f"{NUMBER}?",
        "ArchiveReference": TEXT,
        "SignatureSpec": "SignatureDto",
        "ReplyOptions": "ReplyDto[]",
        "Attachments": "AttachmentDto[]",
        "Journal": "JournalDto",
    },
    "SignatureDto": {"FormIds": f"{NUMBER}[]", "AttachmentIds": f"{NUMBER}[]"},
    "ReplyDto": {
        **dict.fromkeys(("Type", "URL", "Text", "ServiceCode"), TEXT),
        "ServiceEditionCode": NUMBER,
    },
    "AttachmentDto": {
        **dict.fromkeys(("FileName", "Name", "AttachmentType", "AttachmentTypeLocalized"), TEXT),
        "Data": "byte[]",
        "AttachmentLink": "Uri",
        **dict.fromkeys(("Encrypted", "SigningLocked", "SignedByDefault"), YES),
        "FileSize": "Int64",
    },
    "CodeListDto": {"Name": TEXT, "Version": NUMBER, "Language": NUMBER, "Codes": "CodeDto[]"},
    "CodeDto": dict.fromkeys(("Code", "Value1", "Value2", "Value3"), TEXT),
}
ABOUT = {"{part}/Messages/{id}": "MessageDto", "Metadata/CodeLists/{name}": "CodeListDto"}
INSIDE = {"MessageDto": ("SignatureDto", "ReplyDto", "AttachmentDto"), "CodeListDto": ("CodeDto",)}
VALUES = {TEXT: "tekst", NUMBER: 4, "Int64": 4, TIME: "2024-05-06T07:08:09", YES: False, "Uri": "https://a.example/b"}


def index() -> str:
    """Every operation in a list of its subject; what there is a page about is linked."""
    parts = ["<html><body><p>Hjelp"]
    for line in OPERATIONS.replace("\n ", " ").strip().splitlines():
        subject, _, paths = line.partition(":")
        parts.append(f"<H4>{subject}</H4><UL>")
        for path in paths.split():
            href = f"/api/help/{slug(path)}" if path in ABOUT else "#"
            parts.append(f"<LI><A HREF='{html.escape(href)}'><TT>GET</TT> /api/{path}</A>")
        parts.append("</UL>")
    return "\n".join(parts)


def slug(path: str) -> str:
    return "-".join(re.findall(r"\w+", path)).lower()


def page(name: str) -> str | None:
    """The page about one operation."""
    path = next((one for one in ABOUT if slug(one) == name.lower()), None)
    if path is None:
        return None
    model = ABOUT[path]
    sample = json.dumps(example(model), indent=1)
    tables = "".join(f"<h3>{one}</h3>{table(one)}" for one in (model, *INSIDE[model]))
    return (
        f"<html><body><h1>{path}</h1><h2>Request</h2><table><tr><th>Type<th>Name<tr><td>{TEXT}<td>id</table>"
        f"<h2>Response</h2>{tables}<h2>Response: application/json</h2><pre>{html.escape(sample)}</pre>"
    )


def table(model: str) -> str:
    rows = "".join(f"<tr><td>{kind}<td>{name}" for name, kind in sorted(MODELS[model].items()))
    return f"<table border=1><tr><th>Type<th>Name{rows}</table>"


def example(model: str) -> dict[str, Any]:
    return {name: value(kind) for name, kind in MODELS[model].items() if kind != "JournalDto"}


def value(kind: str) -> Any:
    if kind == "byte[]":
        return "QEBA"
    if kind.endswith("[]"):
        return [value(kind[:-2])]
    bare = kind.rstrip("?")
    return VALUES[bare] if bare in VALUES else example(bare)
