"""All faults: ways to break one guarantee each, and as little else as possible."""

from collections.abc import Mapping
from types import MappingProxyType

from samsvar.miniature import (
    faults_of_access,
    faults_of_documentation,
    faults_of_examples,
    faults_of_formats,
    faults_of_links,
    faults_of_lists,
    faults_of_paths,
    faults_of_scripts,
)
from samsvar.miniature.parts import Fault

ROWS: tuple[Fault, ...] = (
    *faults_of_formats.ROWS,
    *faults_of_links.ROWS,
    *faults_of_access.ROWS,
    *faults_of_scripts.ROWS,
    *faults_of_lists.ROWS,
    *faults_of_examples.ROWS,
    *faults_of_paths.ROWS,
    *faults_of_documentation.ROWS,
)
FAULTS: Mapping[str, Fault] = MappingProxyType({row.id: row for row in ROWS})
