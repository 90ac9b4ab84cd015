"""Settings and waivers are read strictly: what is misspelt is told, never ignored."""

from datetime import date
from pathlib import Path

import pytest

from samsvar.errors import UsageError
from samsvar.model.verdict import Waiver
from samsvar.world.settings import NEEDED, read_settings, read_waivers

WAIVER = """[[waiver]]
guarantee = "LINK-4"
owner = "Kari"
reason = "known"
ticket = "ALT-1"
until = "2026-11-23"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "file.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_settings_that_are_not_there_are_empty(tmp_path: Path) -> None:
    assert read_settings(str(tmp_path / "samsvar.toml")) == {}


def test_known_settings_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, 'target = "https://tt02.altinn.no/api"\nrate = 2\norigins = ["https://www.eksempel.no"]')
    assert read_settings(path)["rate"] == 2


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('tarket = "x"', "tarket"),
        ("rate = true", "rate"),
        ('budget = "many"', "budget"),
        ("rate = -1", "rate"),
        ("rate = nan", "rate"),
        ("rate = inf", "rate"),
        ("rate = 0", "rate"),
        ("budget = 0", "budget"),
        ("concurrency = -3", "concurrency"),
        ("origins = [5]", "origins"),
        ("unsafe_methods = 1", "unsafe_methods"),
        ('api_key = "secret"', "api_key"),
        ("rate = ", "cannot be read"),
    ],
)
def test_a_setting_that_is_wrong_is_named(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(UsageError, match=word) as caught:
        read_settings(written(tmp_path, text))
    assert "secret" not in str(caught.value)


def test_a_waiver_is_in_force_to_the_end_of_its_last_day(tmp_path: Path) -> None:
    path = written(tmp_path, WAIVER)
    assert read_waivers(path, date(2026, 11, 23)) == (Waiver("LINK-4", "Kari", "known", "ALT-1", "2026-11-23"),)
    assert read_waivers(path, date(2026, 11, 24)) == ()


@pytest.mark.parametrize("name", NEEDED)
def test_a_waiver_needs_every_word(tmp_path: Path, name: str) -> None:
    text = "\n".join(line for line in WAIVER.splitlines() if not line.startswith(name))
    with pytest.raises(UsageError, match=f"waiver 1 has no {name}"):
        read_waivers(written(tmp_path, text), date(2026, 1, 1))


@pytest.mark.parametrize("text", ["", "waiver = 1", "[[wafer]]\nowner = 'x'"])
def test_a_file_without_waivers_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="waiver"):
        read_waivers(written(tmp_path, text), date(2026, 1, 1))


def test_a_last_day_is_a_day(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no day"):
        read_waivers(written(tmp_path, WAIVER.replace("2026-11-23", "soon")), date(2026, 1, 1))


def test_a_misspelt_word_of_a_waiver_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="plaice"):
        read_waivers(written(tmp_path, WAIVER + 'plaice = "Message b1"'), date(2026, 1, 1))


def test_no_file_is_no_waivers() -> None:
    assert read_waivers("", date(2026, 1, 1)) == ()
