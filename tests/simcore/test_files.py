"""Files that are either whole or not there."""

import errno
import os

import pytest

from simcore.errors import InputError, ResourceError
from simcore.recording.files import replaced_file


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_replaced_only_when_complete(tmp_path):
    path = tmp_path / "result.json"
    path.write_text("old")
    with replaced_file(path) as aside:
        assert aside.parent == tmp_path
        assert aside != path
        aside.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names_in(tmp_path) == ["result.json"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_interrupted_write_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "result.json"
    path.write_text("old")

    def write():
        with replaced_file(path) as aside:
            aside.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["result.json"]


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, ResourceError), (errno.EDQUOT, ResourceError), (errno.EACCES, InputError)]
)
def test_errors_of_the_system_name_path_and_reason(tmp_path, code, kind):
    with (
        pytest.raises(InputError, match=r"cannot write .*result\.json") as caught,
        replaced_file(tmp_path / "result.json"),
    ):
        raise OSError(code, os.strerror(code))
    assert type(caught.value) is kind
    assert os.strerror(code) in str(caught.value)
    assert names_in(tmp_path) == []


def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    with replaced_file(tmp_path / "replaced") as aside:
        aside.write_text("x")
    assert (tmp_path / "plain").stat().st_mode == (tmp_path / "replaced").stat().st_mode


def test_a_symbolic_link_is_followed(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk/file")
    with replaced_file(tmp_path / "link") as aside:
        aside.write_text("x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk/file").read_text() == "x"


def test_long_names_leave_room_for_the_name_aside(tmp_path):
    path = tmp_path / ("ä" * 120 + ".h5")
    with replaced_file(path) as aside:
        aside.write_text("x")
    assert path.read_text() == "x"
