"""From parsed documents to a Contract: checked against their schemas, joined, and searched for contradictions.

In go the documents of one contract folder by their names in it ("guarantees.yaml", "resources/Message.schema.json"),
as parsed; out comes a Contract, or a ContractError of one line: file, place in it, what is wrong.
The home of jsonschema. It is imported where it is used: it costs more time than reading a whole contract.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from samsvar.errors import ContractError
from samsvar.model.contract import (
    Access,
    Contract,
    Entry,
    Example,
    Guarantee,
    Help,
    HelpIndex,
    Level,
    Organisations,
    Privacy,
    Profile,
    Relation,
    RelationKind,
    ResourceType,
    Shape,
    ValueKind,
)
from samsvar.model.exchange import Client, Login
from samsvar.model.privacy import Private

Documents = Mapping[str, Any]

SCHEMA_OF = {
    "contract.yaml": "contract",
    "guarantees.yaml": "guarantees",
    "types.yaml": "types",
    "relations.yaml": "relations",
    "examples.yaml": "examples",
    "openapi.yaml": "openapi",
}
SCHEMA_OF_FOLDER = {"profiles": "profile", "resources": "resource"}
REQUIRED_FILES = ("contract.yaml", "guarantees.yaml")

KIND_OF_JSON = {
    "string": ValueKind.TEXT,
    "integer": ValueKind.INTEGER,
    "number": ValueKind.DECIMAL,
    "boolean": ValueKind.BOOLEAN,
    "object": ValueKind.OBJECT,
    "array": ValueKind.LIST,
}
# A model that contains itself (a receipt with receipts below it) is written out so often on one path. Below that stands
# a shape with nothing but its name, which Contract.shapes knows.
RECURSION = 3

WITH_TARGET = (RelationKind.RESOURCE, RelationKind.DOCUMENT, RelationKind.SEARCH)


def schema_name(document: str) -> str:
    """The schema that a document of a contract folder must fit: "profiles/default.yaml" -> "profile"."""
    folder, _, _ = document.rpartition("/")
    return SCHEMA_OF_FOLDER[folder] if folder else SCHEMA_OF[document]


def check_document(name: str, document: object, schema: Mapping[str, Any]) -> None:
    """Raise ContractError if the document does not fit its schema; the first and most telling misfit is named."""
    import jsonschema
    from jsonschema.exceptions import best_match

    error = best_match(jsonschema.Draft202012Validator(schema).iter_errors(document))
    if error is not None:
        place = _place(document, tuple(error.absolute_path)) or "the document"
        raise ContractError(f"{name}: {place}: {_one_line(error.message)}.", "Correct the file.")


def misfits(schemas: Documents, model: str, value: object) -> tuple[str, ...]:
    """What of a JSON value does not fit a resource model; empty when it fits. ``schemas`` as ``schema_documents`` gives
    them: by file name ("Message.schema.json")."""
    import jsonschema

    # Bundled as JSON Schema 2020-12, 9.3 has it, so that a $ref finds the other models by their $id.
    bundle = {"$defs": dict(schemas), "$ref": f"{model}.schema.json"}
    validator = jsonschema.Draft202012Validator(bundle)
    return tuple(
        f"{_place(value, tuple(error.absolute_path)) or model}: {_one_line(error.message)}"
        for error in validator.iter_errors(value)
    )


MODEL = ".schema.json"
ALSO_WRITTEN = {
    "text": "string",
    "uri": "string",
    "uuid": "string",
    "instant": "string",
    "integer": "integer",
    "decimal": "number",
    "boolean": "boolean",
    "object": "object",
    "list": "array",
}
"""Declared kind -> how JSON writes it."""


def self_contained(openapi: Mapping[str, Any], schemas: Documents) -> Mapping[str, Any]:
    """An OpenAPI description whose references to resource models lead to models inside it, so that nothing else need
    be read. ``schemas`` as ``schema_documents`` gives them. Raises ContractError for a model that is not there."""
    components = dict(openapi.get("components", {}))
    components["schemas"] = {
        name: _inside(schema, schemas, name) for name, schema in components.get("schemas", {}).items()
    }
    return MappingProxyType({**openapi, "components": components})


def _inside(schema: Mapping[str, Any], schemas: Documents, name: str) -> Any:
    reference = schema.get("$ref", "")
    if not reference.endswith(MODEL):
        return schema
    file = reference.rpartition("/")[2]
    if file not in schemas or file != f"{name}{MODEL}":
        raise ContractError(f"openapi.yaml: components.schemas.{name}: there is no model {file!r}.", "Correct it.")
    bare = {key: value for key, value in schemas[file].items() if key not in ("$schema", "$id")}
    return _pointing(bare, f"#/components/schemas/{name}")


def _pointing(node: Any, home: str) -> Any:
    """A part of a model whose references are those of the whole description, and whose types tell all that ``x-also``
    allows."""
    if isinstance(node, list):
        return [_pointing(each, home) for each in node]
    if not isinstance(node, Mapping):
        return node
    made = {key: _pointing(value, home) for key, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str):
        local = reference.startswith("#/")
        made["$ref"] = home + reference[1:] if local else f"#/components/schemas/{reference.removesuffix(MODEL)}"
    if isinstance(node.get("x-also"), list):
        more = (ALSO_WRITTEN[kind] for kind in node["x-also"])
        made["type"] = list(dict.fromkeys((*_json_types(node), *more)))
    return made


def build_contract(documents: Documents) -> Contract:
    """The contract that checked documents make together. Raises ContractError where they contradict each other."""
    for name in REQUIRED_FILES:
        if name not in documents:
            raise ContractError(f"{name}: the file is missing.", "A contract needs it.")
    head = documents["contract.yaml"]
    shapes = _shapes(documents)
    relations = _relations(documents.get("relations.yaml", {"relations": ()}))
    contract = Contract(
        name=head["name"],
        version=head["version"],
        guarantees=build_guarantees(documents["guarantees.yaml"]),
        types=_types(documents.get("types.yaml", {"types": {}, "format_groups": {}}), shapes),
        relations=relations,
        entries=tuple(_entry(row) for row in head["entries"]),
        profiles=_profiles(documents),
        shapes=MappingProxyType(shapes),
        hosts=tuple(tuple(group) for group in head.get("hosts", ())),
        languages=tuple(head.get("languages", ())),
        actions=_actions(head.get("actions", ()), relations),
        effect_paths=tuple(head.get("effect_paths", ())),
        write_operations=_operations(head.get("write_operations", ())),
        operations=_operations(head.get("operations", ())),
        examples=tuple(_example(row) for row in documents.get("examples.yaml", {"examples": ()})["examples"]),
        help=_help(head.get("help", {"indexes": ()})),
        **{name: head[name] for name in ("list_limit",) if name in head},
    )
    for contradiction in contradictions(contract):
        raise ContractError(contradiction, "Correct the contract.")
    return contract


def build_guarantees(document: Mapping[str, Any]) -> Mapping[str, Guarantee]:
    """The guarantees by id, in the order in which they are written. Raises ContractError if an id stands twice."""
    rows = document["guarantees"]
    for name, count in Counter(row["id"] for row in rows).items():
        if count > 1:
            raise ContractError(f"guarantees.yaml: {name}: the id stands {count} times.", "An id is never reused.")
    return MappingProxyType({row["id"]: _guarantee(row) for row in rows})


def _guarantee(row: Mapping[str, Any]) -> Guarantee:
    texts = {name: MappingProxyType(row[name]) for name in ("statement", "seen", "failure", "remedy") if name in row}
    return Guarantee(
        id=row["id"],
        level=Level(row["level"]),
        sources=tuple(row["sources"]),
        needs=tuple(row.get("needs", ())),
        companions=tuple(row.get("companions", ())),
        excluded=row.get("excluded", ""),
        not_yet=row.get("not_yet", ""),
        **texts,
    )


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        row["name"], row["path"], row["type"], row["owner"], tuple(row.get("rels", ())), row.get("required", True)
    )


CLIENTS = {"samsvar": Client.OWN, "curl": Client.CURL, "powershell": Client.POWERSHELL}
LOGINS = {"given": Login.GIVEN, "none": Login.NONE}


def _example(row: Mapping[str, Any]) -> Example:
    return Example(
        id=row["id"],
        path=row["path"],
        type=row["type"],
        says=tuple(row["says"]),
        by=CLIENTS[row["by"]],
        query=MappingProxyType(row.get("query", {})),
        headers=tuple(row.get("headers", {}).items()),
        login=LOGINS[row["login"]],
        statement=MappingProxyType(row["statement"]),
        sources=tuple(row["sources"]),
    )


def _help(row: Mapping[str, Any]) -> Help:
    indexes = tuple(HelpIndex(one["path"], one.get("about", ""), one.get("required", True)) for one in row["indexes"])
    return Help(indexes, _operations(row.get("unlisted", ())), tuple(row.get("unshown", ())))


def _operations(rows: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((method, path) for method, _, path in (row.partition(" ") for row in rows))


def _actions(named: tuple[str, ...], relations: tuple[Relation, ...]) -> tuple[str, ...]:
    """The link names that do something: those the contract names, and every relation of that kind to any type."""
    always = (row.rel for row in relations if row.kind is RelationKind.ACTION and row.source == "*")
    return tuple(dict.fromkeys((*named, *always)))


def _profiles(documents: Documents) -> Mapping[str, Profile]:
    profiles = {}
    for name, row in documents.items():
        if name.startswith("profiles/"):
            if name != f"profiles/{row['name']}.yaml":
                raise ContractError(f"{name}: name: {row['name']!r} is not the file's name.", "Make them the same.")
            profiles[row["name"]] = Profile(
                row["name"],
                MappingProxyType(row["statement"]),
                tuple(row["tested"]),
                MappingProxyType(row.get("places", {})),
                tuple(row.get("formats", ())),
                _privacy(row.get("privacy", {})),
                row.get("greatest_age"),
            )
    return MappingProxyType(profiles)


def _privacy(row: Mapping[str, Any]) -> Privacy:
    return Privacy(row.get("texts") != "keep", Organisations(row.get("organisations", Organisations.ALL)))


# --- relations


def _relations(document: Mapping[str, Any]) -> tuple[Relation, ...]:
    return tuple(
        _relation(row, rel, source)
        for row in document["relations"]
        for rel in ([row["rel"]] if isinstance(row["rel"], str) else row["rel"])
        for source in row["from"]
    )


def _relation(row: Mapping[str, Any], rel: str, source: str) -> Relation:
    return Relation(
        rel=rel,
        source=source,
        kind=RelationKind(row["kind"]),
        target=row.get("target", ""),
        match=MappingProxyType(row.get("match", {})),
        variables=MappingProxyType(row.get("variables", {})),
        required=row.get("required", False),
        when=MappingProxyType({name: tuple(words) for name, words in row.get("when", {}).items()}),
        many=row.get("many", False),
        statement=MappingProxyType(row["statement"]),
        sources=tuple(row["sources"]),
    )


# --- types


def _types(document: Mapping[str, Any], shapes: Mapping[str, Shape]) -> Mapping[str, ResourceType]:
    rows = document["types"]
    groups = document["format_groups"]
    types = {}
    for name, row in rows.items():
        where = f"types.yaml: types.{name}"
        _known(row["formats"], groups, f"{where}.formats", "format group")
        types[name] = ResourceType(
            name=name,
            shape=_type_shape(name, rows, shapes),
            element=row.get("element", ""),
            container=tuple(row.get("container", ())),
            key=tuple(row.get("key", ())),
            formats=tuple(groups[row["formats"]]),
            access=Access(row["access"]),
            limited=row.get("limited", False),
            searchable=row.get("searchable", False),
            ordered=row.get("ordered", False),
            localised=row.get("localised", False),
            dates=row.get("dates", False),
            read_parameters=MappingProxyType(row.get("read_parameters", {})),
            media_types=tuple(row.get("media_types", ())),
        )
    return MappingProxyType(types)


def _type_shape(name: str, rows: Mapping[str, Any], shapes: Mapping[str, Shape]) -> Shape | None:
    """A type's model; for a list type the list of its elements' model; None for a document."""
    row = rows[name]
    where = f"types.yaml: types.{name}"
    if "element" in row:
        element = row["element"]
        _known(element, rows, f"{where}.element", "type")
        if "element" in rows[element] or "model" not in rows[element]:
            raise ContractError(f"{where}.element: {element} has no model of its own.", "Name a single resource.")
        return Shape(
            ValueKind.LIST, item=_type_shape(element, rows, shapes), ordered=row.get("ordered", False), name=name
        )
    if "model" in row:
        _known(row["model"], shapes, f"{where}.model", "model in resources/")
        return shapes[row["model"]]
    return None


def _known(name: str, known: Mapping[str, Any], where: str, what: str) -> None:
    if name not in known:
        raise ContractError(f"{where}: {name!r} is not a {what}.", f"Known: {', '.join(known)}.")


# --- shapes


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a schema stands while shapes are made: all documents, the one it stands in, the models above it."""

    schemas: Documents
    file: str
    above: tuple[str, ...] = ()

    def follow(self, reference: str) -> tuple[Mapping[str, Any], str, "_Scope"]:
        """The schema that a $ref means, its model name, and the scope in it."""
        if reference.startswith("#/$defs/"):
            name = reference.removeprefix("#/$defs/")
            found = self.schemas[self.file].get("$defs", {}).get(name)
            file = self.file
        else:
            name, file = reference.removesuffix(".schema.json"), f"resources/{reference}"
            found = self.schemas.get(file)
        if found is None:
            raise ContractError(f"{self.file}: $ref: {reference!r} leads nowhere.", "Correct the reference.")
        return found, name, _Scope(self.schemas, file, (*self.above, f"{file}#{name}"))


def _shapes(documents: Documents) -> dict[str, Shape]:
    schemas = {name: schema for name, schema in documents.items() if name.startswith("resources/")}
    shapes = {}
    for file, schema in schemas.items():
        reference = file.removeprefix("resources/")
        if schema["$id"] != reference:
            raise ContractError(f"{file}: $id: {schema['$id']!r} is not the file's name.", "Make them the same.")
        name = reference.removesuffix(".schema.json")
        shapes[name] = _model_shape(schema, name, _Scope(schemas, file, (f"{file}#{name}",)))
    return shapes


def _model_shape(schema: Mapping[str, Any], name: str, scope: _Scope) -> Shape:
    if scope.above.count(scope.above[-1]) > RECURSION:
        return Shape(ValueKind.OBJECT, name=name)
    required = schema.get("required", ())
    for member in required:
        _known(member, schema["properties"], f"{scope.file}: {name}: required", "property")
    members = {
        member: _property_shape(property_, scope, member in required)
        for member, property_ in schema["properties"].items()
    }
    return Shape(ValueKind.OBJECT, members=MappingProxyType(members), name=name)


def _property_shape(schema: Mapping[str, Any], scope: _Scope, required: bool = False) -> Shape:
    declared, nullable = _not_null(schema)
    if "$ref" in declared:
        model, name, inner = scope.follow(declared["$ref"])
        shape = _model_shape(model, name, inner)
        return Shape(shape.kind, shape.members, name=name, nullable=nullable, required=required)
    kinds = [KIND_OF_JSON[name] for name in _json_types(declared) if name != "null"]
    item = declared.get("items")
    return Shape(
        kind=ValueKind(declared["x-kind"]) if "x-kind" in declared else (kinds or [ValueKind.ANY])[0],
        item=None if item is None else _property_shape(item, scope),
        ordered=declared.get("x-ordered", False),
        nullable=nullable or not kinds,
        localised=declared.get("x-localised", False),
        words=tuple(declared.get("x-words", ())),
        required=required,
        also=tuple(ValueKind(kind) for kind in declared.get("x-also", ())),
        private=Private(declared["x-private"]) if "x-private" in declared else None,
    )


def _json_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _not_null(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The schema without its "or null", and whether it had one."""
    if "anyOf" in schema:
        rest = [branch for branch in schema["anyOf"] if branch != {"type": "null"}]
        return rest[0], len(rest) < len(schema["anyOf"])
    return schema, "null" in _json_types(schema)


# --- contradictions


def contradictions(contract: Contract) -> Iterator[str]:
    """Where the parts of a contract contradict each other, one line each: file, place, what is wrong."""
    for rule in RULES:
        yield from rule(contract)


def _guarantees_hold_together(contract: Contract) -> Iterator[str]:
    for row in contract.guarantees.values():
        where = f"guarantees.yaml: {row.id}"
        for companion in row.companions:
            if companion not in contract.guarantees or companion == row.id:
                yield f"{where}.companions: {companion!r} is not another guarantee."
        if row.excluded and row.not_yet:
            yield f"{where}: it is excluded and not yet seen at once."


def _keys_are_members(contract: Contract) -> Iterator[str]:
    for row in contract.types.values():
        for name in row.key:
            if row.is_list or row.shape is None or name not in row.shape.members:
                yield f"types.yaml: types.{row.name}.key: {name!r} is not a property of its model."


def _relations_hold_together(contract: Contract) -> Iterator[str]:
    known = nested_shapes(contract)
    for row in contract.relations:
        where = f"relations.yaml: {row.rel} on {row.source}"
        if row.source != "*" and row.source not in known:
            yield f"{where}.from: {row.source!r} is neither a type nor a nested model."
        elif (row.kind in WITH_TARGET) != bool(row.target):
            says = "needs a" if row.kind in WITH_TARGET else "has no"
            yield f"{where}.target: a relation of kind {row.kind} {says} target."
        elif row.target and row.target not in contract.types:
            yield f"{where}.target: {row.target!r} is not a type."
        else:
            yield from _relation_names_members(row, contract, known, where)


def _relation_names_members(
    row: Relation, contract: Contract, known: Mapping[str, Shape | None], where: str
) -> Iterator[str]:
    source = _members(known.get(row.source))
    target = _members(contract.types[row.target].shape) if row.target else {}
    if row.kind is RelationKind.RESOURCE and contract.types[row.target].shape is None:
        yield f"{where}.target: {row.target} is a document, not a resource."
    if (row.kind is RelationKind.SEARCH) != bool(row.variables):
        yield f"{where}.variables: a search names its variables, and nothing else does."
    yield from (
        f"{where}.match: {name!r} is not a property of {row.target}." for name in row.match if name not in target
    )
    yield from (
        f"{where}.match: {name!r} is not a property of {row.source}."
        for name in row.match.values()
        if name not in source
    )
    yield from (
        f"{where}.variables: {name!r} is not a property of {row.target}."
        for name in row.variables.values()
        if name not in target
    )
    for name, words in row.when.items():
        if name not in source:
            yield f"{where}.when: {name!r} is not a property of {row.source}."
        elif source[name].words and not set(words) <= set(source[name].words):
            yield f"{where}.when: {name} has the words {', '.join(source[name].words)}."


def _relations_stand_once(contract: Contract) -> Iterator[str]:
    for (rel, source), count in Counter((row.rel.lower(), row.source) for row in contract.relations).items():
        if count > 1:
            yield f"relations.yaml: {rel} on {source}: it is defined {count} times."


def _entries_lead_to_types(contract: Contract) -> Iterator[str]:
    for name, count in Counter(entry.name for entry in contract.entries).items():
        if count > 1:
            yield f"contract.yaml: entries: the name {name!r} stands {count} times."
    for entry in contract.entries:
        if entry.type not in contract.types and (contract.types or entry.type):
            yield f"contract.yaml: entries: {entry.name!r} leads to {entry.type!r}, which is not a type."


def _examples_hold_together(contract: Contract) -> Iterator[str]:
    for name, count in Counter(row.id for row in contract.examples).items():
        if count > 1:
            yield f"examples.yaml: {name}: the id stands {count} times."
    entries = {entry.path: entry.type for entry in contract.entries}
    for row in contract.examples:
        where = f"examples.yaml: {row.id}"
        if row.type not in contract.types:
            yield f"{where}.type: {row.type!r} is not a type."
        elif "{" not in row.path and entries.get(row.path.rstrip("/")) != row.type:
            yield f"{where}.path: {row.path!r} is no entry of the type {row.type}."


def _help_is_about_what_there_is(contract: Contract) -> Iterator[str]:
    for method, path in contract.help.unlisted:
        if (method, path) not in contract.operations:
            yield f"contract.yaml: help.unlisted: {method} {path} is not one of the operations."
    for name in contract.help.unshown:
        model, _, member = name.partition("/")
        if model not in contract.shapes or member not in contract.shapes[model].members:
            yield f"contract.yaml: help.unshown: {name!r} is not a property of a model."


def _floors_can_be_reached(contract: Contract) -> Iterator[str]:
    for profile in contract.profiles.values():
        where = f"profiles/{profile.name}.yaml"
        for name in profile.tested:
            guarantee = contract.guarantees.get(name)
            if guarantee is None:
                yield f"{where}: tested: {name!r} is not a guarantee."
            elif guarantee.excluded or guarantee.not_yet:
                yield f"{where}: tested: {name} cannot be tested."
        yield from (
            f"{where}: places: {name!r} is not a type." for name in profile.places if name not in contract.types
        )


RULES: tuple[Callable[[Contract], Iterator[str]], ...] = (
    _guarantees_hold_together,
    _keys_are_members,
    _relations_hold_together,
    _relations_stand_once,
    _entries_lead_to_types,
    _examples_hold_together,
    _help_is_about_what_there_is,
    _floors_can_be_reached,
)


def nested_shapes(contract: Contract) -> Mapping[str, Shape | None]:
    """Everything that a link can stand on, by name: the types, and the models nested in theirs."""
    found: dict[str, Shape | None] = {name: row.shape for name, row in contract.types.items()}
    waiting = list(contract.shapes.values())
    while waiting:
        shape = waiting.pop()
        if shape.name and shape.members:
            found.setdefault(shape.name, shape)
        waiting.extend(shape.members.values())
        if shape.item is not None:
            waiting.append(shape.item)
    return found


def _members(shape: Shape | None) -> Mapping[str, Shape]:
    return shape.members if shape is not None else {}


# --- wording


def _place(document: object, path: tuple[str | int, ...]) -> str:
    """A path as people write it, with the id or name of the rows it passes: "guarantees[3] (LINK-1).level"."""
    text = ""
    for step in path:
        document = document[step] if isinstance(document, (dict, list)) else None  # type: ignore[index]
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
        if isinstance(step, int) and isinstance(document, dict):
            label = next((document[name] for name in ("id", "name", "rel") if name in document), None)
            text += f" ({label})" if isinstance(label, str) else ""
    return text


def _one_line(message: str, limit: int = 200) -> str:
    words = " ".join(message.split()).rstrip(".")
    return words if len(words) <= limit else f"{words[:limit]} ..."
