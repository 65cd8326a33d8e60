"""The sources that are compared: a commit, and a working tree as it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import installed_revisions
import numpy
import pytest
from installed_revisions import (
    ComparisonError,
    checked_out,
    exported,
    installed,
    python_output,
    refuse_conflicts,
    resolved,
)

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder, *arguments, check=True):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=check).stdout


@pytest.fixture
def repository(tmp_path):
    """One commit, and a link to a folder as benchnn/models is one."""
    folder = tmp_path / "repository"
    (folder / "models").mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "models" / "network.py").write_text("first\n")
    (folder / "deleted.py").write_text("deleted\n")
    (folder / ".gitignore").write_text("build/\n")
    (folder / "link").symlink_to("models")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "First")
    return folder


def test_a_revision_is_resolved_to_its_commit(repository):
    assert resolved(repository, "HEAD") == git(repository, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize("name", ["no-such-revision", "HEAD:link", "--all", ""])
def test_an_unknown_revision_is_refused(repository, name):
    with pytest.raises(ComparisonError, match="not a revision") as caught:
        resolved(repository, name)
    assert repr(name) in str(caught.value) and caught.value.code == 2


def test_a_folder_that_is_no_repository_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ComparisonError, match="not a git repository"):
        resolved(tmp_path, "HEAD")


def test_the_candidate_is_the_working_tree_as_it_is(repository, tmp_path):
    (repository / "models" / "network.py").write_text("changed\n")
    (repository / "untracked.py").write_text("new\n")
    (repository / "deleted.py").unlink()
    (repository / "build").mkdir()
    (repository / "build" / "left.py").write_text("ignored\n")
    copy = exported(repository, tmp_path / "copy")
    assert sorted(path.name for path in copy.iterdir()) == [".gitignore", "link", "models", "untracked.py"]
    assert os.readlink(copy / "link") == "models"
    assert (copy / "link" / "network.py").read_text() == "changed\n"


def test_the_base_has_none_of_the_working_trees_changes(repository, tmp_path):
    (repository / "models" / "network.py").write_text("changed\n")
    with checked_out(repository, resolved(repository, "HEAD"), tmp_path / "base") as tree:
        assert (tree / "link" / "network.py").read_text() == "first\n"
        assert (tree / "deleted.py").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_the_checked_out_tree_is_removed_whatever_happens(repository, tmp_path, error):
    def interrupted():
        with checked_out(repository, resolved(repository, "HEAD"), tmp_path / "base") as tree:
            (tree / "build").mkdir()
            assert len(git(repository, "worktree", "list").splitlines()) == 2
            raise error

    with pytest.raises(error):
        interrupted()
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert not (tmp_path / "base").exists()


def test_merge_conflicts_are_refused_by_name(repository):
    refuse_conflicts(repository)
    network = repository / "models" / "network.py"
    git(repository, "checkout", "--quiet", "-b", "other")
    network.write_text("theirs\n")
    git(repository, "commit", "--quiet", "-am", "Theirs")
    git(repository, "checkout", "--quiet", "-")
    network.write_text("ours\n")
    git(repository, "commit", "--quiet", "-am", "Ours")
    git(repository, "merge", "other", check=False)
    with pytest.raises(ComparisonError, match=r"merge conflicts.*models/network\.py"):
        refuse_conflicts(repository)


def test_a_python_without_setuptools_is_refused(monkeypatch):
    monkeypatch.setattr(installed_revisions, "find_spec", lambda name: None if name == "setuptools" else object())
    with pytest.raises(ComparisonError, match="setuptools is needed"):
        installed_revisions.require_installers()


def test_a_failing_run_says_its_last_line_and_hands_on_its_exit_code(tmp_path, capfd):
    side = installed_revisions.Side("base", Path(sys.executable), tmp_path, tmp_path)
    with pytest.raises(ComparisonError, match=r"base: .*: benchnn: error: bad input") as caught:
        python_output(
            side, "-c", "import sys; print('building\\nbenchnn: error: bad input', file=sys.stderr); sys.exit(2)"
        )
    assert caught.value.code == 2
    assert "building" in capfd.readouterr().err
    with pytest.raises(ComparisonError, match="exit code 3") as caught:
        python_output(side, "-c", "raise SystemExit(3)")
    assert caught.value.code == 1


def test_neither_the_current_folder_nor_pythonpath_hides_a_sides_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    side = installed_revisions.Side("base", Path(sys.executable), tmp_path / "cache", tmp_path)
    code = "import os, sys; print(sys.path, os.environ['BENCHNN_CACHE_DIR'])"
    paths, cache = python_output(side, "-c", code).rsplit(" ", 1)
    assert "elsewhere" not in paths and "''" not in paths and cache == str(tmp_path / "cache")


PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "benchnn"
version = "99"
[tool.setuptools]
packages = ["benchnn", "simcore"]
"""


def small_project(folder, mark):
    """A benchnn that says which one it is."""
    for package in ("benchnn", "simcore"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text(f"MARK = {mark!r}\n")
    (folder / "pyproject.toml").write_text(PROJECT)
    return folder


def test_an_installed_side_has_its_own_benchnn_and_the_packages_of_this_python(tmp_path):
    tree = small_project(tmp_path / "tree", "small")
    side = installed("base", tree, tmp_path)
    shutil.rmtree(tree)  # not editable: the sources may go
    code = "import benchnn, numpy; from importlib.metadata import version; "
    printed = python_output(side, "-c", code + "print(benchnn.MARK, version('benchnn'), numpy.__file__)")
    assert printed == f"small 99 {numpy.__file__}"


def test_sources_that_do_not_install_are_an_error(tmp_path):
    tree = small_project(tmp_path / "tree", "small")
    (tree / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(ComparisonError, match=r"base: .*pip install") as caught:
        installed("base", tree, tmp_path)
    assert caught.value.code == 1


def test_a_benchnn_that_is_not_the_installed_one_is_an_error(tmp_path):
    tree = small_project(tmp_path / "tree", "small")
    # Nothing of it is installed, and this Python's own benchnn, if it has one, must not pass for it.
    (tree / "pyproject.toml").write_text(PROJECT.replace('["benchnn", "simcore"]', "[]"))
    with pytest.raises(ComparisonError, match=r"base: .*(No module named|another installation)") as caught:
        installed("base", tree, tmp_path)
    assert caught.value.code == 1
