"""A run goes on after whatever ended it: nothing acknowledged is lost, nothing is invented, and nothing with an effect
is sent twice. Kills are real where a process is needed, else a copy of the files as they lay at that moment."""

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_driver import FREE, OK, Fake, Script, Time, broken, busy, probes

from samsvar.errors import JournalError, UsageError
from samsvar.model.exchange import Attempt, Exchange, Failure, Login, Place, Probe, Response, Stage
from samsvar.world import journal as module
from samsvar.world.driver import Policy, Said, drive
from samsvar.world.journal import RunJournal, connected, unfinished
from samsvar.world.transport import Outcome

HEADER = {"target": "https://a.example", "profile": "default", "origins": ["https://b.example"], "unsafe": False}
NOW = 1_800_000_000.0
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals, limits or permissions of this kind")
NIGHT = pytest.mark.skipif(not os.environ.get("SAMSVAR_NIGHTLY"), reason="300 kills take a minute: SAMSVAR_NIGHTLY=1")


def no_effect(_: Probe) -> bool:
    return False


def any_effect(_: Probe) -> bool:
    return True


def begun(path: Path, effect: Callable[[Probe], bool] = no_effect, **header: Any) -> RunJournal:
    return RunJournal.begin(str(path), {**HEADER, **header}, durable=False, effect=effect, now=lambda: NOW)


def resumed(path: Path, effect: Callable[[Probe], bool] = no_effect, **header: Any) -> RunJournal:
    return RunJournal.resume(str(path), {**HEADER, **header}, durable=False, effect=effect, now=lambda: NOW + 60)


@contextmanager
def going_on(path: Path, effect: Callable[[Probe], bool] = no_effect, **header: Any) -> Iterator[RunJournal]:
    with closing(resumed(path, effect, **header)) as journal:
        yield journal


def copied(path: Path, to: Path) -> Path:
    """The files as a kill at this moment would leave them."""
    for end in ("", "-wal"):
        if Path(f"{path}{end}").exists():
            shutil.copyfile(f"{path}{end}", f"{to}{end}")
    return to


def probe(number: int) -> Probe:
    return Probe("read", f"https://a.example/{number}")


def said(number: int) -> Said:
    return Outcome(Response(200, body=b"%d" % number * 500)), ()


def ask(journal: RunJournal, number: int, answer: Said | None = None, asked: Probe | None = None) -> None:
    journal.planned(number, asked or probe(number))
    journal.sent(number)
    journal.received(number, answer or said(number))


def interrupted(found: Said | None) -> bool:
    return found is not None and found[0].failure is not None and found[0].failure.stage is Stage.INTERRUPTED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a run.samsvar"


# --- what is kept ----------------------------------------------------------------------------------------------------

WHOLE = Probe(
    "read",
    "https://a.example/æ?$top=5",
    "application/hal+json",
    "HEAD",
    (("Accept", "a"), ("accept", "b\udce6")),
    Login.TOKEN,
    "Message",
    "my",
    Place("Message", "r1/a2"),
    "reportees > messages",
    4,
    "self",
    1,
)
HALF = Response(200, (("ETag", '"1"'), ("etag", "2")), b"\xff\x00half", b"Gr\xf8nt", "HTTP/1.0", 9)
ATTEMPTS = (Attempt(429, "Busy", 0.1), Attempt(None, "reset", 1 / 3))
SAID: dict[str, Said] = {
    "a response": (Outcome(HALF, None, (("Accept", "a"),), ("ApiKey", "Cookie"), 1e9 + 1 / 3, 0.2), ATTEMPTS),
    "an empty response": (Outcome(Response(204)), ()),
    "half a response": (Outcome(None, Failure(Stage.RECEIVE, "reset", HALF)), ATTEMPTS),
    "a failure that says something": (Outcome(None, Failure(Stage.FRAMING, "the answer is not HTTP")), ()),
}


@pytest.mark.parametrize("answer", SAID.values(), ids=SAID)
def test_what_was_said_comes_back_to_the_last_byte(path: Path, answer: Said) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1, answer, WHOLE)
    with going_on(path) as journal:
        assert journal.recall(1, WHOLE) == answer
        assert journal.answered == 1


def test_nothing_is_recalled_in_the_first_life(path: Path) -> None:
    with closing(begun(path)) as journal:
        assert journal.recall(1, probe(1)) is None


def test_what_was_never_planned_is_asked(path: Path) -> None:
    begun(path).close()
    with going_on(path, any_effect) as journal:
        assert journal.recall(1, probe(1)) is None


def test_what_was_planned_and_did_not_go_out_is_asked_even_with_an_effect(path: Path) -> None:
    with closing(begun(path)) as journal:
        journal.planned(1, probe(1))
    with going_on(path, any_effect) as journal:
        assert journal.recall(1, probe(1)) is None


def test_the_same_body_is_kept_once(path: Path) -> None:
    with closing(begun(path)) as journal:
        for number in range(1, 101):
            ask(journal, number, (Outcome(Response(200, body=b"x" * 10_000)), ()))
    assert path.stat().st_size < 100_000


def test_a_body_that_cannot_be_written_as_text_takes_no_more_room_than_it_has(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1, (Outcome(Response(200, body=bytes(range(256)) * 1000)), ()))
    assert path.stat().st_size < 256_000 + 60_000


def test_pseudonyms_come_back_in_the_order_in_which_they_were_given(path: Path) -> None:
    rows = (("name", "Person 2", b"\x00\xff"), ("id", "1", b"b"), ("name", "Person 1", b""))
    with closing(begun(path)) as journal:
        journal.keep_pseudonyms(rows[:2])
        journal.keep_pseudonyms([rows[2], ("name", "Person 2", b"again")])
        assert journal.pseudonyms() == (("name", "Person 2", b"again"), *rows[1:])
    with going_on(path) as journal:
        journal.keep_pseudonyms([("id", "2", b"c")])
        assert journal.pseudonyms() == (("name", "Person 2", b"again"), *rows[1:], ("id", "2", b"c"))


def test_a_pseudonym_is_on_the_disk_when_the_answer_is_in_which_it_stands(path: Path, tmp_path: Path) -> None:
    with closing(begun(path)) as journal:
        journal.planned(1, probe(1))
        journal.sent(1)
        journal.keep_pseudonyms([("name", "Person 1", b"sealed")])
        journal.received(1, said(1))
        copy = copied(path, tmp_path / "copy")
    with going_on(copy) as journal:
        assert journal.pseudonyms() == (("name", "Person 1", b"sealed"),)


def test_a_journal_says_of_what_run_it_is(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1)
        ask(journal, 2, (broken(Stage.DNS), ()))
        assert (journal.begun, journal.answered) == ("2027-01-15T08:00:00Z", 1)
    found = unfinished(str(path))
    assert found is not None and not found.finished
    assert (found.header, found.answered, found.begun) == (HEADER, 1, "2027-01-15T08:00:00Z")


def test_a_run_that_goes_on_began_when_it_began(path: Path) -> None:
    begun(path).close()
    with going_on(path) as journal:
        assert journal.begun == "2027-01-15T08:00:00Z"


def test_a_run_is_finished_when_it_was_judged_and_no_longer_when_it_goes_on(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1)
        journal.judged('{"kept": true}')
    found = unfinished(str(path))
    assert found is not None and found.finished and found.results == '{"kept": true}'
    with going_on(path) as journal:
        assert journal.recall(1, probe(1)) == said(1)
    found = unfinished(str(path))
    assert found is not None and not found.finished


def test_a_journal_can_be_looked_at_while_a_run_writes_it(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1)
        found = unfinished(str(path))
        assert found is not None and found.answered == 1
        ask(journal, 2)
        assert journal.answered == 2


def test_where_no_journal_is_nothing_is_unfinished(path: Path) -> None:
    assert unfinished(str(path)) is None
    path.touch()
    assert unfinished(str(path)) is None
    assert path.read_bytes() == b""


def test_a_new_run_replaces_the_old_one(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1)
    with closing(begun(path, profile="other")) as journal:
        assert (journal.answered, journal.recall(1, probe(1))) == (0, None)


def test_a_new_run_that_is_killed_while_it_replaces_an_old_one_leaves_no_older_state(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1)
        copy = copied(path, tmp_path / "copy")
    unlink, turns = Path.unlink, iter(range(9))

    def killed(one: Path, missing_ok: bool = False) -> None:
        if next(turns):
            raise KeyboardInterrupt
        unlink(one, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            begun(copy)
    assert unfinished(str(copy)) is None and Path(f"{copy}-wal").exists()
    with closing(begun(copy)) as journal:
        assert journal.answered == 0


def test_nothing_is_left_of_a_journal_that_is_removed(path: Path) -> None:
    journal = begun(path)
    ask(journal, 1)
    journal.remove()
    journal.close()
    assert list(path.parent.iterdir()) == []


# --- what stands, what is asked again --------------------------------------------------------------------------------

SILENT = frozenset({Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.SEND, Stage.RECEIVE, Stage.DEADLINE, Stage.LOGIN})
NOT_OUT = frozenset({Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.LOGIN})


@pytest.mark.parametrize("stage", Stage)
def test_that_nothing_came_back_is_no_answer(path: Path, stage: Stage) -> None:
    answer: Said = (broken(stage), ())
    with closing(begun(path)) as journal:
        ask(journal, 1, answer)
    with going_on(path) as journal:
        assert journal.recall(1, probe(1)) == (None if stage in SILENT else answer)
        assert journal.answered == (stage not in SILENT)


def test_what_a_refused_sign_in_was_told_is_no_answer_to_the_question(path: Path) -> None:
    refused = Failure(Stage.LOGIN, "signing in was answered 401", Response(401))
    with closing(begun(path)) as journal:
        ask(journal, 1, (Outcome(None, refused), ()))
    with going_on(path) as journal:
        assert journal.recall(1, probe(1)) is None


@pytest.mark.parametrize("stage", sorted(SILENT))
def test_what_has_an_effect_is_asked_again_only_if_it_certainly_did_not_go_out(path: Path, stage: Stage) -> None:
    answer: Said = (broken(stage), ())
    tried: Said = (broken(stage), (Attempt(None, "reset", 0.1),))
    with closing(begun(path)) as journal:
        ask(journal, 1, answer)
        ask(journal, 2, tried)
    with going_on(path, any_effect) as journal:
        assert journal.recall(1, probe(1)) == (None if stage in NOT_OUT else answer)
        assert journal.recall(2, probe(2)) == tried


def test_a_probe_without_an_answer_is_asked_again_where_that_is_safe(path: Path) -> None:
    with closing(begun(path)) as journal:
        journal.planned(1, probe(1))
        journal.sent(1)
    with going_on(path) as journal:
        assert journal.recall(1, probe(1)) is None


def test_a_probe_with_an_effect_is_never_sent_again_whatever_number_of_lives(path: Path) -> None:
    with closing(begun(path)) as journal:
        journal.planned(1, probe(1))
        journal.sent(1)
    for _ in range(3):
        with going_on(path, any_effect) as journal:
            found = journal.recall(1, probe(1))
    assert found is not None and found[0].failure is not None and found[0].at == NOW
    assert (found[0].failure.stage, found[0].failure.because) == (Stage.INTERRUPTED, module.UNKNOWN)


def test_what_went_out_has_gone_out_however_often_it_is_planned(path: Path) -> None:
    with closing(begun(path)) as journal:
        journal.planned(1, probe(1))
        journal.sent(1)
        journal.planned(1, probe(1))
    with going_on(path, any_effect) as journal:
        assert interrupted(journal.recall(1, probe(1)))


def test_a_failure_that_is_asked_again_is_kept_until_it_goes_out(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1, (broken(Stage.DNS), ()))
    with going_on(path, any_effect) as journal:
        assert journal.recall(1, probe(1)) is None
        journal.planned(1, probe(1))
    with going_on(path, any_effect) as journal:
        assert journal.recall(1, probe(1)) is None
        journal.planned(1, probe(1))
        journal.sent(1)
    with going_on(path, any_effect) as journal:
        assert interrupted(journal.recall(1, probe(1)))


def test_what_is_retracted_is_asked_again_even_with_an_effect(path: Path) -> None:
    with closing(begun(path)) as journal:
        for number in range(1, 4):
            ask(journal, number, (busy(401), ()))
        journal.retract((2, 3))
        assert journal.answered == 1
    with going_on(path, any_effect) as journal:
        assert [journal.recall(n, probe(n)) for n in (1, 2, 3)] == [(busy(401), ()), None, None]


OTHERS = {
    "another question": {"question": "follow"},
    "another address": {"url": "https://a.example/else"},
    "another variant": {"about": "application/xml"},
    "another method": {"method": "HEAD"},
    "other header fields": {"headers": (("Accept", "b"),)},
    "another login": {"login": Login.NONE},
    "another parent": {"parent": 7},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_run_that_goes_another_way_recalls_nothing_from_there_on(path: Path, other: dict[str, Any]) -> None:
    with closing(begun(path)) as journal:
        for number in range(1, 5):
            ask(journal, number)
    with going_on(path) as journal:
        assert journal.recall(1, probe(1)) == said(1)
        assert journal.recall(2, replace(probe(2), **other)) is None
        assert [journal.recall(number, probe(number)) for number in (3, 4)] == [None, None]
        ask(journal, 2, said(9), replace(probe(2), **other))
    with going_on(path) as journal:
        assert journal.recall(2, replace(probe(2), **other)) == said(9)
        assert journal.answered == 2


def test_what_had_an_effect_on_another_way_is_not_sent_again_under_another_number(path: Path) -> None:
    effect = {probe(2).url, probe(3).url, probe(5).url}
    with closing(begun(path)) as journal:
        ask(journal, 1)
        ask(journal, 2)
        journal.planned(3, probe(3))
        journal.sent(3)
        ask(journal, 4)
        journal.planned(5, probe(5))
    for _ in range(2):
        with going_on(path, lambda one: one.url in effect) as journal:
            assert journal.recall(1, probe(99)) is None
            assert interrupted(journal.recall(2, replace(probe(3), parent=1)))
            assert interrupted(journal.recall(3, replace(probe(2), path="another")))
            assert journal.recall(4, probe(4)) is None
            assert journal.recall(5, probe(5)) is None


# --- which journals are taken up -------------------------------------------------------------------------------------


def test_a_run_with_other_options_is_not_the_same_run(path: Path) -> None:
    begun(path, extra=1).close()
    with pytest.raises(UsageError) as caught:
        resumed(path, profile="other", origins=[], more=None)
    assert str(caught.value) == (
        f"The journal {path} is of another run: extra: then 1, now not given; more: then not given, now null; "
        'origins: then ["https://b.example"], now []; profile: then "default", now "other". '
        "Give the same options again, or begin anew, without --resume."
    )
    with going_on(path, extra=1):
        pass


def test_a_header_is_compared_as_json(path: Path) -> None:
    begun(path, origins=("a", "b"), limits={"b": 1, "a": 2.5}).close()
    with going_on(path, origins=["a", "b"], limits={"a": 2.5, "b": 1}):
        pass


def test_there_must_be_a_run_to_go_on_with(path: Path) -> None:
    with pytest.raises(UsageError, match=r"no run to go on with at .* without --resume"):
        resumed(path)
    assert not list(path.parent.iterdir())


def marked(path: Path) -> None:
    connected(str(path), durable=False).close()


@pytest.mark.parametrize("make", [Path.touch, marked], ids=["no byte yet", "no table yet"])
def test_a_run_that_was_killed_before_it_began_goes_on_from_nothing(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    assert unfinished(str(path)) is None
    with going_on(path) as journal:
        ask(journal, 1)
    with going_on(path) as journal:
        assert journal.recall(1, probe(1)) == said(1)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")


@pytest.mark.parametrize("make", [lambda path: path.write_text("my notes"), foreign], ids=["text", "another database"])
def test_what_is_no_journal_is_left_alone(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    before = path.read_bytes()
    for use in (begun, resumed, lambda path: unfinished(str(path))):
        with pytest.raises(JournalError, match=r"is no journal of a run\. Name another file, or remove it\."):
            use(path)
    assert path.read_bytes() == before


def tampered(path: Path, *statements: str) -> None:
    begun_here = begun(path)
    ask(begun_here, 1)
    begun_here.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_journal_of_another_format_is_not_read_but_replaced_by_a_new_run(path: Path) -> None:
    tampered(path, "PRAGMA user_version = 99")
    for use in (resumed, lambda path: unfinished(str(path))):
        with pytest.raises(JournalError, match="is of format 99, this samsvar reads format 1"):
            use(path)
    begun(path).close()


DAMAGES = {
    "a body": ("UPDATE bodies SET data = x'00'",),
    "no body": ("DELETE FROM bodies",),
    "what was said": ("UPDATE probes SET said = '{'",),
    "a stage that is none": ('UPDATE probes SET said = \'{"failure":{"stage":"x","because":""}}\', body = NULL',),
    "no table": ("DROP TABLE probes",),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_journal_is_told_and_invents_nothing(path: Path, damage: Sequence[str]) -> None:
    tampered(path, *damage)

    def use() -> None:
        with going_on(path) as journal:
            journal.recall(1, probe(1))

    with pytest.raises(JournalError, match=r"is damaged \(.*\)\. Begin anew, without --resume\.") as caught:
        use()
    assert caught.value.exit_code == 3 and str(path) in str(caught.value)


def test_overwritten_pages_are_noticed(path: Path) -> None:
    with closing(begun(path)) as journal:
        for number in range(1, 50):
            ask(journal, number)
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = random.Random(1).randbytes(len(data) // 2 - 4096)
    path.write_bytes(data)
    for use in (resumed, lambda path: unfinished(str(path))):
        with pytest.raises(JournalError, match=r"is damaged \("):
            use(path)


def test_a_page_that_is_needed_much_later_is_noticed_at_once(path: Path) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1, (Outcome(Response(200, body=b"x" * 100_000)), ()))
    data = path.read_bytes()
    path.write_bytes(data[:-4096] + b"\xff" * 4096)
    with pytest.raises(JournalError, match=r"is damaged \("):
        resumed(path)


# --- one journal, one run --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [begun, resumed])
def test_a_second_run_is_told_who_has_the_journal(path: Path, second: Callable[[Path], RunJournal]) -> None:
    with closing(begun(path)) as journal:
        ask(journal, 1)
        told = rf"Another run writes the journal .* \(pid {os.getpid()}, since 2027-01-15T08:00:00Z\)"
        with pytest.raises(UsageError, match=told):
            second(path)
        assert journal.answered == 1
    second(path).close()


def test_what_could_not_be_opened_is_let_go(path: Path) -> None:
    begun(path).close()
    for _ in range(2):
        with pytest.raises(UsageError, match="another run"):
            resumed(path, profile="other")
    resumed(path).close()


@POSIX
def test_a_lock_that_is_removed_while_it_is_taken_is_taken_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = Path(f"{path}.lock")
    once = iter([lock])
    taken = module._locked

    def removed_first(handle: int) -> bool:
        for one in once:
            one.unlink()
        return taken(handle)

    monkeypatch.setattr(module, "_locked", removed_first)
    with closing(begun(path)):
        assert lock.exists()
        with pytest.raises(UsageError, match="Another run"):
            begun(path)


# --- files -----------------------------------------------------------------------------------------------------------


@POSIX
def test_a_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "a"
    mask = os.umask(0)
    try:
        with closing(begun(path)) as journal:
            ask(journal, 1)
            modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir() if one.name[0] != "."}
    finally:
        os.umask(mask)
    assert modes == dict.fromkeys(("a", "a-wal", "a-shm", "a.lock"), 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_made_for_journals_is_ignored_by_git(tmp_path: Path) -> None:
    begun(tmp_path / "made" / "for" / "it").close()
    assert (tmp_path / "made" / "for" / ".gitignore").read_text() == "*\n"


def test_a_folder_of_others_is_left_as_it_is(path: Path) -> None:
    begun(path).close()
    assert not (path.parent / ".gitignore").exists()


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_a_durable_journal_waits_for_the_disk(path: Path, durable: bool, level: int) -> None:
    with closing(connected(str(path), durable=durable)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- disks that refuse -----------------------------------------------------------------------------------------------


def limited(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Every connection from now on with a setting that makes the disk seem to refuse."""
    set_up = module._set_up

    def with_limit(connection: sqlite3.Connection, *, durable: bool) -> None:
        set_up(connection, durable=durable)
        connection.execute(statement)

    monkeypatch.setattr(module, "_set_up", with_limit)


def until_refused(journal: RunJournal) -> tuple[int, JournalError]:
    """How many answers were acknowledged before the disk refused."""
    for number in range(1, 10_000):
        try:
            ask(journal, number)
        except JournalError as error:
            return number - 1, error
    raise AssertionError


def test_a_full_disk_is_told_and_what_was_kept_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        limited(patch, "PRAGMA max_page_count = 40")
        with closing(begun(path)) as journal:
            kept, error = until_refused(journal)
    assert str(error) == f"The journal {path} cannot be written (disk full). Make room and go on with --resume."
    with going_on(path) as journal:
        assert journal.answered == kept > 5
        assert all(journal.recall(number, probe(number)) == said(number) for number in range(1, kept + 1))
        ask(journal, kept + 1)


def test_a_disk_that_refused_once_is_not_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        limited(patch, "PRAGMA max_page_count = 40")
        with closing(begun(path)) as journal:
            kept, _ = until_refused(journal)
            for _ in range(2):
                with pytest.raises(JournalError, match="disk full"):
                    journal.retract((kept,))
    with going_on(path) as journal:
        assert journal.answered == kept


def test_a_disk_that_is_full_is_found_before_the_first_request(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, "PRAGMA max_page_count = 3")
    with pytest.raises(JournalError, match="disk full"):
        begun(path)


def test_a_disk_that_is_read_only_is_found_before_the_first_request(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, "PRAGMA query_only = 1")
    with pytest.raises(JournalError, match=r"read-only\)\. Let it be written to"):
        begun(path)


def test_a_journal_that_another_program_holds_is_not_waited_for_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, "PRAGMA busy_timeout = 1")
    with closing(begun(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        journal.planned(1, probe(1))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another program holds it"):
            journal.sent(1)


def test_a_folder_that_cannot_be_is_found_before_the_first_request(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=r"file.run cannot be written \(.+\)\. Let it be written to"):
        begun(tmp_path / "file" / "run")


@POSIX
@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_found_before_the_first_request(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(JournalError, match=r"cannot be written \(Permission denied\)"):
        begun(tmp_path / "closed" / "run")


# --- any order of facts, any cut -------------------------------------------------------------------------------------

FACTS = ("planned", "sent", "received", "nothing", "retract")
STEPS = st.lists(st.tuples(st.sampled_from([*FACTS, "close", "kill"]), st.integers(1, 4)), max_size=25)


def step(journal: RunJournal, what: str, number: int, states: dict[int, str]) -> None:
    """Tells one fact, if it can happen to that probe now."""
    state = states.get(number, "")
    if what == "planned" and state in ("", "lost"):
        journal.planned(number, probe(number))
    elif what == "sent" and state in ("planned", "sent"):
        journal.sent(number)
    elif what == "received" and state == "sent":
        journal.received(number, said(number))
    elif what == "nothing" and state == "sent":
        journal.received(number, (broken(Stage.RECEIVE), ()))
    elif what == "retract" and state == "received":
        journal.retract((number,))
    else:
        return
    states[number] = "planned" if what == "retract" else what


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_after_any_facts_exactly_the_acknowledged_are_known(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "0"
        journal, states = begun(path), dict[int, str]()
        for count, (what, number) in enumerate((*steps, ("kill", 0)), 1):
            if what == "kill":
                path = copied(path, Path(folder) / str(count))
            if what in ("kill", "close"):
                journal.close()
                journal = resumed(path)
                states = {one: "lost" if state == "planned" else state for one, state in states.items()}
            else:
                step(journal, what, number, states)
        journal.close()
        with going_on(path) as journal:
            found = {number: journal.recall(number, probe(number)) for number in range(1, 5)}
        assert found == {n: said(n) if states.get(n) == "received" else None for n in range(1, 5)}
        with going_on(path, any_effect) as journal:
            out = {n for n in range(1, 5) if interrupted(journal.recall(n, probe(n)))}
        assert out == {n for n, state in states.items() if state == "sent"}


def known(path: Path) -> tuple[Said | None, ...]:
    """All facts of a journal: by each number nothing, that it went out, or what was said."""
    with going_on(path, any_effect) as journal:
        return tuple(journal.recall(number, probe(number)) for number in range(1, 5))


def test_a_journal_that_is_cut_anywhere_holds_what_was_committed_until_there(path: Path, tmp_path: Path) -> None:
    states = []
    with closing(begun(path)) as journal:
        states.append(known(copied(path, tmp_path / "copy")))
        for number in range(1, 3):
            journal.planned(number, probe(number))
            journal.sent(number)
            states.append(known(copied(path, tmp_path / "copy")))
            journal.received(number, said(number))
            states.append(known(copied(path, tmp_path / "copy")))
        log = Path(f"{path}-wal").read_bytes()
        file = path.read_bytes()
    held = []
    for length in (*range(0, len(log), 512), len(log)):
        cut = tmp_path / "cut"
        cut.write_bytes(file)
        Path(f"{cut}-wal").write_bytes(log[:length])
        held.append(states.index(known(cut)))
    assert len(held) > 100
    assert held == sorted(held) and set(held) == set(range(len(states)))


# --- kills -----------------------------------------------------------------------------------------------------------

CHILD = """
import os, sys
from itertools import count
from samsvar.errors import JournalError
from samsvar.model.exchange import Probe, Response
from samsvar.world.journal import RunJournal
from samsvar.world.transport import Outcome

path, way, limit = sys.argv[1:]
if limit != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
journal = getattr(RunJournal, way)(path, {}, durable=True, effect=lambda probe: False)
os.write(1, b"open 0\\n")
for number in count(1):
    probe = Probe("read", f"https://a.example/{number}")
    if journal.recall(number, probe) is not None:
        continue
    journal.planned(number, probe)
    try:
        journal.sent(number)
        os.write(1, b"sent %d\\n" % number)
        journal.received(number, (Outcome(Response(200, body=b"%d" % number * 500)), ()))
        os.write(1, b"received %d\\n" % number)
    except JournalError as error:
        sys.exit(str(error))
"""


def child(path: Path, way: str, limit: int = 0) -> subprocess.Popen[bytes]:
    """A process that writes facts as fast as it can, and says so once each is acknowledged."""
    line = [sys.executable, "-c", CHILD, str(path), way, str(limit)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def acknowledged(output: bytes) -> tuple[int, int]:
    """The last numbers that were sent and received by what a child said; what it did not end to say does not count."""
    lines = [line.split() for line in output[: output.rfind(b"\n") + 1].splitlines()]
    sent, received = ([int(number) for what, number in lines if what == word] for word in (b"sent", b"received"))
    return max(sent, default=0), max(received, default=0)


def must_know(path: Path, sent: int, received: int) -> int:
    """Everything that was acknowledged is known, and of the rest at most the fact that was being told. Returns how many
    answers there are."""
    with closing(RunJournal.resume(str(path), {}, durable=False, effect=any_effect)) as journal:
        answered = journal.answered
        assert received <= answered <= max(received, sent) + 1
        assert all(journal.recall(number, probe(number)) == said(number) for number in range(1, answered + 1))
        assert answered >= sent or interrupted(journal.recall(sent, probe(sent)))
        assert not journal.recall(max(answered, sent) + 2, probe(max(answered, sent) + 2))
    return answered


def kills(path: Path, count: int, seed: int) -> None:
    """Kills as many lives of one run, one after the other."""
    chance = random.Random(seed)
    sent = received = 0
    way = "begin"
    for _ in range(count):
        with child(path, way) as process:
            assert process.stdout is not None
            # The first kills may come before there is a file, the others in the middle of writing.
            said_first = process.stdout.readline() if way == "resume" or chance.random() < 0.5 else b""
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0, 0.05))
            process.kill()
            output = said_first + process.stdout.read()
        now = acknowledged(output)
        sent, received = max(sent, now[0]), max(received, now[1])
        if path.exists():
            received = must_know(path, sent, received)
            way = "resume"
    assert received > count


@POSIX
def test_nothing_acknowledged_is_lost_when_a_run_is_killed(path: Path) -> None:
    kills(path, 12, seed=13)


@POSIX
@NIGHT
@pytest.mark.parametrize("seed", range(3))
def test_nothing_acknowledged_is_lost_in_a_hundred_kills(path: Path, seed: int) -> None:
    kills(path, 100, seed)


@POSIX
def test_the_lock_of_a_killed_run_is_free_and_of_a_living_one_is_not(path: Path) -> None:
    with child(path, "begin") as process:
        assert process.stdout is not None and process.stdout.readline() == b"open 0\n"
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(UsageError, match=rf"Another run writes .* \(pid {process.pid}, since 20"):
            resumed(path)
        process.kill()
        process.stdout.read()
    RunJournal.resume(str(path), {}, durable=False, effect=no_effect).close()


@POSIX
def test_a_file_that_may_not_grow_is_told_and_what_was_kept_stays(path: Path) -> None:
    with child(path, "begin", limit=150_000) as process:
        output, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert told.decode().strip() == (
        f"The journal {path} cannot be written (disk error). "
        "See whether it is full, over quota or failing, and go on with --resume."
    )
    assert must_know(path, *acknowledged(output)) > 3


# --- the driver ------------------------------------------------------------------------------------------------------


class Killed(Exception):
    """Stands for the end of the process."""


class Mortal:
    """A journal whose process is killed at a given call, before it does anything: after all that the last one did."""

    def __init__(self, journal: RunJournal, path: Path, to: Path, at: int) -> None:
        self._journal = journal
        self._path = path
        self._to = to
        self._left = at
        self.transport: Fake | None = None
        self.sent_by_then: list[str] = []

    def _call(self, name: str, *given: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            copied(self._path, self._to)
            self.sent_by_then = [url for _, url in self.transport.sent] if self.transport else []
            raise Killed
        return getattr(self._journal, name)(*given)

    def recall(self, number: int, probe: Probe) -> Said | None:
        found: Said | None = self._call("recall", number, probe)
        return found

    def planned(self, number: int, probe: Probe) -> None:
        self._call("planned", number, probe)

    def sent(self, number: int) -> None:
        self._call("sent", number)

    def received(self, number: int, said: Said) -> None:
        self._call("received", number, said)

    def retract(self, numbers: Sequence[int]) -> None:
        self._call("retract", numbers)


EFFECT = "https://a.example/5"


def has_effect(probe: Probe) -> bool:
    return probe.url == EFFECT


def answer(probe: Probe, turn: int) -> Outcome:
    """Two are busy at first, one answers in half."""
    number = int(probe.url.rpartition("/")[2])
    if number in (1, 6) and turn == 1:
        return busy(429, ("Retry-After", "1"))
    if number == 3:
        return broken(Stage.FRAMING, HALF)
    return Outcome(Response(200, body=b"%d" % number), at=float(number))


def life(journal: RunJournal | Mortal | None, policy: Policy, count: int = 9) -> tuple[list[Exchange], list[str]]:
    """The exchanges of one life of a run and what it sent."""
    asker, time = Script(*probes(count)), Time()
    fake = Fake(time, answer, lambda probe: 0.1 + int(probe.url[-1]) % 3)
    if isinstance(journal, Mortal):
        journal.transport = fake
    asyncio.run(asyncio.wait_for(drive(asker, fake, policy, None, time.clock, journal), 20))
    assert not asker.stopped
    return asker.exchanges, [url for _, url in fake.sent]


def killed_at(path: Path, to: Path, at: int, policy: Policy, way: Any = begun) -> list[str] | None:
    """What a life had sent when it was killed; None when it came to its end before."""
    with closing(way(path, has_effect)) as journal:
        mortal = Mortal(journal, path, to, at)
        try:
            life(mortal, policy)
        except Killed:
            return mortal.sent_by_then
    return None


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_run_killed_at_any_call_goes_on_as_if_it_had_not_been(tmp_path: Path, concurrency: int) -> None:
    policy = replace(FREE, concurrency=concurrency)
    whole, _ = life(None, policy)
    for at in range(1, 1000):
        path, copy = tmp_path / "run", tmp_path / f"copy{at}"
        before = killed_at(path, copy, at, policy)
        if before is None:
            break
        with going_on(copy, has_effect) as journal:
            kept = [journal.recall(one.number, one.probe) for one in whole]
            exchanges, sent = life(journal, policy)
        unknown = interrupted(kept[5])
        expected = [one.probe.url for one, known in zip(whole, kept, strict=True) if known is None]
        # A pause that the target asks for may change the order in which several under way go out, killed or not.
        assert list(dict.fromkeys(sent)) == expected if concurrency == 1 else set(sent) == set(expected)
        assert (before + sent).count(EFFECT) == 1 or (unknown and EFFECT not in before + sent)
        assert [one for one in exchanges if not (unknown and one.number == 6)] == [
            one for one in whole if not (unknown and one.number == 6)
        ]
    assert at > 38, "every call was tried"


@pytest.mark.parametrize("seed", range(3))
def test_a_run_killed_again_and_again_comes_to_the_same_end(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    policy = replace(FREE, concurrency=3)
    whole, _ = life(None, policy)
    path, way, sends = tmp_path / "0", begun, list[str]()
    for turn in range(1, 100):
        at = chance.randint(1, 12) + 2 * turn
        before = killed_at(path, tmp_path / str(turn), at, policy, way)
        if before is None:
            break
        path, way, sends = tmp_path / str(turn), resumed, sends + before
    assert 3 < turn < 99, "it was killed more than once and came to an end"
    with going_on(path, has_effect) as journal:
        exchanges, sent = life(journal, policy)
    assert sent == [] and sends.count(EFFECT) <= 1
    assert [one for one in exchanges if one.number != 6] == [one for one in whole if one.number != 6]


def test_what_ended_a_run_is_asked_again_when_it_goes_on(path: Path) -> None:
    policy = replace(FREE, concurrency=1, lock_out=True)
    time = Time()

    def refused(probe: Probe, _: int) -> Outcome:
        return busy(401) if probe.url[-1] in "34" else OK

    with closing(begun(path)) as journal:
        asker = Script(*probes(6))
        asyncio.run(drive(asker, Fake(time, refused), policy, None, time.clock, journal))
        assert "lock" in asker.stopped and len(asker.exchanges) == 5
    with going_on(path) as journal:
        asker, fake = Script(*probes(6)), Fake(time, lambda *_: OK)
        asyncio.run(drive(asker, fake, policy, None, time.clock, journal))
    assert [url[-1] for _, url in fake.sent] == ["3", "4", "5"]
    assert [one.response for one in asker.exchanges] == [OK.response] * 6


def test_what_comes_after_the_answer_that_ended_a_run_is_asked_again_too(path: Path) -> None:
    """Of several under way, all that were put off are asked again, and all that were turned away."""
    policy = replace(FREE, concurrency=4, lock_out=True)

    def until(answer: Callable[[Probe], Outcome], path: Path) -> list[str]:
        time = Time()
        with closing(begun(path)) as journal:
            asyncio.run(
                drive(Script(*probes(8)), Fake(time, lambda one, _: answer(one)), policy, None, time.clock, journal)
            )
        with going_on(path) as journal:
            asker, fake = Script(*probes(8)), Fake(time, lambda *_: OK)
            asyncio.run(drive(asker, fake, policy, None, time.clock, journal))
        assert [one.response for one in asker.exchanges] == [OK.response] * 8
        return sorted(url[-1] for _, url in fake.sent)

    pause = busy(429, ("Retry-After", "3600"))
    assert until(lambda one: pause if int(one.url[-1]) > 2 else OK, path)[0] == "3"
    assert until(lambda one: busy(401) if one.url[-1] in "1345" else OK, path.with_name("other"))[0] == "1"


def test_a_disk_that_refuses_ends_the_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, "PRAGMA max_page_count = 30")
    time = Time()
    large = [Outcome(Response(200, body=random.Random(number).randbytes(30_000))) for number in range(9)]
    fake = Fake(time, lambda one, _: large[int(one.url[-1])])
    with closing(begun(path)) as journal, pytest.raises(JournalError, match="disk full"):
        asyncio.run(drive(Script(*probes(9)), fake, FREE, None, time.clock, journal))


def test_a_header_stands_in_the_file_as_json(path: Path) -> None:
    begun(path).close()
    with closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute("SELECT value FROM run WHERE name = 'header'").fetchone()
    assert json.loads(text) == HEADER
