"""The key of pseudonyms: strong or refused, one for each user, outside all that is recorded."""

import base64
import os
import stat
from pathlib import Path

import pytest

from samsvar.errors import JournalError, OutputError, UsageError
from samsvar.world.keys import Seal, given_key, key_of, key_place, name_of

KEY = bytes(range(32))


@pytest.mark.parametrize("written", [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), f" {KEY.hex()}\n"])
def test_a_key_is_taken_in_hexadecimal_digits_or_base64(written: str) -> None:
    assert given_key({"SAMSVAR_PSEUDONYM_KEY": written}, {}) == KEY


@pytest.mark.parametrize("weak", ["hunter2", KEY.hex()[:-2], base64.b64encode(KEY[:-1]).decode(), "x" * 64])
def test_a_weak_key_is_refused_with_the_way_to_a_strong_one(weak: str) -> None:
    with pytest.raises(UsageError, match="token_hex") as caught:
        given_key({"SAMSVAR_PSEUDONYM_KEY": weak}, {})
    assert weak not in str(caught.value)


def test_a_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY.hex())
    assert given_key({"SAMSVAR_PSEUDONYM_KEY_FILE": str(tmp_path / "key")}, {}) == KEY
    assert given_key({}, {"pseudonym_key_file": str(tmp_path / "key")}) == KEY


def test_without_one_each_user_has_one_that_stays(tmp_path: Path) -> None:
    home = {"XDG_STATE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    first = key_of(home, {})
    place = key_place(home)
    assert place is not None
    assert first == key_of(home, {}) == place.read_bytes()
    assert first != key_of({**home, "SAMSVAR_PSEUDONYM_KEY": KEY.hex()}, {})
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_where_there_is_no_home_it_is_told_what_to_do() -> None:
    with pytest.raises(OutputError, match="SAMSVAR_PSEUDONYM_KEY"):
        key_of({}, {})


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    home = {"XDG_STATE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    place = key_place(home)
    assert place is not None
    place.parent.mkdir()
    place.write_bytes(b"short")
    with pytest.raises(OutputError, match="not a key"):
        key_of(home, {})


def test_the_name_of_a_key_tells_two_keys_apart_and_nothing_else() -> None:
    assert name_of(KEY) == name_of(KEY) != name_of(bytes(32))
    assert not KEY.hex().startswith(name_of(KEY))


def test_what_is_sealed_is_opened_with_the_same_key_only() -> None:
    sealed = Seal(KEY).closed("Kari Nordmann \udc80")
    assert b"Kari" not in sealed
    assert Seal(KEY).opened(sealed) == "Kari Nordmann \udc80"
    with pytest.raises(JournalError, match="another key"):
        Seal(bytes(32)).opened(sealed)
