"""How much memory a process may take."""

import numpy as np
import pytest

from simcore.errors import ResourceError
from simcore.memory import (
    MemoryLimit,
    available_bytes,
    cgroup_free_bytes,
    cgroup_limit,
    expected_touched,
    peak_rss_bytes,
    require_memory,
    resident_bytes,
    touched_bytes,
)


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(str(text))


def test_the_tightest_cgroup_counts_without_cached_pages(tmp_path):
    """Version 2: the job's folder has a limit, its parent a tighter one."""
    memberships = tmp_path / "cgroup"
    memberships.write_text("0::/slurm/job\n")
    root = tmp_path / "fs"
    write(root / "slurm/job", memory_max=1000, memory_current=100, memory_stat="anon 5\ninactive_file 40\n")
    assert cgroup_free_bytes(root, memberships) == 940
    write(root / "slurm", memory_max=800, memory_current=300)
    assert cgroup_free_bytes(root, memberships) == 500
    write(root / "slurm", memory_max="max", memory_current=300)
    assert cgroup_free_bytes(root, memberships) == 940
    write(root / "slurm/job", memory_high=700)
    assert cgroup_limit(root, memberships) == MemoryLimit(640, str(root / "slurm/job/memory.high"))


def test_version_one_and_no_limit(tmp_path):
    memberships = tmp_path / "cgroup"
    memberships.write_text("7:cpu:/x\n4:memory:/job\n")
    assert cgroup_free_bytes(tmp_path, memberships) is None
    write(tmp_path / "memory/job", memory_limit_in_bytes=500, memory_usage_in_bytes=100)
    assert cgroup_free_bytes(tmp_path, memberships) == 400
    assert cgroup_free_bytes(tmp_path, tmp_path / "absent") is None
    # What the kernel shows where nothing is limited.
    write(tmp_path / "memory/job", memory_limit_in_bytes=2**63 - 4096)
    assert cgroup_limit(tmp_path, memberships) is None


def test_room_that_was_reserved_is_counted_as_far_as_it_was_written():
    room = np.empty(64 << 20, dtype=np.uint8)
    assert touched_bytes(room) <= 1 << 20
    room[: 16 << 20] = 1
    # A large page at the end holds up to 2 MiB more.
    assert 16 << 20 <= touched_bytes(room) <= 18 << 20
    assert expected_touched(room.nbytes, 1e6) == 1e6
    # A small array may lie where another one was.
    small = np.empty(1 << 19, dtype=np.uint8)
    assert touched_bytes(small) == expected_touched(small.nbytes, 0.0) == small.nbytes


def test_the_message_says_what_limits_the_memory(monkeypatch):
    monkeypatch.setattr("simcore.memory.tightest_limit", lambda: MemoryLimit(10**9, "memory.max of a job"))
    require_memory({"words": 7e8}, "a network")
    with pytest.raises(ResourceError, match=r"1\.60 GB\), but only 1\.00 GB is available \(memory.max of a job\); "):
        require_memory({"words": 8e8}, "a network", 2, lambda limit: "less")


def test_this_process_has_memory():
    assert available_bytes() > 0
    assert peak_rss_bytes() >= resident_bytes() > 10e6
