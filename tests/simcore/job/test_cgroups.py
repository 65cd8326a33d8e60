"""Which folders of control groups limit a process."""

import pytest

from simcore.job.cgroups import cgroup_folders


def folders(tmp_path, memberships, controller="cpu"):
    file = tmp_path / "memberships"
    file.write_text(memberships)
    found = cgroup_folders(controller, tmp_path, file)
    return [(str(folder.relative_to(tmp_path)), version) for folder, version in found]


def test_a_group_and_its_ancestors_up_to_the_mount(tmp_path):
    assert folders(tmp_path, "0::/a.slice/b:c\n") == [("a.slice/b:c", 2), ("a.slice", 2), (".", 2)]
    assert folders(tmp_path, "0::/\n") == [(".", 2)]
    of_first = "3:memory:/m\n2:cpu,cpuacct:/x/y\n1:name=systemd:/s\n"
    assert folders(tmp_path, of_first) == [("cpu/x/y", 1), ("cpu/x", 1), ("cpu", 1)]
    assert folders(tmp_path, of_first, "memory") == [("memory/m", 1), ("memory", 1)]


def test_both_versions_at_once(tmp_path):
    (tmp_path / "unified").mkdir()
    assert folders(tmp_path, "1:cpu:/x\n0::/y\n") == [("cpu/x", 1), ("cpu", 1), ("unified/y", 2), ("unified", 2)]


@pytest.mark.parametrize("memberships", ["", "nonsense\n", "1\n", "1:cpu\n", "\n\n"])
def test_a_file_that_is_not_understood_names_no_group(tmp_path, memberships):
    assert folders(tmp_path, memberships) == []


def test_a_group_outside_the_namespace_ends(tmp_path):
    assert folders(tmp_path, "0::/../job\n")[-1] == (".", 2)
