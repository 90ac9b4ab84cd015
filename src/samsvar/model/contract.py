"""What is promised: guarantees, resource types, relations, entries, profiles, read from contracts/ and checked there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from samsvar.model.exchange import Client, Fields, Login
from samsvar.model.privacy import Private

NOTHING: Mapping[str, str] = {}
"""No words at all; nobody writes into a Mapping."""


class Level(StrEnum):
    """How strongly the contract promises (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One sentence of the contract.

    statement, seen, failure, remedy: by language ("en", "nb"): what is promised, how it is seen, what a failure means
    for a client, what to do. needs: what a run must be given to see it ("key", "login", "origin", "browser", "unsafe",
    "second-login", "two-snapshots"). excluded: why it cannot be seen from outside. not_yet: why samsvar does not
    see it yet. companions: guarantees that are bound to fail with it.
    """

    id: str
    level: Level
    statement: Mapping[str, str]
    sources: tuple[str, ...]
    seen: Mapping[str, str] = field(default_factory=dict)
    failure: Mapping[str, str] = field(default_factory=dict)
    remedy: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    excluded: str = ""
    not_yet: str = ""

    @property
    def family(self) -> str:
        """The id's first word: "FORMAT"."""
        return self.id.rpartition("-")[0]


class ValueKind(StrEnum):
    """Declared kinds of value."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    INSTANT = "instant"  # date and time; without zone it is Norwegian local time
    URI = "uri"
    UUID = "uuid"
    OBJECT = "object"
    LIST = "list"
    ANY = "any"  # not declared


@dataclass(frozen=True, slots=True)
class Shape:
    """The declared type of a value. members: of an object; item: of a list. ordered: the list's order means something.
    localised: a display text that the language parameter may change. words: the closed set of documented words.
    required: always there. nullable: absent, null and i:nil mean the same. also: other kinds that sources show
    (a number written as text, ...). name: the model, for a reference to one. private: of which kind the value is, None
    when anybody may read it."""

    kind: ValueKind = ValueKind.ANY
    members: Mapping[str, "Shape"] = field(default_factory=dict)
    item: "Shape | None" = None
    ordered: bool = False
    nullable: bool = True
    localised: bool = False
    words: tuple[str, ...] = ()
    required: bool = False
    also: tuple[ValueKind, ...] = ()
    name: str = ""
    private: Private | None = None


class Access(StrEnum):
    """What a resource asks of its caller."""

    OPEN = "open"
    API_KEY = "api-key"
    USER = "user"
    ENTERPRISE = "enterprise"
    SERVICE_OWNER = "service-owner"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One kind of resource.

    shape: its model (None: a document without a data model, such as a print or a schema). element: for a list, the
    type of its elements. container: the names under which HAL embeds the elements ("messages", then other spellings).
    key: the properties that identify it, in order (empty: it is one per owner). formats: the media types promised.
    limited: the list holds at most ``Contract.list_limit`` elements. searchable: $filter, $top, $skip, $orderby work.
    ordered: the order of the list means something. read_parameters: query parameters that every read carries
    ("markAsRead": "false"). media_types: for documents, what may come.
    """

    name: str
    shape: Shape | None = None
    element: str = ""
    container: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    access: Access = Access.USER
    limited: bool = False
    searchable: bool = False
    ordered: bool = False
    localised: bool = False
    dates: bool = False
    read_parameters: Mapping[str, str] = field(default_factory=dict)
    media_types: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        return bool(self.element)


class RelationKind(StrEnum):
    """What following a relation gives."""

    SELF = "self"
    RESOURCE = "resource"  # another place of the API
    DOCUMENT = "document"  # bytes: print, attachment, schema, form data
    SEARCH = "search"  # a template that finds an element by its key
    PAGE = "page"  # the next page of the same list
    PORTAL = "portal"  # a page for people, outside the API: never followed
    ACTION = "action"  # following it would do something: never followed


@dataclass(frozen=True, slots=True)
class Relation:
    """What a link relation means when it stands on a resource of type ``source`` ("*": on any).

    target: the type it leads to. match: property of the target -> property of the source that must be equal to it
    ({"ServiceCode": "ServiceCode", "ServiceEditionCode": "ServiceEdition"}). variables: for SEARCH, template variable
    (compared without case) -> key property of the element. required: the documentation says it is there.
    when: only when these properties of the source have one of these words ({"Type": ("FormTask",)}).
    many: may occur more than once. statement: the meaning, by language.
    """

    rel: str
    source: str
    kind: RelationKind
    target: str = ""
    match: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    many: bool = False
    statement: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where exploring begins: path below the root, the type there, the owner key, and the relations by which a front
    page may offer it instead."""

    name: str
    path: str
    type: str
    owner: str
    rels: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the documentation shows, and what it says that comes.

    path, query, headers: as the page has them, below the root; a name in braces stands for what each reader has to put
    in ("{MessageId}", "{origin}"). type: of the resource there. by: the client that the page shows it for. says: the
    names of what the page says of the answer. statement: what the request is for, by language.
    """

    id: str
    path: str
    type: str
    says: tuple[str, ...]
    by: Client = Client.OWN
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Fields = ()
    login: Login = Login.GIVEN
    statement: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HelpIndex:
    """Where an index of the help pages stands: path below the root. about: the first segment of the operations that it
    lists; "" for all that no other index is about. required: the documentation says that it is there."""

    path: str
    about: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Help:
    """The self-documenting help pages. indexes: where to look. unlisted: operations that they need not list, and
    unshown: properties ("RoleRequirement/Parents") that their models need not show, because the contract knows them
    from elsewhere."""

    indexes: tuple[HelpIndex, ...] = ()
    unlisted: tuple[tuple[str, str], ...] = ()
    unshown: tuple[str, ...] = ()


class Organisations(StrEnum):
    """Whose organisation numbers are private."""

    ALL = "all"
    SOLE_PROPRIETORS = "sole-proprietors"  # and those of whom it is not known
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Privacy:
    """What a profile leaves to choose: free texts (subjects, bodies, documents) and organisation numbers. All else
    that is private is never kept as it is."""

    texts: bool = True
    organisations: Organisations = Organisations.ALL


@dataclass(frozen=True, slots=True)
class Profile:
    """How much a run must see. tested: guarantees that must not stay untested; places: least number per type;
    formats: the media types that are judged (the report says which are left out). privacy: what is cleaned away.
    greatest_age: days after which a recording proves nothing any more (None: it always does)."""

    name: str
    statement: Mapping[str, str] = field(default_factory=dict)
    tested: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    privacy: Privacy = Privacy()
    greatest_age: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A whole contract. The mappings are keyed by id, type name, profile name. openapi: the description of its reads as
    OpenAPI 3.1, with the models inside; empty where a contract has none. It is read when it is first looked at."""

    name: str
    version: str
    guarantees: Mapping[str, Guarantee]
    types: Mapping[str, ResourceType]
    relations: tuple[Relation, ...]
    entries: tuple[Entry, ...]
    profiles: Mapping[str, Profile]
    shapes: Mapping[str, Shape]
    hosts: tuple[tuple[str, ...], ...] = ()
    languages: tuple[str, ...] = ()
    list_limit: int = 50
    actions: tuple[str, ...] = ()
    effect_paths: tuple[str, ...] = ()
    write_operations: tuple[tuple[str, str], ...] = ()
    operations: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()
    help: Help = Help()
    openapi: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Name and version as results give it: "altinn2@2026-11"."""
        return f"{self.name}@{self.version}"

    def relation(self, source: str, rel: str) -> Relation | None:
        """The meaning of a relation on a type: the type's own row first, else the row for any type ("*").
        Relation names compare without case."""
        wanted = rel.lower()
        general = None
        for row in self.relations:
            if row.rel.lower() == wanted:
                if row.source == source:
                    return row
                if row.source == "*":
                    general = row
        return general

    def relations_of(self, source: str) -> tuple[Relation, ...]:
        """All rows of a type, its own and those of any type."""
        return tuple(row for row in self.relations if row.source in (source, "*"))
