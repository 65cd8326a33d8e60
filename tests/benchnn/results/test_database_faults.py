"""A disk that fails, or a process that is killed, while a record is added: the database has it, or is as it was."""

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from failing_disk import FailingDisk, Fault, compiler

import benchnn
from benchnn.results.database import opened

ROOT = Path(benchnn.__file__).parents[1]
WORKER = """
import json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from benchnn.cli import main
import benchnn.results.database, benchnn.results.reading, sqlite3
for line in sys.stdin:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as errors:
            code = main(json.loads(line))
        os.write(write, errors.getvalue().encode())
        os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        errors = pipe.read()
    _, status = os.waitpid(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), errors]), flush=True)
"""
"""Runs commands, each in a process that costs no start of an interpreter."""
FAULTS = {
    "EIO": ("error", errno.EIO, False),
    "ENOSPC": ("error", errno.ENOSPC, True),
    "short": ("short", 0, True),
    "SIGKILL": ("signal", signal.SIGKILL, False),
}


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    if compiler() is None:
        pytest.skip("needs g++")
    scratch = tmp_path_factory.mktemp("failing")
    (scratch / "disk").mkdir()
    return FailingDisk(scratch, scratch / "disk")


@pytest.fixture(scope="module")
def path(disk):
    return disk.folder / "results.sqlite"


@pytest.fixture(scope="module")
def command(disk):
    """Run a command on the failing disk; return its exit code and standard error."""
    environment = {**os.environ, **disk.environment, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WORKER], env=environment, text=True, **pipes) as worker:

        def run(*arguments):
            worker.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
            worker.stdin.flush()
            return json.loads(worker.stdout.readline())

        yield run
        worker.stdin.close()


@pytest.fixture
def add(command, path, record, tmp_path):
    """Add a record of some number."""

    def run(number):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(record(number)))
        return command("results", "add", file, "--database", path)

    return run


@pytest.fixture
def list_runs(benchnn, path):
    """List the records in a process without faults; return its exit code and standard error."""

    def run():
        finished = benchnn("results", "list", "--database", path)
        return finished.code, finished.err

    return run


def content(path):
    """The records of a database."""
    with opened(path) as database:
        return database.records()


@pytest.mark.parametrize(
    ("there", "kind"), [(True, "EIO"), (True, "short"), (True, "SIGKILL"), (False, "ENOSPC"), (False, "SIGKILL")]
)
def test_a_fault_at_any_operation_leaves_all_or_nothing(
    disk, add, list_runs, benchnn, path, record, tmp_path, there, kind
):
    action, number, lasting = FAULTS[kind]
    path.unlink(missing_ok=True)
    disk.arm()
    if there:
        assert add(1)[0] == 0
    before = path.read_bytes() if there else None
    old = [record(1)] if there else []
    disk.arm()
    assert add(2)[0] == 0
    operations = disk.counts
    assert operations["write"] > 5 and operations["fsync"] > 2 and operations["create"] > 0
    # SQLite neither renames nor truncates.
    assert operations["any"] == sum(operations[name] for name in ("write", "fsync", "create"))
    kept = 0
    for operation in ("write",) if action == "short" else ("write", "fsync", "create"):
        for at in range(1, operations[operation] + 1):
            path.write_bytes(before) if there else path.unlink(missing_ok=True)
            disk.arm(Fault(operation, action, number, lasting), at)
            code, errors = add(2)
            assert disk.hits > 0
            disk.arm()
            where = (operation, at, code, errors, disk.first_hit)
            if action == "error":
                assert code == 1 and errors.count("\n") == 1, where
                assert errors.startswith(f"benchnn: error: cannot use the database {path}: "), where
            else:
                assert (code, errors) == ((-signal.SIGKILL, "") if action == "signal" else (0, "")), where
            # What a later process finds, which undoes what was begun.
            code, errors = list_runs()
            assert code == 0 or (
                not there and ("does not exist" in errors or "is empty; use benchnn results add" in errors)
            ), where
            found = content(path) if code == 0 else []
            assert found in (old, [*old, record(2)]), where
            kept += len(found) > len(old)
            assert benchnn("results", "add", tmp_path / "2.json", "--database", path).code == 0
            assert content(path) == [*old, record(2)]
            connection = sqlite3.connect(path)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.close()
            assert list(disk.folder.iterdir()) == [path]
    # Nothing was added where the command said so, all of it where it did not.
    assert kept == (operations["write"] if action == "short" else 0)
