"""Reading contract folders from disk: the home of PyYAML.

In goes a name of a contract that samsvar carries ("altinn2"), or the folder of somebody's own; out comes the checked
Contract. Every file is checked against its schema as it is read. A file whose bytes were checked when samsvar was built
(contracts/schema/checked.json) is not checked again: the check takes longer than everything else together. After a
change of a contract or a schema, write the list anew: python -m samsvar.world.documents > contracts/schema/checked.json
"""

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

import samsvar
from samsvar.errors import ContractError, UsageError
from samsvar.logic import contracts
from samsvar.model.contract import Contract, Guarantee

PATTERNS = {"profiles": "*.yaml", "resources": "*.schema.json"}
OPENAPI = "openapi.yaml"
CHECKED = "checked.json"


def read_contract(name_or_folder: str) -> Contract:
    """The contract of that name, or in that folder. Raises UsageError for an unknown name, ContractError for a file
    that is missing, broken or contradicts another."""
    folder = _folder(name_or_folder)
    names = _names(folder)
    with _errors_named_after(folder):
        contract = contracts.build_contract({name: _read_checked(folder, name) for name in names if name != OPENAPI})
    return replace(contract, openapi=_Described(folder)) if OPENAPI in names else contract


class _Described(Mapping[str, Any]):
    """The OpenAPI description of a contract, read when it is first looked at: it is longer than all the rest, and most
    runs do not need it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        with _errors_named_after(self._folder):
            models = schema_documents(str(self._folder))
            return contracts.self_contained(_read_checked(self._folder, OPENAPI), models)

    def __getitem__(self, name: str) -> Any:
        return self._document[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)


def read_guarantees(name_or_folder: str) -> Mapping[str, Guarantee]:
    """Only the guarantees, by id: for those who explain them and ask nothing. Raises as read_contract does."""
    folder = _folder(name_or_folder)
    with _errors_named_after(folder):
        return contracts.build_guarantees(_read_checked(folder, "guarantees.yaml"))


def schema_documents(name_or_folder: str) -> Mapping[str, Any]:
    """The JSON Schemas of the resource models, by file name ("Message.schema.json"), for those who validate."""
    folder = _folder(name_or_folder)
    with _errors_named_after(folder):
        return MappingProxyType(
            {
                name.removeprefix("resources/"): _read_checked(folder, name)
                for name in _names(folder)
                if name.startswith("resources/")
            }
        )


def known_contracts() -> tuple[str, ...]:
    """The names of the contracts that samsvar carries."""
    return tuple(sorted({path.parent.name for root in _roots() for path in root.glob("*/contract.yaml")}))


def check_all() -> Mapping[str, str]:
    """Check every file of every contract that samsvar carries, whatever was checked before. Gives what belongs into
    checked.json: digest by file. Raises ContractError for the first file that does not fit."""
    digests = {}
    for contract in known_contracts():
        folder = _folder(contract)
        for name in _names(folder):
            data = (folder / name).read_bytes()
            schema = _schema_bytes(name)
            contracts.check_document(name, parse(name, data), json.loads(schema))
            digests[f"{contract}/{name}"] = _digest(schema, data)
    return digests


def parse(name: str, data: bytes) -> Any:
    """The document in the bytes of a YAML or JSON file. Raises ContractError if it is not one, or if a key stands twice
    in one mapping (both formats forbid it, both readers accept it)."""
    try:
        if name.endswith(".json"):
            return json.loads(data, object_pairs_hook=_unique_pairs)
        return yaml.load(data, _UniqueKeyLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the document"
        raise ContractError(f"{name}: {place}: {error.problem}.", "Correct the file.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"{name}: {' '.join(str(error).split())}.", "Correct the file.") from error


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the document: the key {twice!r} stands twice in one object")
    return found


class _UniqueKeyLoader(yaml.CSafeLoader):
    """The safe loader, written in C, that refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(map(str, keys))) < len(keys):
            first = next(key for index, (key, _) in enumerate(node.value) if key.value in keys[:index])
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {first.value!r} stands twice", first.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def _read_checked(folder: Path, name: str) -> Any:
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        raise ContractError(f"{name}: the file is missing.", "A contract needs it.") from None
    document = parse(name, data)
    schema = _schema_bytes(name)
    if _digest(schema, data) not in _checked():
        contracts.check_document(name, document, json.loads(schema))
    return document


def _names(folder: Path) -> list[str]:
    names = [name for name in contracts.SCHEMA_OF if (folder / name).is_file()]
    for sub, pattern in PATTERNS.items():
        names += sorted(f"{sub}/{path.name}" for path in (folder / sub).glob(pattern))
    return names


@cache
def _schema_bytes(document: str) -> bytes:
    name = f"{contracts.schema_name(document)}.schema.json"
    return _first([root / "schema" / name for root in _roots()]).read_bytes()


@cache
def _checked() -> frozenset[str]:
    """The digests of the files that were checked when samsvar was built."""
    found = [root / "schema" / CHECKED for root in _roots()]
    return frozenset(json.loads(_first(found).read_bytes()).values())


def _digest(schema: bytes, data: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(schema).digest() + data).hexdigest()


@cache
def _roots() -> tuple[Path, ...]:
    """The folders of contracts: inside the package in a wheel, at the top of a checkout."""
    folders = [Path(path) / "contracts" for path in samsvar.__path__]
    return tuple(folder for folder in folders if folder.is_dir())


def _first(paths: list[Path]) -> Path:
    for path in paths:
        if path.is_file():
            return path
    raise ContractError("samsvar's own contracts are not there.", "Install samsvar again.")


def _folder(name_or_folder: str) -> Path:
    known = known_contracts()
    if name_or_folder in known:
        return next(root / name_or_folder for root in _roots() if (root / name_or_folder / "contract.yaml").is_file())
    if (Path(name_or_folder) / "contract.yaml").is_file():
        return Path(name_or_folder)
    raise UsageError(
        f"There is no contract {name_or_folder!r}.",
        f"Known: {', '.join(known)}; or name a folder with a contract.yaml in it.",
    )


@contextmanager
def _errors_named_after(folder: Path) -> Iterator[None]:
    """A contradiction names a file of the contract: say which contract."""
    try:
        yield
    except ContractError as error:
        raise ContractError(f"{folder.name}/{error.what}", error.remedy) from error


if __name__ == "__main__":
    print(json.dumps(dict(check_all()), indent=1))
