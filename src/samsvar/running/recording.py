"""A run as a recording: written once it is over, cleaned, past the gate, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from samsvar import __version__
from samsvar.errors import UnreachableError
from samsvar.model.contract import Access
from samsvar.model.exchange import TargetKind
from samsvar.model.recording import Recording, Run
from samsvar.running.sessions import Session


def record(session: Session, folder: str, source: str = "") -> Mapping[str, Any]:
    """Write what a session gathered to a folder; gives the manifest. Raises UnreachableError when the target said
    nothing at all, PrivacyError and OutputError as writing does; then nothing is written."""
    from samsvar.world.keeping import write_recording

    evidence, explored = session.evidence, session.explored
    if not any(exchange.response is not None for exchange in evidence.exchanges):
        raise UnreachableError(
            f"{evidence.target.root} said nothing: there is nothing to record.", "Try: samsvar doctor."
        )
    begun = min(exchange.at for exchange in evidence.exchanges)
    recording = Recording(
        root=evidence.target.root,
        recorded=datetime.fromtimestamp(begun, UTC).isoformat(timespec="seconds"),
        source=source or _source(session),
        samsvar=__version__,
        contract=evidence.contract,
        profile=evidence.profile,
        means=evidence.means,
        exchanges=evidence.exchanges,
        asked=evidence.asked,
        limits=explored.way.limits.figures(),
        stopped=evidence.stopped,
        not_visited=evidence.not_visited,
        notes=evidence.notes,
        cleaned=explored.life.cleaned(),
        begun=explored.life.begun,
    )
    types = session.contract.types
    open_types = frozenset(name for name, row in types.items() if row.access is Access.OPEN)
    return write_recording(folder, recording, session.gate, open_types)


def run_of(session: Session) -> Run | None:
    """The run that a session goes on with, of which something may be recorded already; None when it begins one. Raises
    UsageError when another process is writing its journal."""
    found = session.earlier() if session.order.resume else None
    return None if found is None else Run(session.order.target.rstrip("/"), session.order.profile, found.begun)


def _source(session: Session) -> str:
    """Who was asked, honestly: a recording of the miniature says so, and what was broken or changed in it."""
    order, target = session.order, session.evidence.target
    if target.kind is not TargetKind.MINIATURE:
        return target.root
    size = [f"size {order.size}"] if order.size is not None else []
    switches = [f"fault {name}" for name in order.faults] + [f"evolution {name}" for name in order.evolutions]
    return (
        f"the miniature of samsvar {__version__} (seed {order.seed}{''.join(f', {one}' for one in [*size, *switches])})"
    )
