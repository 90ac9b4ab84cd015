"""What the carried contracts say, and that real samples of the API agree with it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import samsvar
from samsvar.logic import contracts
from samsvar.model.contract import (
    Access,
    Contract,
    Guarantee,
    Help,
    Level,
    Relation,
    RelationKind,
    Shape,
    ValueKind,
)
from samsvar.world import documents

CONTRACTS = next(Path(path) / "contracts" for path in samsvar.__path__ if (Path(path) / "contracts").is_dir())
FACTS = CONTRACTS.parent.parent / "shared" / "altinn2"
needs_facts = pytest.mark.skipif(
    not FACTS.is_dir(), reason="the collected samples (../shared) are not in this checkout"
)

ALTINN2 = documents.read_contract("altinn2")
HAL = documents.read_contract("hal")
SCHEMAS = documents.schema_documents("altinn2")

# Samples that print only the links of a resource: they show no members, so they cannot have the required ones.
FRAGMENTS = {
    "message_links.hal.json",
    "message_archived_links.hal.json",
    "message_form_link.hal.json",
    "reportee_links.hal.json",
}
# Service owners see parties without a reportee id.
MODEL_OF_RESOURCE = {"serviceowner/reportees": "Party", "reportees/ReporteeConversion": "Reportee"}


# --- the guarantees


FAMILIES = {"FORMAT": 8, "ACCEPT": 7, "LINK": 9, "REACH": 6, "GET": 5, "CORS": 11, "AUTH": 5, "HTTP": 4, "LIST": 5,
            "MODEL": 4, "MEANING": 5, "DOC": 2, "EXAMPLE": 1}  # fmt: skip


def test_every_decided_guarantee_is_there_without_gaps() -> None:
    wanted = {f"{family}-{number + 1}" for family, count in FAMILIES.items() for number in range(count)}
    extra = {name for name in ALTINN2.guarantees if not name.startswith("DOCPAGE-")}
    assert extra == wanted


def test_only_these_guarantees_are_less_than_a_must() -> None:
    softer = {name: row.level for name, row in ALTINN2.guarantees.items() if row.level is not Level.MUST}
    may = {"LINK-7", "GET-5", "CORS-11", "DOCPAGE-1", "DOCPAGE-2", "DOCPAGE-5"}
    should = {"FORMAT-8", "ACCEPT-6", "ACCEPT-7", "CORS-6", "CORS-10", "HTTP-3", "HTTP-4", "MODEL-3", "DOC-1", "DOC-2"}
    assert softer == dict.fromkeys(may, Level.MAY) | dict.fromkeys(should, Level.SHOULD)


@pytest.mark.parametrize("contract", [ALTINN2, HAL], ids=lambda contract: contract.name)
def test_every_guarantee_that_can_be_seen_is_explained_in_both_languages(contract: Contract) -> None:
    for row in contract.guarantees.values():
        parts = (row.statement,) if row.excluded else (row.statement, row.seen, row.failure, row.remedy)
        for part in parts:
            assert set(part) == {"en", "nb"}, row.id
            assert part["en"] != part["nb"], row.id
            assert all(text[0].isupper() and text.endswith(".") for text in part.values()), row.id


def test_what_a_guarantee_needs_is_named() -> None:
    needs = {name: row.needs for name, row in ALTINN2.guarantees.items() if row.needs}
    assert needs == {
        "GET-5": ("unsafe",),
        **{f"CORS-{number}": ("origin",) for number in (1, 2, 7, 8, 10, 11)},
        "CORS-9": ("origin", "browser"),
        **{f"AUTH-{number}": ("key", "login") for number in (2, 3, 4)},
        "AUTH-5": ("key", "login", "second-login"),
        **{f"MEANING-{number}": ("two-snapshots",) for number in range(1, 6)},
    }


def test_what_this_version_does_not_ask_says_what_it_needs() -> None:
    waiting = {name for name, row in ALTINN2.guarantees.items() if row.not_yet}
    assert waiting == {f"MEANING-{number}" for number in range(1, 6)}
    assert all(ALTINN2.guarantees[name].not_yet.startswith("needs ") for name in waiting)


def test_a_sentence_that_cannot_be_seen_has_a_family_of_its_own() -> None:
    assert {row.family for row in ALTINN2.guarantees.values() if row.excluded} == {"DOCPAGE"}


def test_an_id_of_the_general_contract_means_what_it_means_in_altinn2() -> None:
    assert set(HAL.guarantees) <= set(ALTINN2.guarantees)
    for name, row in HAL.guarantees.items():
        twin = ALTINN2.guarantees[name]
        assert (row.level, row.needs, row.not_yet) == (twin.level, twin.needs, twin.not_yet)
        assert row.statement == twin.statement or name == "GET-3"  # markAsRead is Altinn's own


def test_the_general_contract_rests_on_standards_only() -> None:
    for row in HAL.guarantees.values():
        assert all(source.split()[0] in ("RFC", "HAL", "XML", "ISO", "Fetch") for source in row.sources), row.id


# --- types, entries, relations


def test_the_entries_are_the_documented_ones() -> None:
    required = {entry.path: entry.type for entry in ALTINN2.entries if entry.required}
    assert required == {"metadata": "ServiceMetaDataList", "my/messages": "MessageList", "reportees": "ReporteeList"}


def test_every_entry_path_but_the_front_page_is_a_documented_get() -> None:
    documented = {path.replace("{who}", "my") for method, path in ALTINN2.operations if method == "GET"}
    assert {entry.path for entry in ALTINN2.entries} - documented == {""}


def test_only_these_lists_are_limited() -> None:
    limited = {name for name, row in ALTINN2.types.items() if row.limited}
    assert limited == {"MessageList", "Trashbin", "ReporteeList", "OrganizationList"}
    assert ALTINN2.list_limit == 50


def test_reading_a_message_never_marks_it_as_read() -> None:
    assert dict(ALTINN2.types["Message"].read_parameters) == {"markAsRead": "false"}


def test_metadata_is_open_and_messages_are_private() -> None:
    assert ALTINN2.types["ServiceMetaDataList"].access is Access.OPEN
    assert ALTINN2.types["MessageList"].access is Access.USER


def test_a_list_type_has_the_shape_of_a_list_of_its_element() -> None:
    shape = ALTINN2.types["MessageList"].shape
    assert shape is not None and shape.kind is ValueKind.LIST and shape.item == ALTINN2.types["Message"].shape


def test_a_form_has_a_key_that_real_bodies_may_lack() -> None:
    shape = ALTINN2.types["Form"].shape
    assert shape is not None
    assert ALTINN2.types["Form"].key == ("FormId",)
    assert not shape.members["FormId"].required


def test_a_relation_of_the_type_goes_before_the_one_of_any_type() -> None:
    own, general = ALTINN2.relation("Message", "SELF"), ALTINN2.relation("Role", "self")
    assert own is not None and own.required
    assert general is not None and not general.required


def test_nothing_that_does_something_is_a_resource() -> None:
    for name in ALTINN2.actions:
        relation = ALTINN2.relation("Message", name)
        assert relation is not None and relation.kind is RelationKind.ACTION


def test_the_metadata_of_a_message_is_matched_by_code_and_edition() -> None:
    relation = ALTINN2.relation("Message", "metadata")
    assert relation is not None
    assert dict(relation.match) == {"ServiceCode": "ServiceCode", "ServiceEditionCode": "ServiceEdition"}


# --- shapes


def shape(*path: str) -> Shape:
    found = ALTINN2.shapes[path[0]]
    for step in path[1:]:
        found = (found.item or found).members[step] if found.item else found.members[step]
    return found


def test_a_shape_tells_what_the_schema_says() -> None:
    assert shape("Message", "LastChangedDateTime").kind is ValueKind.INSTANT
    assert shape("Message", "Status").localised
    assert shape("Message", "MessageId").required and not shape("Message", "MessageId").nullable
    assert shape("Message", "DueDate").nullable and not shape("Message", "DueDate").required
    assert shape("Message", "ReplyOptions", "ServiceEditionCode").kind is ValueKind.INTEGER
    assert shape("Message", "Type").words == ("FormTask", "Correspondence")
    assert shape("OrgProfile", "MobileNumber").also == (ValueKind.INTEGER,)
    assert shape("ServiceMetaData", "ProcessSteps").ordered
    assert not shape("CodeList", "Codes").ordered
    assert shape("Consent", "OfferedBy").name == "Party"


def test_a_model_that_contains_itself_is_cut_where_its_name_is_enough() -> None:
    depth, found = 0, ALTINN2.shapes["BrokerServiceReceipt"]
    while found.members:
        inner = found.members["SubReceipts"].item
        assert inner is not None
        depth, found = depth + 1, inner
    assert depth >= 2
    assert found.name in ALTINN2.shapes


def json_properties(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for model in (schema, *schema.get("$defs", {}).values()):
        for row in model["properties"].values():
            yield from (row, row.get("items", {}))


def test_other_kinds_that_sources_show_are_allowed_by_the_schema_too() -> None:
    json_of = {kind: name for name, kind in contracts.KIND_OF_JSON.items()}
    rows = [row for schema in SCHEMAS.values() for row in json_properties(schema) if "x-also" in row]
    assert len(rows) > 10
    for row in rows:
        assert {json_of[ValueKind(kind)] for kind in row["x-also"]} <= set(row["type"])


def test_no_model_forbids_what_it_does_not_know() -> None:
    assert all("additionalProperties" not in json.dumps(schema) for schema in SCHEMAS.values())


# --- real samples


def samples() -> Iterator[tuple[str, str, Any]]:
    """File, model and each single resource of it, for every JSON sample of a resource that has a model."""
    if not FACTS.is_dir():
        return
    endpoints = json.loads((FACTS / "endpoints.json").read_text("utf-8"))["endpoints"]
    models = {row["path"].replace("[/{version}]", "/{version}"): row["model"] for row in endpoints} | MODEL_OF_RESOURCE
    for row in json.loads((FACTS / "samples" / "index.json").read_text("utf-8"))["samples"]:
        model = models.get(row["resource"])
        if row["file"].endswith(".json") and model and row["file"] not in FRAGMENTS:
            for resource in singles(json.loads((FACTS / "samples" / row["file"]).read_text("utf-8"))):
                yield row["file"], model, resource


def singles(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    groups = document.get("_embedded")
    return [item for group in groups.values() for item in group] if groups else [document]


@needs_facts
def test_every_real_sample_fits_its_model() -> None:
    found = list(samples())
    assert len({file for file, _, _ in found}) > 90
    assert [
        f"{file}: {misfit}" for file, model, resource in found for misfit in contracts.misfits(SCHEMAS, model, resource)
    ] == []


@needs_facts
def test_every_property_that_a_real_sample_shows_is_known() -> None:
    unknown = {
        f"{model}.{name}"
        for _, model, resource in samples()
        for name in resource
        if name not in ("_links", "_embedded") and name not in ALTINN2.shapes[model].members
    }
    assert unknown == set()


@needs_facts
def test_every_word_that_a_real_sample_shows_is_in_its_closed_set() -> None:
    strange = {
        f"{model}.{name}: {value}"
        for file, model, resource in samples()
        if not file.startswith("help_")  # generated by the help page with placeholders
        for name, value in resource.items()
        if name in ALTINN2.shapes[model].members
        and ALTINN2.shapes[model].members[name].words
        and value not in ALTINN2.shapes[model].members[name].words
    }
    assert strange == set()


@needs_facts
def test_every_link_that_is_required_stands_on_every_hal_sample_in_that_state() -> None:
    lacking, seen = set(), 0
    for file, model, resource in samples():
        for relation in ALTINN2.relations:
            state = all(resource.get(name) in words for name, words in relation.when.items())
            of_model = (
                relation.source in ALTINN2.types and ALTINN2.types[relation.source].shape is ALTINN2.shapes[model]
            )
            if relation.required and of_model and state and in_hal(file, resource) and relation.source == model:
                seen += 1
                lacking |= {f"{file}: {relation.rel}"} if relation.rel not in resource["_links"] else set()
    assert seen > 50
    assert lacking == set()


def in_hal(file: str, resource: Mapping[str, Any]) -> bool:
    """Whether the sample shows links as HAL does. In the trash bin a message has fewer of them; the help page prints
    none of what code adds."""
    return ".hal." in file and isinstance(resource.get("_links"), dict) and not file.startswith(("trashbin", "help_"))


@needs_facts
def test_every_model_and_operation_of_the_facts_is_in_the_contract() -> None:
    facts = json.loads((FACTS / "endpoints.json").read_text("utf-8"))
    assert set(facts["models"]) <= set(ALTINN2.shapes)
    for model, row in facts["models"].items():
        assert {field["name"] for field in row["fields"]} <= set(ALTINN2.shapes[model].members), model
    assert {(row["method"], row["path"]) for row in facts["non_get_operations"]} == set(ALTINN2.write_operations)
    gets = {spelling for row in facts["endpoints"] for spelling in spellings(row["path"])}
    assert {("GET", path) for path in gets} == set(ALTINN2.operations)


def spellings(path: str) -> tuple[str, ...]:
    head, bracket, tail = path.partition("[")
    return (head, head + tail.rstrip("]")) if bracket else (path,)


def test_a_value_that_does_not_fit_is_located() -> None:
    rights = {"Subject": {"Name": "A", "Type": "Person"}, "Reportee": {"Name": 1, "Type": "Person"}}
    assert contracts.misfits(SCHEMAS, "SubjectReporteeRights", rights) == ("Reportee.Name: 1 is not of type 'string'",)


# --- contradictions


def test_the_carried_contracts_do_not_contradict_themselves() -> None:
    assert [*contracts.contradictions(ALTINN2), *contracts.contradictions(HAL)] == []


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"relations": (Relation("up", "Message", RelationKind.RESOURCE, "Nowhere"),)}, "'Nowhere' is not a type"),
        (
            {"relations": (Relation("up", "Nobody", RelationKind.SELF),)},
            "'Nobody' is neither a type nor a nested model",
        ),
        ({"relations": (Relation("up", "*", RelationKind.SELF),) * 2}, "up on *: it is defined 2 times"),
        ({"entries": (replace(ALTINN2.entries[0], type="Nothing"),)}, "leads to 'Nothing', which is not a type"),
        (
            {"guarantees": {"X-1": Guarantee("X-1", Level.MAY, {}, (), excluded="a", not_yet="b")}, "profiles": {}},
            "X-1: it is excluded and not yet seen at once",
        ),
        (
            {"help": Help((), (("GET", "no/such"),))},
            "help.unlisted: GET no/such is not one of the operations",
        ),
        ({"help": Help((), (), ("Message/Nothing",))}, "help.unshown: 'Message/Nothing' is not a property of a model"),
    ],
)
def test_a_contradiction_is_found_wherever_it_comes_from(part: dict[str, Any], says: str) -> None:
    assert [line for line in contracts.contradictions(replace(ALTINN2, **part)) if says in line]


def test_the_contract_data_holds_no_national_identity_number() -> None:
    files = [path for path in CONTRACTS.rglob("*") if path.suffix in (".yaml", ".json") and path.name != "checked.json"]
    assert len(files) > 40
    assert [path for path in files if re.search(r"(?<!\d)\d{11}(?!\d)", path.read_text("utf-8"))] == []
