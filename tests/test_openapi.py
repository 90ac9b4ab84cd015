"""The OpenAPI description of the contract, its types, its models and its paths say the same: none drifts."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import samsvar
from samsvar.errors import ContractError
from samsvar.logic.contracts import self_contained
from samsvar.model.contract import Access, ResourceType, Shape, ValueKind
from samsvar.world import documents

CONTRACTS = next(Path(path) / "contracts" for path in samsvar.__path__ if (Path(path) / "contracts").is_dir())
ALTINN2 = documents.read_contract("altinn2")
WRITTEN: Mapping[str, Any] = documents.parse("openapi.yaml", (CONTRACTS / "altinn2" / "openapi.yaml").read_bytes())
COMPONENTS: Mapping[str, Any] = WRITTEN["components"]
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    path.removeprefix("/"): item["get"] for path, item in WRITTEN["paths"].items()
}
TYPED = {path: row for path, row in OPERATIONS.items() if "x-type" in row}
ODATA = {"$filter", "$orderby", "$top", "$skip"}


def type_of(row: Mapping[str, Any]) -> ResourceType:
    return ALTINN2.types[row["x-type"]]


def parameters(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in row.get("parameters", ()):
        yield COMPONENTS["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one


def names(row: Mapping[str, Any], where: str) -> list[str]:
    return [one["name"] for one in parameters(row) if one["in"] == where]


def content(row: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = COMPONENTS["responses"][row["responses"]["200"]["$ref"].rpartition("/")[2]]
    return answer["content"]  # type: ignore[no-any-return]


def references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_documented_read_is_described_and_nothing_else_but_the_root() -> None:
    assert set(OPERATIONS) == {path for _, path in ALTINN2.operations} | {""}
    assert {method for method, _ in ALTINN2.operations} == {"GET"}


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [row["operationId"] for row in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


def test_every_type_is_answered_somewhere_or_listed_somewhere() -> None:
    described = {type_of(row).name for row in TYPED.values()}
    assert described <= set(ALTINN2.types)
    answered = described | {ALTINN2.types[name].element for name in described} - {""}
    assert set(ALTINN2.types) == answered | {"HelpPage"}  # a help page is about the operations and none of them


def test_every_entry_is_an_operation_of_its_type() -> None:
    found = {}
    for entry in ALTINN2.entries:
        template = next(path for path in ("{who}" + entry.path.removeprefix("my"), entry.path) if path in OPERATIONS)
        found[entry.name] = (entry.type, OPERATIONS[template]["x-type"])
    assert [name for name, (wanted, described) in found.items() if wanted != described] == []


@pytest.mark.parametrize("path", OPERATIONS)
def test_the_parameters_of_a_path_are_those_that_stand_in_it(path: str) -> None:
    assert names(OPERATIONS[path], "path") == re.findall(r"\{(\w+)\}", path)
    assert all(one["required"] for one in parameters(OPERATIONS[path]) if one["in"] == "path")


@pytest.mark.parametrize("path", TYPED)
def test_the_media_types_are_those_of_the_type(path: str) -> None:
    row = type_of(TYPED[path])
    assert tuple(content(TYPED[path])) == (row.formats or row.media_types or ("*/*",))


@pytest.mark.parametrize("path", TYPED)
def test_the_query_is_what_the_type_allows(path: str) -> None:
    row, asked = type_of(TYPED[path]), set(names(TYPED[path], "query"))
    assert asked & ODATA == (ODATA if row.searchable else set())
    assert not row.localised or "language" in asked
    assert ({"dateFrom", "dateTo"} <= asked) is row.dates


@pytest.mark.parametrize("path", TYPED)
def test_what_makes_a_read_polite_is_required_with_its_one_value(path: str) -> None:
    required = {
        one["name"]: one["schema"] for one in parameters(TYPED[path]) if one["in"] == "query" and "required" in one
    }
    assert required == {
        name: {"type": "string", "enum": [value]} for name, value in type_of(TYPED[path]).read_parameters.items()
    }


@pytest.mark.parametrize("path", OPERATIONS)
def test_who_may_read_is_said_as_the_type_says(path: str) -> None:
    row = OPERATIONS[path]
    access = Access(row["x-access"])
    by_type = type_of(row).access if "x-type" in row else access
    assert access is (Access.SERVICE_OWNER if path.startswith("serviceowner/") else by_type)
    schemes = [{}] if access is Access.OPEN else [{"apiKey": []}] if access is Access.API_KEY else None
    assert row["security"] == ([] if schemes == [{}] else schemes or [{"apiKey": [], "login": []}])
    assert {"401", "403"} <= set(row["responses"]) or access is Access.OPEN
    assert {"200", "304", "400", "404", "406", "4XX"} <= set(row["responses"])


def test_what_has_an_effect_is_marked() -> None:
    effects = {
        path
        for path in OPERATIONS
        if any(fnmatchcase(path.lower(), pattern.lower()) for pattern in ALTINN2.effect_paths)
    }
    assert effects == {path for path, row in OPERATIONS.items() if "x-effect" in row}
    assert len(effects) == 2


def test_every_model_is_the_resource_schema_and_every_resource_schema_a_model() -> None:
    models = {name: row for name, row in COMPONENTS["schemas"].items() if "$ref" in row}
    assert {row["$ref"] for row in models.values()} == {f"resources/{name}.schema.json" for name in models}
    assert {f"{name}.schema.json" for name in models} == set(documents.schema_documents("altinn2"))


@pytest.mark.parametrize("name", sorted({row.name for row in map(type_of, TYPED.values()) if row.is_list}))
def test_a_list_is_bare_or_embeds_its_elements_under_the_names_of_the_type(name: str) -> None:
    row, schema = ALTINN2.types[name], COMPONENTS["schemas"][name]
    element = ALTINN2.types[row.element].shape
    assert element is not None
    item = {"$ref": f"#/components/schemas/{element.name}"}
    assert schema["items"] == item
    assert schema["properties"]["_embedded"]["properties"] == {
        container: {"type": ["array", "object"], "items": item} for container in row.container
    }


@pytest.mark.parametrize("path", [path for path, row in TYPED.items() if type_of(row).formats])
def test_json_answers_have_the_schema_of_the_type(path: str) -> None:
    row = type_of(TYPED[path])
    wanted = row.name if row.is_list else row.shape.name if row.shape else ""
    schemas = {name: media.get("schema") for name, media in content(TYPED[path]).items()}
    assert schemas == {
        name: {"$ref": f"#/components/schemas/{wanted}"} if name.endswith("json") else None for name in row.formats
    }


def plain(shape: Shape, *kinds: ValueKind) -> list[str]:
    return [name for name, member in shape.members.items() if member.kind in kinds and not member.also]


@pytest.mark.parametrize("name", sorted({row.element for row in map(type_of, TYPED.values()) if row.searchable}))
def test_filters_and_orders_name_the_properties_of_the_model(name: str) -> None:
    shape = ALTINN2.types[name].shape
    assert shape is not None
    words = {
        kind: [re.findall(r"\w+", group) for group in re.findall(r"\(([A-Z][\w|]*)\)", parameter["schema"]["pattern"])]
        for kind in ("filter", "orderby")
        for parameter in (COMPONENTS["parameters"][f"{kind}{name}"],)
    }
    text, numbers = plain(shape, ValueKind.TEXT), plain(shape, ValueKind.INTEGER)
    assert words["filter"] == ([text, numbers] if numbers else [text])
    assert words["orderby"] == [plain(shape, ValueKind.TEXT, ValueKind.INTEGER, ValueKind.INSTANT)]


def test_the_description_that_a_contract_holds_refers_to_nothing_outside() -> None:
    assert {one.partition("/")[0] for one in references(dict(ALTINN2.openapi))} == {"#"}
    for reference in set(references(dict(ALTINN2.openapi))):
        node: Any = ALTINN2.openapi
        for step in reference.split("/")[1:]:
            node = node[step]


def test_the_models_inside_have_the_members_of_the_contract() -> None:
    schemas = ALTINN2.openapi["components"]["schemas"]
    models = {name: shape for name, shape in ALTINN2.shapes.items() if name in schemas}
    assert len(models) > 25
    assert {name: set(schemas[name]["properties"]) for name in models} == {
        name: set(shape.members) for name, shape in models.items()
    }


def test_what_may_also_be_written_otherwise_is_allowed_so() -> None:
    member = {"type": ["integer", "null"], "x-also": ["text"]}
    model = {
        "$id": "Thing.schema.json",
        "type": "object",
        "properties": {"Number": member, "Next": {"$ref": "Thing.schema.json"}},
    }
    found = self_contained(
        {"components": {"schemas": {"Thing": {"$ref": "resources/Thing.schema.json"}}}}, {"Thing.schema.json": model}
    )
    properties = found["components"]["schemas"]["Thing"]["properties"]
    assert properties["Number"]["type"] == ["integer", "null", "string"]
    assert properties["Next"] == {"$ref": "#/components/schemas/Thing"}


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(ContractError, match=r"there is no model 'Other\.schema\.json'"):
        self_contained({"components": {"schemas": {"Other": {"$ref": "resources/Other.schema.json"}}}}, {})


def test_it_is_read_when_it_is_looked_at_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = documents.parse
    monkeypatch.setattr(documents, "parse", lambda name, data: read.append(name) or real(name, data))
    contract = documents.read_contract("altinn2")
    assert "types.yaml" in read and documents.OPENAPI not in read
    assert contract.openapi["openapi"] == "3.1.0"
    assert read.count(documents.OPENAPI) == 1
    assert dict(documents.read_contract("hal").openapi) == {}


def test_schemathesis_reads_every_operation_of_it() -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="the extra schemathesis is not installed")
    schema = schemathesis.openapi.from_dict(dict(ALTINN2.openapi))
    found = [operation.ok().definition.raw["operationId"] for operation in schema.get_all_operations()]
    assert found == [row["operationId"] for row in OPERATIONS.values()]
    assert schema.specification.version == "3.1.0"
