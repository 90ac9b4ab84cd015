"""The foreign environment on a port: what it answers, and the places where a twist may take hold.

`serve(twists)` is a context with the running environment. A `Twist` changes one thing (harmless or not) at one of the
named places; several may be given together.
"""

import base64
import gzip
import hashlib
import hmac
import itertools
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from foreign import help
from foreign.content import LANGUAGES, Box, Message, Service, Text, World, world
from foreign.queries import OPTIONS, BadQuery, page, select
from foreign.writing import FORMATS, HAL_JSON, HAL_XML, JSON, STYLE, XML, Doc, Link, Moment, write

KEY = "foreign-key-3f1c"
ORIGIN = "https://skjema.nordmarka.example"
SECRET = b"only the foreign environment knows this"
PUBLIC_KINDS = {"formtask", "correspondence", "lookup"}
FIXED = {"metadata", "reportees", "my", "messages", "forms", "attachments", "codelists", "roledefinitions", "print"}
METHODS = "GET, HEAD, OPTIONS"


def part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def token(lasts: float = 7200) -> str:
    """A bearer token of the usual three parts, signed by the environment."""
    head = part({"alg": "HS256", "typ": "JWT"}) + "." + part({"sub": "r60001", "exp": int(time.time() + lasts)})
    return head + "." + signature(head)


def signature(head: str) -> str:
    return base64.urlsafe_b64encode(hmac.new(SECRET, head.encode(), hashlib.sha256).digest()).decode().rstrip("=")


@dataclass
class Ask:
    """One request, as the environment understands it."""

    method: str
    target: str  # as it came, with the query
    path: str  # below /api, without slashes at the ends
    query: dict[str, str]
    headers: Mapping[str, str]
    visit: int = 0  # how many times this path was asked in this format before
    format: str = ""
    explicit: bool = True  # whether Accept decided
    connection: int = 0  # which of the connections it came on
    notes: dict[str, Any] = field(default_factory=dict)  # what a twist says to itself between two of its hooks

    @property
    def parts(self) -> list[str]:
        return self.path.split("/")

    @property
    def language(self) -> str:
        return self.query.get("language", "1044")

    @property
    def open(self) -> bool:
        return self.parts[0].lower() in ("metadata", "") or self.path == "login"

    @property
    def origin(self) -> str | None:
        return self.headers.get("Origin")


@dataclass
class Reply:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def put(self, name: str, value: str) -> None:
        self.drop(name)
        self.headers.append((name, value))

    def drop(self, name: str) -> None:
        self.headers = [(key, value) for key, value in self.headers if key.lower() != name.lower()]


@dataclass
class Document:
    """What has one form only: a PDF, a schema, an attachment."""

    media: str
    content: bytes
    name: str = ""


@dataclass(frozen=True)
class Twist:
    """One named change. Each hook may change what it is given; a hook that gives a value replaces it."""

    id: str
    says: str
    family: tuple[str, ...] = ()  # the guarantees that it breaks; none: harmless
    size: int = 2
    style: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    content: Callable[[World], Any] | None = None
    ask: Callable[["Environment", Ask], Any] | None = None
    early: Callable[["Environment", Ask], Reply | None] | None = None
    doc: Callable[["Environment", Ask, Doc], Any] | None = None
    rows: Callable[["Environment", Ask, list[Any]], list[Any]] | None = None
    shown: Callable[["Environment", Ask, list[Any]], list[Any]] | None = None
    body: Callable[["Environment", Ask, bytes], bytes] | None = None
    wire: Callable[["Environment", Ask, Reply], Any] | None = None
    clash: tuple[str, ...] = ()  # with these it makes no sense together
    means: Mapping[str, str] = field(
        default_factory=dict
    )  # what the run is given besides, as it stands in its environment


SETTINGS: dict[str, Any] = {
    "default": JSON,
    "unmet": "refuse",  # or the default format
    "limit": 50,
    "next": False,
    "relative": False,
    "moved": "",  # a prefix in all links below the entries
    "opaque": False,
    "redirects": False,
    "errors": "object",
    "etag": "",
    "gzip": False,
    "chunked": False,
    "close": False,
    "front": False,
    "canonical_who": False,
    "orgno_links": False,
    "full_items": False,
    "linked_items": False,
    "find": "{messageId}",
    "uri_members": False,
    "login": "401",
    "head_length": True,
    "registered": (ORIGIN,),
    "vary": "Accept, Origin",
    "key_first": True,
    "check_key": True,
    "attachment_lists": False,
    "print_media": "application/pdf",
    "oldest_first": False,
    "literal_plus": False,  # a plus in a query is a plus
    "known_parameters": (),  # others are refused; none: all are let through
    "exact_case": False,
    "absent": "",  # a pattern of paths that are not there
}
MESSAGE_FIELDS = {
    "MessageId": "text",
    "Subject": "text",
    "Status": "text",
    "LastChangedDateTime": "moment",
    "CreatedDate": "moment",
    "LastChangedBy": "text",
    "ServiceOwner": "text",
    "Type": "text",
    "MessageSender": "text",
    "Summary": "text",
    "Body": "text",
    "ServiceCode": "text",
    "ServiceEdition": "number",
    "DueDate": "moment",
    "ArchiveReference": "text",
    "OriginalId": "text",
    "MarkedUnread": "bool",
}
REPORTEE_FIELDS = {
    "ReporteeId": "text",
    "Name": "text",
    "Type": "text",
    "SocialSecurityNumber": "text",
    "OrganizationNumber": "text",
    "ParentOrganizationNumber": "text",
    "OrganizationForm": "text",
    "Status": "text",
}
SERVICE_FIELDS = {
    "ServiceOwnerCode": "text",
    "ServiceOwnerName": "text",
    "ServiceName": "text",
    "ServiceCode": "text",
    "ServiceEditionName": "text",
    "ServiceEditionCode": "number",
    "ValidFrom": "moment",
    "ValidTo": "moment",
    "ServiceType": "text",
    "EnterpriseUserEnabled": "bool",
}
CODELIST_FIELDS = {"Name": "text", "Version": "number", "Language": "number"}
ROLE_FIELDS = {
    "RoleType": "text",
    "RoleDefinitionId": "number",
    "RoleName": "text",
    "RoleDescription": "text",
    "RoleDefinitionCode": "text",
}


class Fault(Exception):
    """What the caller did wrong, as status, reason and more header fields."""

    def __init__(self, status: int, reason: str, *headers: tuple[str, str]) -> None:
        self.status, self.reason, self.headers = status, reason, list(headers)


class Environment:
    """One running environment: its content, its settings, and the twists that take hold of it."""

    def __init__(self, twists: tuple[Twist, ...]) -> None:
        self.twists = twists
        self.settings = SETTINGS | {name: value for one in twists for name, value in one.settings.items()}
        self.style = STYLE | {name: value for one in twists for name, value in one.style.items()}
        self.world = world(max([2, *(one.size for one in twists)]))
        for twist in twists:
            if twist.content:
                twist.content(self.world)
        self.root = ""
        self.visits: dict[tuple[str, str], int] = {}
        self.read: set[str] = set()
        self.asked = 0
        self.connections = itertools.count(1)
        self.memory: dict[str, Any] = {}
        self.lock = threading.Lock()

    # --- addresses ------------------------------------------------------------------------------------------------

    def url(self, inner: str) -> str:
        """The published address of an inner path (which may carry a query)."""
        path, _, query = inner.partition("?")
        entries = ("metadata", "my/messages", "reportees", "")
        if path not in entries and "{" not in path:
            if self.settings["opaque"]:
                path = "o/" + base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")
            elif self.settings["moved"]:
                path = self.settings["moved"] + "/" + path
            if self.settings["redirects"]:
                path = "go/" + path
        base = "/api/" if self.settings["relative"] else self.root + "/"
        return base + path + ("?" + query if query else "")

    def inner(self, path: str) -> str:
        path = path.removeprefix("go/")
        moved = self.settings["moved"]
        if moved and path.startswith(moved + "/"):
            path = path[len(moved) + 1 :]
        if self.settings["opaque"] and path.startswith("o/"):
            code = path[2:]
            return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
        return path

    # --- answering ------------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, headers: Mapping[str, str], connection: int = 0) -> Reply:
        ask = self.understood(method, target, headers, connection)
        with self.lock:
            self.asked += 1
            try:
                reply = self.early(ask) or self.routed(ask)
            except Fault as fault:
                reply = self.refusal(ask, fault)
            except BadQuery as wrong:
                reply = self.refusal(ask, Fault(400, str(wrong)))
            self.sign(ask, reply)
            for twist in self.twists:
                if twist.wire:
                    twist.wire(self, ask, reply)
        return reply

    def understood(self, method: str, target: str, headers: Mapping[str, str], connection: int) -> Ask:
        split = urlsplit(target)
        path = unquote(split.path).removeprefix("/api").strip("/")
        text = split.query.replace("+", "%2B") if self.settings["literal_plus"] else split.query
        query = dict(parse_qsl(text, keep_blank_values=True))
        ask = Ask(method, target, path, query, headers, connection=connection)
        for twist in self.twists:
            if twist.ask:
                twist.ask(self, ask)
        return ask

    def early(self, ask: Ask) -> Reply | None:
        for twist in self.twists:
            found = twist.early(self, ask) if twist.early else None
            if found:
                return found
        return None

    def routed(self, ask: Ask) -> Reply:
        if ask.path.startswith("ui/"):
            return Reply(200, "OK", [("Content-Type", "text/html; charset=utf-8")], b"<html><body>Portal</body></html>")
        if ask.path.partition("/")[0].lower() == "help":
            return self.helped(ask)
        if self.settings["redirects"] and ask.path.startswith("go/"):
            query = urlsplit(ask.target).query
            return Reply(
                307, "Temporary Redirect", [("Location", "/api/" + ask.path[3:] + ("?" + query if query else ""))], b""
            )
        ask.path = self.inner(ask.path)
        if ask.method == "OPTIONS":
            return self.options(ask)
        if ask.method not in ("GET", "HEAD"):
            raise Fault(405, "Method Not Allowed", ("Allow", METHODS))
        self.admit(ask)
        self.check(ask)
        found = self.find(ask)
        if isinstance(found, Document):
            return self.file(found)
        ask.format = self.negotiated(ask)
        ask.visit = self.visits.get((ask.path, ask.format), 0)
        if ask.method == "GET":
            self.visits[ask.path, ask.format] = ask.visit + 1
        return self.written(ask, found)

    def helped(self, ask: Ask) -> Reply:
        """What is said to people who look for help, whoever they are."""
        name = ask.path.partition("/")[2]
        found = help.page(name) if name else help.index()
        if found is None:
            return Reply(404, "Not Found", [("Content-Type", "text/html")], b"<html><body>No such page</body></html>")
        return Reply(200, "OK", [("Content-Type", "text/html; charset=utf-8")], found.encode())

    def options(self, ask: Ask) -> Reply:
        reply = Reply(200, "OK", [("Allow", METHODS)], b"")
        if ask.headers.get("Access-Control-Request-Method") and ask.origin in self.settings["registered"]:
            reply.put("Access-Control-Allow-Methods", METHODS)
            reply.put("Access-Control-Allow-Headers", "ApiKey, Accept, Authorization, Content-Type, X-Requested-With")
            reply.put("Access-Control-Max-Age", "600")
        return reply

    def admit(self, ask: Ask) -> None:
        """Open content is for all; the rest needs a key and a login."""
        if ask.open:
            return
        key = ask.headers.get("ApiKey")
        if not key:
            raise Fault(400, "Required header 'ApiKey' is missing.")
        if key != KEY and self.settings["check_key"]:
            raise Fault(403, "Forbidden - The API key is not authorized for this operation")
        if not self.logged_in(ask.headers.get("Authorization") or ""):
            if self.settings["login"] == "302":
                raise Fault(302, "Found", ("Location", self.root.removesuffix("/api") + "/ui/login"))
            if self.settings["login"] == "200":
                raise Fault(200, "OK")
            raise Fault(
                int(self.settings["login"]), "Authorization failed: log in first", ("WWW-Authenticate", "Bearer")
            )

    def logged_in(self, value: str) -> bool:
        scheme, _, given = value.partition(" ")
        head, _, signed = given.strip().rpartition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(signed.encode(), signature(head).encode()):
            return False
        claims = head.partition(".")[2]
        return bool(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"] > time.time())

    def check(self, ask: Ask) -> None:
        for name, value in ask.query.items():
            known = self.settings["known_parameters"]
            if known and name not in known and not name.startswith("$"):
                raise BadQuery(f"The parameter {name} is not known.")
            if name.startswith("$") and name not in OPTIONS:
                raise BadQuery(f"The query option {name} is not supported.")
            if name == "language" and value not in LANGUAGES:
                raise BadQuery(f"The language {value} is not known.")
            if name == "markAsRead" and value.lower() not in ("true", "false"):
                raise BadQuery("markAsRead is true or false.")
            if name in ("dateFrom", "dateTo"):
                select([], {"$filter": f"CreatedDate ge datetime'{value}'"}, dict, {"CreatedDate": "moment"})

    def negotiated(self, ask: Ask) -> str:
        accept = ask.headers.get("Accept")
        ask.explicit = bool(accept and accept.strip() and accept.strip() != "*/*")
        best = chosen(accept, self.settings["default"])
        if best:
            return best
        if self.settings["unmet"] == "refuse":
            raise Fault(406, "Not Acceptable: the formats are " + ", ".join(FORMATS))
        ask.explicit = False
        return str(self.settings["default"])

    def written(self, ask: Ask, doc: Doc) -> Reply:
        for twist in self.twists:
            if twist.doc:
                twist.doc(self, ask, doc)
        body = write(doc, self.style, ask.format)
        for twist in self.twists:
            if twist.body:
                body = twist.body(self, ask, body)
        charset = self.style["encoding"] if ask.format in (XML, HAL_XML) else "utf-8"
        reply = Reply(
            200,
            "OK",
            [
                ("Content-Type", f"{ask.format}; charset={charset}"),
                ("Cache-Control", "no-cache"),
                ("Pragma", "no-cache"),
            ],
            body,
        )
        if doc.listed and self.memory.get("limit_reached"):
            reply.put("X-Warning-LimitReached", "true")
        return self.validated(ask, reply)

    def validated(self, ask: Ask, reply: Reply) -> Reply:
        if not self.settings["etag"]:
            return reply
        mark = '"' + hashlib.sha256(reply.body + ask.format.encode()).hexdigest()[:16] + '"'
        if self.settings["etag"] == "weak":
            mark = "W/" + mark
        reply.put("ETag", mark)
        if mark in (ask.headers.get("If-None-Match") or ""):
            return Reply(304, "Not Modified", [one for one in reply.headers if one[0] != "Content-Type"], b"")
        return reply

    def file(self, found: Document) -> Reply:
        reply = Reply(200, "OK", [("Content-Type", found.media), ("Cache-Control", "no-cache")], found.content)
        if found.name:
            reply.put("Content-Disposition", f"attachment; filename*=UTF-8''{quote(found.name)}")
        return reply

    def refusal(self, ask: Ask, fault: Fault) -> Reply:
        reply = Reply(fault.status, fault.reason, list(fault.headers), b"")
        if fault.status == 200:
            reply.put("Content-Type", "text/html; charset=utf-8")
            reply.body = b"<html><body><form action='/ui/login'>Log in</form></body></html>"
            return reply
        if fault.status < 400 or self.settings["errors"] == "none":
            return reply
        wants = ask.format or chosen(ask.headers.get("Accept"), JSON) or JSON
        told = {"ErrorCode": 40000 + fault.status, "ErrorMessage": fault.reason}
        if self.settings["errors"] == "text":
            media, body = "text/plain; charset=utf-8", fault.reason.encode()
        elif "xml" in wants and self.settings["errors"] == "object":
            media = "application/xml; charset=utf-8"
            body = write(Doc("Error", told), STYLE, XML)
        else:
            media = "application/json; charset=utf-8"
            body = json.dumps([told] if self.settings["errors"] == "array" else told).encode()
        reply.put("Content-Type", media)
        reply.body = body
        return reply

    def sign(self, ask: Ask, reply: Reply) -> None:
        """What every answer carries: who may read it, and what it depends on."""
        if ask.origin in self.settings["registered"] and ask.origin:
            reply.put("Access-Control-Allow-Origin", ask.origin)
            reply.put("Access-Control-Allow-Credentials", "true")
            reply.put("Access-Control-Expose-Headers", "X-Warning-LimitReached")
        reply.put("Vary", self.settings["vary"])

    # --- finding --------------------------------------------------------------------------------------------------

    def find(self, ask: Ask) -> Doc | Document:
        parts = ask.parts
        low = [one.lower() for one in parts]
        if self.settings["absent"] and re.search(self.settings["absent"], ask.path):
            raise Fault(404, "Not Found")
        if self.settings["exact_case"] and any(
            one in FIXED and one != part for one, part in zip(low, parts, strict=True)
        ):
            raise Fault(404, "Not Found")
        if ask.path == "" and self.settings["front"]:
            return Doc(
                "Front",
                {"Title": "Nordmarka"},
                [
                    Link("self", self.url("")),
                    Link("metadata", self.url("metadata")),
                    Link("messages", self.url("my/messages")),
                    Link("reportees", self.url("reportees")),
                ],
            )
        if low[0] == "metadata":
            return self.metadata(ask, parts[1:])
        if low[0] == "reportees" and len(parts) <= 2:
            return self.reportees(ask) if len(parts) == 1 else self.reportee(ask, parts[1])
        box = self.world.box(low[0])
        if box and low[1:2] == ["messages"]:
            return self.messages(ask, box) if len(parts) == 2 else self.inside(ask, box, parts[2:])
        raise Fault(404, "Not Found")

    def listed(
        self,
        ask: Ask,
        kind: str,
        name: str,
        rows: list[Any],
        of: Callable[[Any], Doc],
        known: Mapping[str, str],
        links: list[Link],
        limited: bool,
    ) -> Doc:
        for twist in self.twists:
            rows = twist.rows(self, ask, rows) if twist.rows else rows
        fitting = select(rows, ask.query, lambda row: of(row).props, known)
        limit = self.settings["limit"] if limited else None
        cut = page(fitting, ask.query, limit)
        for twist in self.twists:
            cut = twist.shown(self, ask, cut) if twist.shown else cut
        if self.settings["next"] and limit and "$top" not in ask.query:
            links = links + self.next_page(ask, len(fitting), limit)
        return Doc(kind + "List", {}, links, {name: [of(row) for row in cut]}, name)

    def next_page(self, ask: Ask, total: int, limit: int) -> list[Link]:
        after = int(ask.query.get("$skip", "0")) + limit
        if after >= total:
            return []
        return [Link("next", self.url(ask.path + "?" + urlencode(ask.query | {"$skip": str(after)})))]

    def say(self, ask: Ask, value: Any) -> Any:
        return value.say(ask.language) if isinstance(value, Text) else value

    def asked_in(self, ask: Ask) -> str:
        return f"language={ask.query['language']}" if "language" in ask.query else ""

    def link(self, ask: Ask, rel: str, inner: str, **attrs: Any) -> Link:
        """A link that keeps the language that was asked for."""
        extra = self.asked_in(ask)
        return Link(rel, self.url(inner + (("&" if "?" in inner else "?") + extra if extra else "")), attrs)

    # metadata

    def metadata(self, ask: Ask, parts: list[str]) -> Doc | Document:
        low = [one.lower() for one in parts]
        match low:
            case []:
                return self.listed(
                    ask,
                    "ServiceMetaData",
                    "metadata",
                    self.world.services,
                    lambda row: self.service(ask, row, False),
                    SERVICE_FIELDS,
                    [self.link(ask, "self", "metadata")],
                    False,
                )
            case [kind, code, edition] if kind in PUBLIC_KINDS and edition.isdigit():
                return self.service(ask, self.known_service(kind, code, int(edition)), True)
            case ["formtask", code, edition, "forms", form, version, "xsd"] if edition.isdigit():
                return self.schema(self.known_service("formtask", code, int(edition)), form, version)
            case ["formtask", code, edition, "attachmentrules", rule, "xsd"] if edition.isdigit():
                return self.rule_schema(self.known_service("formtask", code, int(edition)), rule)
            case ["codelists", *rest]:
                return self.codelist(ask, parts[1:]) if rest else self.codelists(ask)
            case ["roledefinitions"]:
                return self.listed(
                    ask,
                    "RoleDefinition",
                    "roledefinitions",
                    self.world.roles,
                    lambda row: self.role(ask, row),
                    ROLE_FIELDS,
                    [self.link(ask, "self", "metadata/roledefinitions")],
                    False,
                )
            case ["roledefinitions", number]:
                return self.role(ask, self.known_role(number))
            case ["rolerequirements"]:
                return self.requirements(ask)
        raise Fault(404, "Not Found")

    def known_service(self, kind: str, code: str, edition: int) -> Service:
        found = self.world.service(code, edition)
        if found is None or found.kind != kind:
            raise Fault(404, "Not Found: no such service")
        return found

    def schema(self, service: Service, form: str, version: str) -> Document:
        if not any((one[2], str(one[3])) == (form, version) for one in service.forms):
            raise Fault(404, "Not Found: no such form")
        content = f"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' id='f{form}'/>"
        return Document("application/xml", content.encode(), "schema.xsd")

    def rule_schema(self, service: Service, rule: str) -> Document:
        if rule not in map(str, service.rules):
            raise Fault(404, "Not Found: no such rule")
        return Document("application/xml", b"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>", "rule.xsd")

    def service(self, ask: Ask, service: Service, whole: bool) -> Doc:
        path = f"metadata/{service.kind}/{service.code}/{service.edition}"
        needs = f"metadata/rolerequirements?serviceCode={service.code}&serviceEditionCode={service.edition}"
        links = [self.link(ask, "self", path), self.link(ask, "rolerequirements", needs)]
        props: dict[str, Any] = {
            "ServiceOwnerCode": service.owner_code,
            "ServiceOwnerName": self.say(ask, service.owner),
            "ServiceName": self.say(ask, service.name),
            "ServiceCode": service.code,
            "ServiceEditionName": self.say(ask, service.name),
            "ServiceEditionCode": service.edition,
            "ValidFrom": Moment("2016-02-12T10:21:00"),
            "ValidTo": Moment("2046-12-07T10:41:00.5"),
            "ServiceType": service.type,
            "EnterpriseUserEnabled": service.kind != "lookup",
        }
        if whole and service.kind == "formtask":
            props |= {"RestEnabled": True, "AltinnAppId": None}
            props["FormsMetaData"] = [self.form_metadata(ask, path, row) for row in service.forms]
            props["AttachmentRules"] = [self.rule(ask, path, row) for row in service.rules]
            props["ProcessSteps"] = [
                Doc("ProcessStep", {"SequenceNumber": 1, "Name": "Innsending", "SecurityLevel": 2}),
                Doc("ProcessStep", {"SequenceNumber": 2, "Name": "Signering", "SecurityLevel": 4}),
            ]
        return Doc("ServiceMetaData", props, links)

    def form_metadata(self, ask: Ask, path: str, row: tuple[int, str, str, int, str]) -> Doc:
        return Doc(
            "FormMetaData",
            {
                "FormID": row[0],
                "FormName": row[1],
                "DataFormatProviderType": "Seres",
                "DataFormatID": row[2],
                "DataFormatVersion": row[3],
                "IsOnlyXsdValidation": False,
                "FormType": row[4],
            },
            [Link("schema", self.url(f"{path}/forms/{row[2]}/{row[3]}/xsd"))],
        )

    def rule(self, ask: Ask, path: str, row: int) -> Doc:
        return Doc(
            "AttachmentRule",
            {
                "AttachmentRuleId": row,
                "AllowedFileTypes": "pdf;txt",
                "AttachmentTypeName": "Plan",
                "IsCheckSumAllowed": False,
                "IsXsdValidationRequired": True,
                "MaxAttachmentCount": 3,
                "MaxFileSize": 1024,
                "MinAttachmentCount": 0,
            },
            [Link("schema", self.url(f"{path}/attachmentrules/{row}/xsd"))],
        )

    def codelists(self, ask: Ask) -> Doc:
        rows = [one for one in self.world.codelists if ask.language in one["languages"]]
        return self.listed(
            ask,
            "CodeList",
            "codelists",
            rows,
            lambda row: self.codes(ask, row, False),
            CODELIST_FIELDS,
            [self.link(ask, "self", "metadata/codelists")],
            False,
        )

    def codelist(self, ask: Ask, parts: list[str]) -> Doc:
        rows = [
            one
            for one in self.world.codelists
            if one["Name"].lower() == parts[0].lower() and parts[1:] in ([], [str(one["Version"])])
        ]
        if not rows or ask.language not in rows[0]["languages"]:
            raise Fault(404, "Not Found: no such code list")
        return self.codes(ask, rows[0], True)

    def codes(self, ask: Ask, row: dict[str, Any], whole: bool) -> Doc:
        props: dict[str, Any] = {"Name": row["Name"], "Version": row["Version"], "Language": int(ask.language)}
        if whole:
            props["Codes"] = [
                Doc("Code", {"Code": code, "Value1": self.say(ask, one), "Value2": two, "Value3": three})
                for code, one, two, three in row["codes"]
            ]
        return Doc("CodeList", props, [self.link(ask, "self", f"metadata/codelists/{row['Name']}/{row['Version']}")])

    def known_role(self, number: str) -> dict[str, Any]:
        found = [one for one in self.world.roles if str(one["RoleDefinitionId"]) == number]
        if not found:
            raise Fault(404, "Not Found: no such role")
        return found[0]

    def role(self, ask: Ask, row: dict[str, Any]) -> Doc:
        props = {name: self.say(ask, value) for name, value in row.items()}
        return Doc(
            "RoleDefinition", props, [self.link(ask, "self", f"metadata/roledefinitions/{row['RoleDefinitionId']}")]
        )

    def requirements(self, ask: Ask) -> Doc:
        edition = ask.query.get("serviceEditionCode", "")
        code = ask.query.get("serviceCode", "")
        if not edition.isdigit() or (code, int(edition)) not in self.world.needs:
            raise Fault(404, "Not Found: no such service")
        own = self.link(ask, "self", f"metadata/rolerequirements?serviceCode={code}&serviceEditionCode={edition}")
        rows = [self.requirement(ask, role, names) for role, names in self.world.needs[code, int(edition)]]
        return Doc("RoleRequirementList", {}, [own], {"rolerequirements": rows}, "rolerequirements")

    def requirement(self, ask: Ask, number: int, names: tuple[str, ...]) -> Doc:
        role = self.known_role(str(number))
        steps = [Doc("AppliesToItem", {"SequenceNumber": 1, "Name": "FormFilling", "SecurityLevel": 2})]
        return Doc(
            "RoleRequirement",
            {
                "RoleDefinitionId": number,
                "RoleDefinitionCode": role["RoleDefinitionCode"],
                "LocalizedRoleName": self.say(ask, role["RoleName"]),
                "ParentRoleDefinitionIds": role.get("ParentRoleDefinitionIds", []),
                "IsDelegable": number == 9,
                "Operations": [
                    Doc(
                        "Operation",
                        {
                            "Name": name,
                            "LocalizedFriendlyName": name.upper(),
                            "AppliesTo": steps if name == "Write" else [],
                        },
                    )
                    for name in names
                ],
            },
            [self.link(ask, "roledefinition", f"metadata/roledefinitions/{number}")],
        )

    # private

    def reportees(self, ask: Ask) -> Doc:
        links = [self.link(ask, "self", "reportees"), Link("find", self.url("reportees/{reporteeId}"), {}, True)]
        return self.listed(
            ask,
            "Reportee",
            "reportees",
            self.world.reportees,
            lambda row: self.reportee_doc(ask, row),
            REPORTEE_FIELDS,
            links,
            True,
        )

    def reportee(self, ask: Ask, wanted: str) -> Doc:
        found = [one for one in self.world.reportees if one["ReporteeId"] == wanted.lower()]
        if not found:
            raise Fault(404, "Not Found: no such reportee")
        return self.reportee_doc(ask, found[0])

    def reportee_doc(self, ask: Ask, row: dict[str, Any]) -> Doc:
        who = row.get("OrganizationNumber") if self.settings["orgno_links"] else None
        return Doc(
            "Reportee",
            {name: self.say(ask, value) for name, value in row.items()},
            [
                self.link(ask, "self", f"reportees/{row['ReporteeId']}"),
                self.link(ask, "messages", f"{who or row['ReporteeId']}/messages"),
            ],
        )

    def who(self, ask: Ask, box: Box) -> str:
        return box.reportee if self.settings["canonical_who"] else ask.parts[0]

    def messages(self, ask: Ask, box: Box) -> Doc:
        who = self.who(ask, box)
        links = [
            self.link(ask, "self", f"{who}/messages"),
            Link("find", self.url(f"{who}/messages/{self.settings['find']}"), {}, True),
            Link("portalview", self.root.removesuffix("/api") + "/ui/inbox"),
        ]
        rows = sorted(box.messages, key=lambda one: one.changed, reverse=not self.settings["oldest_first"])
        rows = [one for one in rows if ask.query.get("dateFrom", "") <= one.changed <= ask.query.get("dateTo", "9")]
        whole = self.settings["full_items"]
        doc = self.listed(
            ask,
            "Message",
            "messages",
            rows,
            lambda row: self.message(ask, box, row, whole),
            MESSAGE_FIELDS,
            links,
            True,
        )
        if self.settings["linked_items"] and self.negotiated(ask) in (HAL_JSON, HAL_XML):
            doc.links += [Link("messages", str(one.link("self").href)) for one in doc.items]  # type: ignore[union-attr]
            doc.embedded = {}
        return doc

    def known_message(self, box: Box, wanted: str) -> Message:
        found = [one for one in box.messages if one.id == wanted.lower()]
        if not found:
            raise Fault(404, "Not Found: no such message")
        return found[0]

    def inside(self, ask: Ask, box: Box, parts: list[str]) -> Doc | Document:
        message = self.known_message(box, parts[0])
        match [one.lower() for one in parts[1:]]:
            case []:
                self.mark(ask, message)
                return self.message(ask, box, message, True)
            case ["print"] if message.print:
                page_of = (
                    "<html><body>{}</body></html>"
                    if "html" in self.settings["print_media"]
                    else "%PDF-1.4\n% {}\n%%EOF\n"
                )
                content = page_of.format(message.id).encode()
                return Document(self.settings["print_media"], content)
            case ["attachments", number]:
                for file in message.files:
                    if file.id == number:
                        return Document(file.media, file.content, file.file_name)
            case ["forms", number, *rest] if rest in ([], ["formdata"]):
                for form in message.forms:
                    if str(form.id) == number:
                        if rest:
                            return Document("application/xml", form.xml.encode())
                        return self.form(ask, f"{self.who(ask, box)}/messages/{message.id}/forms/{form.id}", form)
        raise Fault(404, "Not Found")

    def mark(self, ask: Ask, message: Message) -> None:
        quiet = ask.query.get("markAsRead", "true").lower() == "false"
        if ask.method == "GET" and message.type == "Correspondence" and not quiet:
            self.read.add(message.id)

    def form(self, ask: Ask, path: str, form: Any) -> Doc:
        return Doc(
            "Form",
            {
                "FormId": form.id,
                "Type": form.type,
                "DataFormatId": form.format_id,
                "DataFormatVersion": form.version,
                "ValidationStatus": "NotValidated",
                "Name": form.name,
                "SigningLocked": form.type == "MainForm",
                "SignedByDefault": True,
            },
            [
                self.link(ask, "self", path),
                Link("formdata", self.url(path + "/formdata"), {"mime-type": "application/xml"}),
            ],
        )

    def reply_option(self, ask: Ask, who: str, row: dict[str, Any]) -> Doc:
        members = {name: value for name, value in row.items() if name != "path"}
        if "path" in row:
            members = {"Type": row["Type"], "URL": self.absolute(row["path"].format(who=who))} | members
        return Doc("ReplyOption", members)

    def absolute(self, inner: str) -> str:
        found = self.url(inner)
        return found if found.startswith("http") else self.root.removesuffix("/api") + found

    def message(self, ask: Ask, box: Box, row: Message, whole: bool) -> Doc:
        who = self.who(ask, box)
        path = f"{who}/messages/{row.id}"
        service = self.world.service(*row.service)
        if service is None:
            raise LookupError(row.service)
        unread = row.status[0] == "Unread" and row.id not in self.read
        status = Text(("Read", "Lest", "Lesen")) if row.status[0] == "Unread" and not unread else row.status
        props: dict[str, Any] = {
            "MessageId": row.id,
            "OriginalId": row.original,
            "Subject": row.subject,
            "Status": self.say(ask, status),
            "MarkedUnread": unread,
            "LastChangedDateTime": Moment(row.changed),
            "CreatedDate": Moment(row.created),
            "LastChangedBy": row.by,
            "ServiceOwner": self.say(ask, service.owner),
            "Type": row.type,
            "MessageSender": row.sender,
            "ServiceCode": service.code,
            "ServiceEdition": service.edition,
            "DueDate": Moment(row.due) if row.due else None,
            "ArchiveReference": row.archive,
            "ReplyOptions": [self.reply_option(ask, who, one) for one in row.replies],
        }
        links = [self.link(ask, "self", path)]
        if row.print:
            links.append(Link("print", self.url(path + "/print"), {"mime-type": self.settings["print_media"]}))
        links += [
            self.link(ask, "metadata", f"metadata/{service.kind}/{service.code}/{service.edition}"),
            Link("portalview", self.root.removesuffix("/api") + f"/ui/message?id={row.id}&x=1"),
        ]
        if whole:
            props |= {"Summary": row.summary, "Body": row.body}
            links += self.parts_of(ask, path, who, row)
        if self.settings["uri_members"] and self.negotiated(ask) in (JSON, XML):
            props["MessageLink"] = links[0].href
        return Doc("Message", props, links)

    def parts_of(self, ask: Ask, path: str, who: str, row: Message) -> list[Link]:
        files = [
            Link(
                "attachment",
                self.url(f"{path}/attachments/{one.id}"),
                {
                    "name": one.name,
                    "fileName": one.file_name,
                    "encrypted": False,
                    "signinglocked": False,
                    "signedbydefault": one.signed,
                    "filesize": len(one.content),
                },
            )
            for one in row.files
        ]
        forms = [self.link(ask, "form", f"{path}/forms/{one.id}", name=one.name) for one in row.forms]
        archived = [self.link(ask, "archivereference", f"{who}/messages/{row.archived_as}")] if row.archived_as else []
        return forms + files + archived


def chosen(accept: str | None, default: str) -> str | None:
    """The format that the header asks for, by quality and specificity; ties go to the default, then to the table."""
    if accept is None or not accept.strip():
        return default
    ranges = [one for one in (media_range(text) for text in accept.split(",")) if one]
    if any(kind == "text/html" and q > 0 for kind, q in ranges):
        ranges = [(HAL_JSON if kind == "text/html" else kind, q) for kind, q in ranges]
    order = [default, *(one for one in FORMATS if one != default)]
    best, quality = None, 0.0
    for media in order:
        q = max(
            (row for row in ((specificity(kind, media), value) for kind, value in ranges) if row[0]), default=(0, 0.0)
        )
        if q[1] > quality:
            best, quality = media, q[1]
    return best


def specificity(kind: str, media: str) -> int:
    if kind == media:
        return 3
    if kind.endswith("/*") and kind[:-1] == media[: len(kind) - 1]:
        return 2
    return 1 if kind == "*/*" else 0


def media_range(text: str) -> tuple[str, float] | None:
    kind, *parameters = (one.strip() for one in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value.strip())
            except ValueError:
                return None
    return (kind.lower(), quality) if "/" in kind else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    environment: Environment
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.number = next(self.environment.connections)

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(length)
        plain = Joined(self.headers.items())
        reply = self.environment.answer(self.command, self.path, plain, self.number)
        self.wfile.write(framed(self.environment, self.command, reply))
        self.wfile.flush()
        if reply.get("Connection") == "close" or self.headers.get("Connection", "").lower() == "close":
            self.close_connection = True

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a campaign asks a hundred thousand times."""


class Joined(dict[str, str]):
    """Header fields by name without case; several lines of one name are one list."""

    def __init__(self, rows: Any) -> None:
        super().__init__()
        for name, value in rows:
            low = name.lower()
            self[low] = f"{self[low]}, {value}" if low in self else value

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def framed(environment: Environment, method: str, reply: Reply) -> bytes:
    """The bytes on the wire: coding and length are decided here, unless a twist has already said them."""
    body = reply.body
    if environment.settings["gzip"] and body and not reply.get("Content-Encoding"):
        body = gzip.compress(body, 1, mtime=0)
        reply.put("Content-Encoding", "gzip")
    chunked = environment.settings["chunked"] and body and method != "HEAD" and not reply.get("Content-Length")
    if chunked:
        reply.put("Transfer-Encoding", "chunked")
        pieces = [body[at : at + 200] for at in range(0, len(body), 200)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"
    elif (
        reply.status not in (204, 304)
        and not reply.get("Content-Length")
        and (method != "HEAD" or environment.settings["head_length"])
    ):
        reply.put("Content-Length", str(len(body)))
    if environment.settings["close"]:
        reply.put("Connection", "close")
    head = f"HTTP/1.1 {reply.status} {reply.reason}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in reply.headers) + "\r\n"
    keep = method == "HEAD" and not environment.memory.get("head_body")
    return head.encode("latin-1", "replace") + (b"" if keep else body)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up in the middle is the caller's affair; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve(*twists: Twist) -> Iterator[Environment]:
    """The environment on a free port of 127.0.0.1 until the context ends."""
    environment = Environment(twists)
    handler = type("BoundHandler", (Handler,), {"environment": environment})
    server = Server(("127.0.0.1", 0), handler)
    environment.root = f"http://127.0.0.1:{server.server_address[1]}/api"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield environment
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
