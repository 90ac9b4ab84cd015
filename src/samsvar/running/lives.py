"""The lives of a run: what is private is cleaned in each, and a journal lets the next go on where one ended."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samsvar import __version__
from samsvar.errors import JournalError, PrivacyError
from samsvar.model.contract import Contract, Profile
from samsvar.model.exchange import Probe, TargetKind
from samsvar.model.privacy import Part, Private
from samsvar.running.orders import Order, secrets_of, short_hash, target_name
from samsvar.running.ways import Way

if TYPE_CHECKING:
    from samsvar.logic.cleaning.cleaner import Cleaner
    from samsvar.logic.cleaning.pseudonyms import Pair
    from samsvar.world.driver import Journal
    from samsvar.world.journal import RunJournal, Unfinished
    from samsvar.world.transport import Transport

FOLDER = ".samsvar"
"""Where journals lie, below the working folder."""


@dataclass(frozen=True, slots=True)
class Life:
    """What one life of a run is lived with. cleaner: None where nothing private can come (a cassette, the miniature
    that is only looked at). journal: None where nothing is kept. key: the name of the key of pseudonyms."""

    transport: Transport
    cleaner: Cleaner | None = None
    journal: RunJournal | None = None
    key: str = ""

    @property
    def memory(self) -> Journal | None:
        """What was said in earlier lives, for who asks."""
        if self.journal is None or self.cleaner is None:
            return self.journal
        from samsvar.world.cleaned import HeardJournal

        return HeardJournal(self.journal, self.cleaner)

    @property
    def begun(self) -> str:
        """When the run began, in its first life (ISO 8601, UTC); "" when there is only this one."""
        return self.journal.begun if self.journal is not None else ""

    def end(self, *, whole: bool) -> None:
        """The run is told and written down. A whole one leaves nothing behind."""
        if self.journal is None:
            return
        if whole:
            self.journal.remove()
        else:
            self.journal.close()

    def leave(self, error: BaseException) -> None:
        """The run is ended by an error before it is told: its journal is let go, and the error says how to go on, but
        for a fault that would come again."""
        if self.journal is None:
            return
        self.journal.close()
        if not isinstance(error, JournalError | PrivacyError):
            error.add_note(GO_ON)

    def gate(self, parts: Iterable[Part]) -> None:
        """Let pass what is about to be written. Raises PrivacyError, naming places, when something private is in it."""
        if self.cleaner is None:
            return
        from samsvar.logic.gating import leaks

        found = list(leaks(parts, tuple(self.cleaner.known()), self.cleaner.issued()))
        if found:
            shown = "; ".join(map(str, found[:MOST_SHOWN])) + ("; ..." if len(found) > MOST_SHOWN else "")
            raise PrivacyError(
                f"Nothing was written, since private values would have been: {shown}.",
                "Where a member of a model is named, mark it x-private in your contract; else report the places.",
            )

    def cleaned(self) -> Mapping[str, Any]:
        """What was cleaned and how, for a manifest: no value, only counts."""
        if self.cleaner is None:
            return {}
        from samsvar.logic.cleaning.cleaner import VERSION

        counts = self.cleaner.counts()
        return {
            "table": VERSION,
            "key": self.key,
            "texts": "pseudonyms" if self.cleaner.privacy.texts else "keep",
            "organisations": self.cleaner.privacy.organisations.value,
            "values": {kind.value: counts[kind] for kind in Private if kind in counts},
        }


MOST_SHOWN = 5
GO_ON = "what was answered is kept; go on with the same command and --resume"


def life_of(order: Order, way: Way, contract: Contract, profile: Profile) -> Life:
    """The life that an order asks for: cleaned wherever somebody's data may come or is to be written down, with a
    journal where the order names a folder for one. Raises SamsvarError."""
    from samsvar.world.cleaned import CleanedTransport
    from samsvar.world.keys import key_of, name_of

    kind = way.target.kind
    if kind is TargetKind.CASSETTE or (kind is TargetKind.MINIATURE and not order.clean):
        return Life(way.transport)
    key = key_of({**os.environ, **order.settings}, order.settings)
    if order.journal and kind is TargetKind.LIVE:
        return _remembered(order, way, contract, profile, key)
    cleaner = _cleaner(order, way, contract, profile, key)
    return Life(CleanedTransport(way.transport, cleaner), cleaner, key=name_of(key))


def _remembered(order: Order, way: Way, contract: Contract, profile: Profile, key: bytes) -> Life:
    from samsvar.world.cleaned import CleanedTransport
    from samsvar.world.keys import Seal, name_of

    journal = _open(order, way, contract, key)
    try:
        cleaner = _cleaner(order, way, contract, profile, key)
        seal = Seal(key)
        cleaner.take_back(_pairs(journal, seal.opened))

        def keep(pairs: Sequence[Pair]) -> None:
            rows = ((pair.kind.value, json.dumps(pair.pseudonym), seal.closed(pair.kept())) for pair in pairs)
            journal.keep_pseudonyms(rows)  # as JSON, since half a character cannot stand in a database

        return Life(CleanedTransport(way.transport, cleaner, keep), cleaner, journal, name_of(key))
    except BaseException:
        journal.close()
        raise


def _cleaner(order: Order, way: Way, contract: Contract, profile: Profile, key: bytes) -> Cleaner:
    from samsvar.logic.cleaning.cleaner import Cleaner
    from samsvar.logic.cleaning.pseudonyms import Pseudonyms

    return Cleaner(contract, profile.privacy, Pseudonyms(key), (*secrets_of(order), *way.secrets))


def journal_path(order: Order, contract: Contract) -> str:
    """Where the journal of a run lies: one for each target, contract, profile and selection."""
    what = "\n".join((contract.name, order.profile, *sorted(order.select)))
    return str(Path(order.journal, f"{target_name(order)}-{short_hash(what)}.journal"))


def _to_resume(order: Order, path: str) -> str:
    """The journal to go on with: that of the same run, else the newest of the same target, which will tell in what it
    is another run."""
    if Path(path).is_file():
        return path
    others = sorted(Path(order.journal).glob(f"{target_name(order)}-*.journal"), key=lambda one: one.stat().st_mtime)
    return str(others[-1]) if others else path


def earlier(order: Order, contract: Contract) -> Unfinished | None:
    """The run that an order would go on with, or drop. None when there is none, or none that can be read. Raises
    UsageError when another process is writing it."""
    from samsvar.world.journal import Lock, unfinished

    if not order.journal or "://" not in order.target:
        return None
    path = journal_path(order, contract)
    with contextlib.suppress(JournalError, OSError):
        if Path(path).is_file():
            Lock(path).release()
            return unfinished(path)
    return None


def _open(order: Order, way: Way, contract: Contract, key: bytes) -> RunJournal:
    from samsvar.world.journal import RunJournal

    path, opened = journal_path(order, contract), RunJournal.begin
    if order.resume:
        path, opened = _to_resume(order, path), RunJournal.resume
    header = _header(order, way, contract, key)
    return opened(path, header, durable=not way.loopback, effect=effect_of(contract))


def _header(order: Order, way: Way, contract: Contract, key: bytes) -> Mapping[str, Any]:
    """What a run is: whoever goes on with it has to be asking the same."""
    from samsvar.logic.walking.steps import written
    from samsvar.running.walks import cases_of, walking_of
    from samsvar.world.keys import name_of

    means, limits, walking = way.means, way.limits, walking_of(order, way)
    return {
        "samsvar": __version__,
        "target": way.target.root,
        "contract": contract.label,
        "profile": order.profile,
        "select": sorted(order.select),
        "origins": list(means.origins),
        "unsafe": means.unsafe,
        "key": means.key,
        "logins": [login.value for login in means.logins],
        "clients": [client.value for client in means.clients],
        "limits": limits.figures(),
        "walks": [walking.name, walking.seed, cases_of(order, way)],
        "walks tried first": short_hash("\n".join(map(written, order.replays))),
        "pseudonyms": name_of(key),
    }


def effect_of(contract: Contract) -> Callable[[Probe], bool]:
    """Whether sending a probe changes something: a method that is not safe, or a read without the parameter by which
    the contract makes it one that changes nothing."""
    from samsvar.world.driver import unsafe_method

    def effect(probe: Probe) -> bool:
        if unsafe_method(probe):
            return True
        row = contract.types.get(probe.type)
        url = probe.url.lower()
        parameters = row.read_parameters if row is not None else {}
        return any(f"{name}={value}".lower() not in url for name, value in parameters.items())

    return effect


def _pairs(journal: RunJournal, opened: Callable[[bytes], str]) -> tuple[Pair, ...]:
    from samsvar.logic.cleaning.pseudonyms import Pair

    rows = journal.pseudonyms()
    return tuple(Pair.of(Private(kind), opened(sealed), json.loads(pseudonym)) for kind, pseudonym, sealed in rows)
