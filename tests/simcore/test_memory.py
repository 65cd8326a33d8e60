"""How much memory a process may take."""

from simcore.memory import MemoryLimit, available_bytes, cgroup_free_bytes, cgroup_limit, peak_rss_bytes


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


def test_this_process_has_memory():
    assert available_bytes() > 0
    assert peak_rss_bytes() > 10e6
