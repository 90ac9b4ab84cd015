"""What is written is whole, readable by others as any new file, or not there."""

import os
from pathlib import Path

import pytest

from samsvar.errors import OutputError
from samsvar.world.files import check_writable, prepare_folder, write_whole


def test_a_file_is_written_whole_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "a.txt"), "æ\n")
    assert (tmp_path / "a.txt").read_bytes() == "æ\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_text_that_cannot_be_written_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(str(tmp_path / "a.txt"), "\ud800")
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    write_whole(str(tmp_path / "ours"), "x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_a_file_keeps_the_permissions_that_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch(mode=0o640)
    write_whole(str(path), "x")
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["no/such/folder.json", "."])
def test_a_path_that_cannot_be_written_is_found_before_the_first_request(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="folder"):
        check_writable(str(tmp_path / name))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="permission"):
        check_writable(str(tmp_path / "a"))


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="out cannot be made"):
        prepare_folder(str(tmp_path / "out"))


def test_writing_into_a_folder_that_has_gone_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"gone/a\.json cannot be written"):
        write_whole(str(tmp_path / "gone" / "a.json"), "x")
