"""Several processes of one run gather evidence once."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from samsvar.errors import SamsvarError, UnreachableError
from samsvar.model.exchange import Evidence, Means, Target, TargetKind
from samsvar.world.sharing import folder_of, forget, share

EVIDENCE = Evidence("altinn2@1", "default", Target(TargetKind.LIVE, "https://api.example/api"), Means(), (), 0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield "run-1"
    forget("run-1")


def test_the_first_gathers_and_the_others_get_the_same(run: str) -> None:
    calls: list[int] = []

    def gather() -> Evidence:
        calls.append(1)
        return EVIDENCE

    found: list[Evidence] = []
    threads = [threading.Thread(target=lambda: found.append(share(run, gather))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [EVIDENCE] * 3 and len(calls) == 1


def test_the_failure_of_the_one_that_gathers_is_the_failure_of_all(run: str) -> None:
    def gather() -> Evidence:
        raise UnreachableError("It is gone.", "Wait.")

    with pytest.raises(UnreachableError):
        share(run, gather)
    with pytest.raises(SamsvarError, match=r"It is gone\. Wait\.") as caught:
        share(run, lambda: EVIDENCE)
    assert caught.value.exit_code == 3


def test_a_crash_of_the_one_that_gathers_keeps_nobody_waiting(run: str) -> None:
    def gather() -> Evidence:
        raise ZeroDivisionError("a mistake of ours")

    with pytest.raises(ZeroDivisionError):
        share(run, gather)
    with pytest.raises(SamsvarError, match="ZeroDivisionError"):
        share(run, lambda: EVIDENCE)


def test_only_the_owner_may_look_in(run: str) -> None:
    share(run, lambda: EVIDENCE)
    assert folder_of(run).stat().st_mode & 0o077 == 0


def test_somebody_elses_folder_is_not_trusted(run: str) -> None:
    folder_of(run).mkdir(mode=0o777)
    folder_of(run).chmod(0o777)
    with pytest.raises(SamsvarError, match="not ours alone"):
        share(run, lambda: EVIDENCE)


def test_what_was_shared_is_removed(run: str) -> None:
    share(run, lambda: EVIDENCE)
    forget(run)
    assert not folder_of(run).exists()
    forget(run)
