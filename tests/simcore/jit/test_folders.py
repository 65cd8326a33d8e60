"""Folders of machine code: those that nothing has used for long are removed, and nothing that is not ours."""

import os
import threading
import time

import pytest

from simcore.jit import folders
from simcore.jit.folders import DAY_S, UNUSED_DAYS, cache_root, kept_bytes, kept_folders, remove_unused, taken_folder

OLD = UNUSED_DAYS + 2
NEW, BEFORE, ANOTHER = "1" * 16, "2" * 16, "3" * 16


def aged(path, days):
    """Let a path look as if it was last changed some days ago."""
    then = time.time() - days * DAY_S
    os.utime(path, (then, then), follow_symlinks=False)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Where the folders lie: one that was not used for long."""
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path))
    keep(tmp_path / "benchnn", BEFORE)
    return tmp_path / "benchnn"


def keep(root, fingerprint, days=OLD):
    """A folder as a run leaves it: 10 bytes of one source file's kernels."""
    part = root / f"kernels-{fingerprint}" / "cpu_0123abc"
    part.mkdir(parents=True)
    for name, size in (("deliver.py311.nbi", 3), ("deliver.py311.1.nbc", 5), (f".{'a' * 16}.partial", 2)):
        (part / name).write_bytes(bytes(size))
    aged(part.parent, days)
    return part


def names(root):
    return sorted(path.name for path in root.iterdir())


def test_a_new_version_removes_what_was_not_used_for_long(root):
    keep(root, ANOTHER, UNUSED_DAYS - 2)
    assert taken_folder(NEW) == root / f"kernels-{NEW}"
    assert names(root) == [f"kernels-{NEW}", f"kernels-{ANOTHER}"]


def test_only_a_new_version_looks_for_old_ones(root):
    keep(root, NEW, 0)
    taken_folder(NEW)
    assert len(names(root)) == 2


def test_use_keeps_a_folder(root):
    assert taken_folder(BEFORE) is not None
    taken_folder(NEW)
    assert len(names(root)) == 2


def test_a_day_does_not_change_a_folder(root):
    keep(root, NEW, 0.5)
    before = (root / f"kernels-{NEW}").stat().st_mtime_ns
    taken_folder(NEW)
    assert (root / f"kernels-{NEW}").stat().st_mtime_ns == before


def test_nothing_that_is_not_ours_is_removed(root, tmp_path):
    notes = root / f"kernels-{BEFORE}" / "notes.txt"
    notes.write_text("mine")
    (root / f"kernels-{BEFORE}" / "cpu_0123abc" / "more.txt").write_text("mine, too")
    outside = keep(tmp_path / "elsewhere", ANOTHER)
    (root / f"kernels-{BEFORE}" / "link").symlink_to(outside)
    (root / f"kernels-{ANOTHER}").symlink_to(outside.parent)
    for name in ("kernels-mine", f"kernels-{NEW}.old", "results"):
        (root / name).mkdir()
        (root / name / "deliver.nbi").touch()
    for path in root.iterdir():
        aged(path, OLD)
    before = names(root)
    remove_unused(root)
    assert names(root) == before and len(list(outside.iterdir())) == 3
    assert names(root / f"kernels-{BEFORE}") == ["cpu_0123abc", "link", "notes.txt"]
    assert names(root / f"kernels-{BEFORE}" / "cpu_0123abc") == ["more.txt"]


def test_folders_of_others_are_left_and_not_counted(root, monkeypatch):
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    remove_unused(root)
    assert names(root) == [f"kernels-{BEFORE}"] and kept_folders(root) == [] and kept_bytes(root) == 0


def test_several_processes_may_remove_at_once(root):
    for number in range(20):
        keep(root, f"{number:016x}")
    start, ended = threading.Barrier(4), []

    def remove():
        start.wait()
        remove_unused(root)
        ended.append(True)

    threads = [threading.Thread(target=remove) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 4 and names(root) == []


def test_what_cannot_be_removed_is_no_error(root, monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only")

    for name in ("unlink", "rmdir"):
        monkeypatch.setattr(folders.Path, name, refuse)
    assert taken_folder(NEW) is not None
    assert len(names(root)) == 2


def test_the_size_is_that_of_all_versions(root):
    keep(root, NEW, 0)
    assert kept_bytes(root) == 20 and len(kept_folders(root)) == 2
    assert cache_root() == root
    assert kept_bytes(root / "nowhere") == 0 and kept_folders(root / "nowhere") == []


def test_a_file_in_place_of_a_folder_is_not_taken(root):
    (root / f"kernels-{NEW}").touch()
    assert taken_folder(NEW) is None
