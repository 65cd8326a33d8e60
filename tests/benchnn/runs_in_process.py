"""Runs of studies in the process of the test: each saves the start of an interpreter."""

import contextlib
import io
import sys

import pytest

from benchnn.cli import main
from benchnn.studies import child_runs, study, validation
from benchnn.studies.child_runs import RECORD, ChildRun


def run_in_process(command, folder, environment, stop, stream, ranks=1, leaves=RECORD):
    """Do what `child_runs.run_child` does, for a command of one rank."""
    assert command[:3] == [sys.executable, "-m", "benchnn"] and not environment and ranks == 1
    log = folder.parent / f"{folder.name}.log"
    with (
        log.open("w", encoding="utf-8") as written,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(written),
    ):
        code = main(command[3:])
    if code != 0:
        return ChildRun(code, child_runs._last_line(log), None)
    record, error = child_runs._read(folder / leaves, ranks)
    return ChildRun(code, error, record)


@contextlib.contextmanager
def runs_in_process():
    """Let studies run their commands in this process."""
    with pytest.MonkeyPatch.context() as patched:
        for module in (study, validation):
            patched.setattr(module, "run_child", run_in_process)
        yield
