"""Our own faults, and only ours: what the target does wrong is a finding, never an exception.

Every error carries ``what`` is wrong, ``remedy``, and the exit code that the command line ends with.
Foreign exceptions are translated into one of these once, in the home of their package.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(eq=False)
class SamsvarError(Exception):
    """Something on our side stops the work. ``str()`` is one line: what, and what to do next."""

    what: str
    remedy: str = ""
    exit_code: ClassVar[int] = 2

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


@dataclass(eq=False)
class UsageError(SamsvarError):
    """The caller asked for something that does not exist or cannot be: exit 2."""


@dataclass(eq=False)
class ContractError(SamsvarError):
    """A contract file is broken or contradicts itself: exit 2."""


@dataclass(eq=False)
class CassetteError(SamsvarError):
    """A recording cannot be read or trusted: exit 3."""

    exit_code: ClassVar[int] = 3


@dataclass(eq=False)
class JournalError(SamsvarError):
    """The journal of a run cannot be written, read or trusted: exit 3. What was kept before stays whole."""

    exit_code: ClassVar[int] = 3


@dataclass(eq=False)
class UnreachableError(SamsvarError):
    """The target cannot be asked at all: exit 3."""

    exit_code: ClassVar[int] = 3


@dataclass(eq=False)
class SafetyError(SamsvarError):
    """What was asked for would be unsafe, so it is not done: exit 4."""

    exit_code: ClassVar[int] = 4


@dataclass(eq=False)
class PrivacyError(SamsvarError):
    """Something private would have been written: exit 5."""

    exit_code: ClassVar[int] = 5


@dataclass(eq=False)
class OutputError(SamsvarError):
    """A result cannot be written where it should be: exit 2."""
