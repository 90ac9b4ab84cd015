"""What is private: kinds of value that never reach the disk as they are, and what a leak of one is."""

from dataclasses import dataclass, field
from enum import StrEnum


class Private(StrEnum):
    """Kinds of private value. The words stand in contracts and manifests, so they never change."""

    CREDENTIAL = "credential"  # keys, tokens, cookies, passwords, certificates, one-time codes: removed
    NATIONAL_ID = "national-id"  # fodselsnummer, D-number and their synthetic forms
    ORGANISATION = "organisation"  # organisation number, which for a sole proprietor is one of a person
    NAME = "name"  # of a person or of an enterprise, user names too
    ADDRESS = "address"
    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"  # number of a bank account
    TEXT = "text"  # free text, in which anything may stand


@dataclass(frozen=True, slots=True)
class Known:
    """A private value as the target really sends it, known to this run only. It shows in no repr."""

    kind: Private
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of something that is about to be written. name: where it would be ("tape.yaml, exchange 17, body").
    open: it came from a resource that anybody may read, so names and texts in it are nobody's secret."""

    name: str
    data: bytes = field(repr=False)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Leak:
    """Something private that would have been written: its kind, the part, how it is written there ("plain",
    "base64", ...), and at which byte of the part. Never the value."""

    kind: Private
    part: str
    encoding: str
    offset: int

    def __str__(self) -> str:
        return f"{self.part}: {self.kind} ({self.encoding}) at byte {self.offset}"
