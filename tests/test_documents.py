"""Contract folders are found, read and checked; every kind of broken file gives one telling line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import samsvar
from samsvar.errors import ContractError, UsageError
from samsvar.world import documents

CONTRACTS = next(Path(path) / "contracts" for path in samsvar.__path__ if (Path(path) / "contracts").is_dir())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An integrator's own contract folder: a copy of altinn2."""
    return Path(shutil.copytree(CONTRACTS / "altinn2", tmp_path / "own"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def test_the_contracts_that_samsvar_carries_are_known_by_name() -> None:
    assert {"altinn2", "hal"} <= set(documents.known_contracts())


@pytest.mark.parametrize("name", documents.known_contracts())
def test_every_carried_contract_loads_under_its_own_name(name: str) -> None:
    assert documents.read_contract(name).name == name


def test_a_folder_path_loads_an_integrators_own_contract(own: Path) -> None:
    change(own, "contract.yaml", "name: altinn2", "name: vendor")
    assert documents.read_contract(str(own)).label == "vendor@2026-11"


def test_guarantees_alone_are_those_of_the_whole_contract() -> None:
    assert documents.read_guarantees("altinn2") == documents.read_contract("altinn2").guarantees


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        documents.read_contract("altinn1")
    assert "altinn1" in str(caught.value)
    assert "altinn2" in str(caught.value)


def test_the_schemas_of_the_models_are_given_by_file_name() -> None:
    assert documents.schema_documents("altinn2")["Message.schema.json"]["title"] == "Message"


BROKEN = [
    # file, text in it, what stands there instead, what the line says
    (
        "guarantees.yaml",
        "level: MUST",
        "level: MUS",
        "own/guarantees.yaml: guarantees[0] (FORMAT-1).level: 'MUS' is not",
    ),
    ("guarantees.yaml", "      nb: Hver ressurs", "      no: Hver ressurs", "(FORMAT-1).statement: 'nb' is a required"),
    ("guarantees.yaml", "    level: MUST\n", "", "guarantees[0] (FORMAT-1): 'level' is a required property"),
    ("guarantees.yaml", "    seen:", "    sen:", "(FORMAT-1): Additional properties are not allowed ('sen'"),
    ("guarantees.yaml", "id: FORMAT-2", "id: FORMAT-1", "own/guarantees.yaml: FORMAT-1: the id stands 2 times"),
    ("guarantees.yaml", "id: FORMAT-2", "id: format 2", "guarantees[1] (format 2).id: 'format 2' does not match"),
    ("guarantees.yaml", "companions: [CORS-2]", "companions: [CORS-99]", "CORS-1.companions: 'CORS-99' is not another"),
    (
        "guarantees.yaml",
        "    level: MUST\n",
        "    level: MUST\n    level: MAY\n",
        "line 7, column 5: the key 'level' stands",
    ),
    ("guarantees.yaml", "guarantees:\n", "guarantees: [\n", "own/guarantees.yaml: line "),
    ("guarantees.yaml", "needs: [unsafe]", "needs: [luck]", "(GET-5).needs[0]: 'luck' is not one of"),
    (
        "types.yaml",
        "element: Message,",
        "element: Mesage,",
        "own/types.yaml: types.MessageList.element: 'Mesage' is not a type",
    ),
    ("types.yaml", "model: Message\n", "model: Mesage\n", "types.Message.model: 'Mesage' is not a model in resources/"),
    ("types.yaml", "key: [MessageId]", "key: [MessageID]", "types.Message.key: 'MessageID' is not a property"),
    ("types.yaml", "formats: four", "formats: five", "types.Message.formats: 'five' is not a format group"),
    ("types.yaml", "access: user", "access: anybody", "types.Message.access: 'anybody' is not one of"),
    (
        "types.yaml",
        "element: TrashedMessage",
        "element: MessageList",
        "types.Trashbin.element: MessageList has no model",
    ),
    (
        "relations.yaml",
        "target: Print",
        "target: Prent",
        "relations.yaml: print on Message.target: 'Prent' is not a type",
    ),
    ("relations.yaml", "from: [MessageList]", "from: [MesageList]", "find on MesageList.from: 'MesageList' is neither"),
    ("relations.yaml", "kind: document", "kind: documents", "(print).kind: 'documents' is not one of"),
    ("relations.yaml", "    target: Print\n", "", "print on Message.target: a relation of kind document needs"),
    (
        "relations.yaml",
        "kind: page",
        "kind: page\n    target: Message",
        "next on *.target: a relation of kind page has no",
    ),
    (
        "relations.yaml",
        "{MessageId: MessageId}",
        "{MessageId: Id}",
        "find on MessageList.variables: 'Id' is not a property",
    ),
    ("relations.yaml", "    variables: {MessageId: MessageId}\n", "", "find on MessageList.variables: a search names"),
    (
        "relations.yaml",
        "ServiceEditionCode: ServiceEdition}",
        "EditionCode: ServiceEdition}",
        "match: 'EditionCode' is not a",
    ),
    (
        "relations.yaml",
        "ServiceEditionCode: ServiceEdition}",
        "ServiceEditionCode: Edition}",
        "match: 'Edition' is not a",
    ),
    ("relations.yaml", "when: {Type: [FormTask]}", "when: {Type: [Form]}", "print on Message.when: Type has the words"),
    ("relations.yaml", "when: {Type: [FormTask]}", "when: {Typ: [FormTask]}", "print on Message.when: 'Typ' is not a"),
    ("relations.yaml", "rel: gui", "rel: portalview", "portalview on *: it is defined 2 times"),
    (
        "relations.yaml",
        "target: RoleRequirementList",
        "target: Schema",
        "rolerequirements on ServiceMetaData.target: Schema is a",
    ),
    (
        "contract.yaml",
        "type: MessageList",
        "type: MesageList",
        "entries: 'my/messages' leads to 'MesageList', which is not",
    ),
    ("contract.yaml", "name: reportees,", "name: metadata,", "entries: the name 'metadata' stands 2 times"),
    (
        "contract.yaml",
        "path: my/messages,",
        "path: /my/messages,",
        "entries[1] (my/messages).path: '/my/messages' does not",
    ),
    ("contract.yaml", "list_limit: 50", "list_limit: fifty", "own/contract.yaml: list_limit: 'fifty' is not of type"),
    ("contract.yaml", "  - POST {who}/messages\n", "  - POST\n", "write_operations[0]: 'POST' does not match"),
    (
        "profiles/default.yaml",
        "FORMAT-1,",
        "FORMAT-99,",
        "own/profiles/default.yaml: tested: 'FORMAT-99' is not a guarantee",
    ),
    (
        "profiles/default.yaml",
        "FORMAT-1,",
        "MEANING-1,",
        "own/profiles/default.yaml: tested: MEANING-1 cannot be tested",
    ),
    (
        "profiles/default.yaml",
        "name: default",
        "name: normal",
        "own/profiles/default.yaml: name: 'normal' is not the file's",
    ),
    ("profiles/thorough.yaml", "Message: 3", "Mesage: 3", "own/profiles/thorough.yaml: places: 'Mesage' is not a type"),
    ("profiles/thorough.yaml", "Message: 3", "Message: 0", "profiles/thorough.yaml: places.Message: 0 is less than"),
    (
        "resources/Message.schema.json",
        '"MessageId": {"type": "string"},',
        "",
        "Message: required: 'MessageId' is not a property",
    ),
    (
        "resources/Message.schema.json",
        "Attachment.schema.json",
        "Atachment.schema.json",
        "$ref: 'Atachment.schema.json' leads",
    ),
    ("resources/Message.schema.json", "#/$defs/ReplyOption", "#/$defs/Reply", "$ref: '#/$defs/Reply' leads nowhere"),
    (
        "resources/Message.schema.json",
        '"x-kind": "uri"',
        '"x-kind": "url"',
        "properties.MessageLink.x-kind: 'url' is not one",
    ),
    (
        "resources/Message.schema.json",
        '"$id": "Message',
        '"$id": "Mesage',
        "$id: 'Mesage.schema.json' is not the file's name",
    ),
    ("resources/Message.schema.json", '"title": "Message",', '"title": "Message"', "Message.schema.json: "),
    ("resources/Message.schema.json", '"title"', '"title": "x", "title"', "the key 'title' stands twice in one object"),
]


@pytest.mark.parametrize(("file", "old", "new", "says"), BROKEN, ids=[f"{row[0]}: {row[3][:40]}" for row in BROKEN])
def test_a_broken_file_gives_one_line_with_file_place_and_fault(
    own: Path, file: str, old: str, new: str, says: str
) -> None:
    change(own, file, old, new)
    with pytest.raises(ContractError) as caught:
        documents.read_contract(str(own))
    line = str(caught.value)
    assert f"own/{file}: " in line
    assert says in line
    assert "\n" not in line


def test_a_missing_file_is_named(own: Path) -> None:
    (own / "guarantees.yaml").unlink()
    with pytest.raises(ContractError, match=r"own/guarantees\.yaml: the file is missing"):
        documents.read_contract(str(own))


@pytest.mark.parametrize("data", [b"", b"- 1\n", b"\xff\xfe\x00", b"a: \x07\n", b"a: !!python/object:os.system {}\n"])
def test_what_is_not_a_contract_at_all_gives_one_line(own: Path, data: bytes) -> None:
    (own / "contract.yaml").write_bytes(data)
    with pytest.raises(ContractError, match=r"own/contract\.yaml: ") as caught:
        documents.read_contract(str(own))
    assert "\n" not in str(caught.value)


def test_the_list_of_checked_files_is_up_to_date() -> None:
    written = json.loads((CONTRACTS / "schema" / documents.CHECKED).read_text("utf-8"))
    assert documents.check_all() == written, "python -m samsvar.world.documents > contracts/schema/checked.json"


def test_reading_a_carried_contract_does_not_load_the_schema_checker() -> None:
    code = (
        "import sys; from samsvar.world.documents import read_contract; read_contract('altinn2'); "
        "sys.exit('jsonschema' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(CONTRACTS.parent / "src")}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


def test_a_changed_file_is_checked_again(own: Path) -> None:
    change(own, "profiles/default.yaml", "formats: [", "formats: [nonsense, ")
    with pytest.raises(ContractError, match="nonsense"):
        documents.read_contract(str(own))
