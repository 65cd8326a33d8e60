"""Provenance: digests of the code, commits of made-up checkouts."""

import json
import shutil
import subprocess

import pytest

from benchnn.record import provenance
from benchnn.record.machine import Unknown
from benchnn.record.provenance import git_commit, package_folder, source_digest


def sources(root):
    texts = {"simcore/a.py": "a = 1\n", "benchnn/b.py": "b = 1\n", "models/m.py": "m = 1\n"}
    texts |= {"simcore/update.cu": "// update\n", "simcore/lists.cuh": "// lists\n"}
    for path, text in texts.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "benchnn" / "models").symlink_to("../models")


def test_source_digest_sees_every_source_and_nothing_else(tmp_path):
    sources(tmp_path)
    before = source_digest(tmp_path)
    (tmp_path / "simcore" / "notes.txt").write_text("no source")
    (tmp_path / "elsewhere.py").write_text("no package")
    assert source_digest(tmp_path) == before
    for path in ("simcore/a.py", "benchnn/b.py", "models/m.py", "simcore/update.cu", "simcore/lists.cuh"):
        text = (tmp_path / path).read_text()
        (tmp_path / path).write_text(text + "# changed\n")
        assert source_digest(tmp_path) != before
        (tmp_path / path).write_text(text)
    assert source_digest(tmp_path) == before


def test_source_digest_is_the_same_in_checkout_and_installation(tmp_path):
    sources(tmp_path / "checkout")
    for package in ("simcore", "benchnn"):
        shutil.copytree(tmp_path / "checkout" / package, tmp_path / "site" / package)
    assert not (tmp_path / "site" / "benchnn" / "models").is_symlink()
    assert source_digest(tmp_path / "checkout") == source_digest(tmp_path / "site")


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_commit_of_every_kind_of_checkout(tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    git(checkout, "init", "-q", "-b", "main")
    assert isinstance(git_commit(checkout), Unknown)
    git(checkout, "commit", "-q", "--allow-empty", "-m", "one")
    commit = git(checkout, "rev-parse", "HEAD")
    assert git_commit(checkout) == commit
    git(checkout, "worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    assert git_commit(tmp_path / "linked") == commit
    git(checkout, "pack-refs", "--all")
    assert git_commit(checkout) == git_commit(tmp_path / "linked") == commit
    git(checkout, "checkout", "-q", "--detach")
    assert git_commit(checkout) == commit


def test_no_checkout(tmp_path):
    assert git_commit(tmp_path) == Unknown("not run from a git checkout")


def test_record_has_digests_of_program_model_and_tables(run_small, home):
    record = run_small("--json").record["provenance"]
    assert record["source_digest"] == source_digest(package_folder())
    other = run_small("--json", "--overwrite", "--param", "weight=100").record["provenance"]
    assert other["model_digest"] == record["model_digest"]
    assert other["tables_digest"] != record["tables_digest"]
    with open(home / "small.py", "a") as file:
        file.write("# changed\n")
    assert run_small("--json", "--overwrite").record["provenance"]["model_digest"] != record["model_digest"]


def test_slurm_job(run_small, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    assert run_small("--json", out="in_a_job").record["provenance"]["slurm_job_id"] == "4711"
    monkeypatch.delenv("SLURM_JOB_ID")
    record = run_small("--json", out="outside").record
    assert record["provenance"]["slurm_job_id"] is None
    assert "SLURM_JOB_ID" in record["reasons"]["provenance.slurm_job_id"]


def test_packages_that_are_not_installed_are_left_out(run_small, monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package"))
    packages = json.loads(run_small("--json").out)["provenance"]["packages"]
    assert list(packages) == ["numpy"]
