"""A second run in the folder of one that goes on is refused before it simulates, and changes nothing there."""

import json
import signal

import pytest

from benchnn.record.folder import taken_folder
from benchnn.running import runner
from benchnn.running.storage import Storage
from simcore.simulator import Simulator


@pytest.fixture
def building_fails(monkeypatch):
    monkeypatch.setattr(Simulator, "__init__", lambda *_, **__: pytest.fail("a network is built"))


def listing(folder):
    return sorted((path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("building_fails")
@pytest.mark.parametrize("option", [(), ("--overwrite",), ("--checkpoint-every", 10)])
def test_a_run_that_goes_on_keeps_others_out(run_small, home, option):
    folder = home / "out"
    with taken_folder(folder, lambda: None):
        (folder / "checkpoints").mkdir()
        before = listing(folder)
        refused = run_small(*option)
        assert refused.code == 2
        assert "is writing to it" in refused.err and "--resume" not in refused.err
        assert refused.err.count("\n") == 1
        assert listing(folder) == before


def test_of_two_that_were_planned_at_once_one_wins(run_small, home, monkeypatch):
    """The second has looked at the folder before the first took it, and comes to take it when that has ended."""
    take, first = runner.taken_folder, []

    def late(folder, check):
        if not first:
            first.append(None)
            first[0] = run_small()
        return take(folder, check)

    monkeypatch.setattr(runner, "taken_folder", late)
    second = run_small("--seed", 2)
    assert first[0].code == 0
    assert second.code == 2 and "already contains a result" in second.err
    assert json.loads((home / "out" / "result.json").read_text())["seed"] == 1
    assert [path.name for path in (home / "out").iterdir()] == ["result.json"]


def test_a_resumed_run_takes_the_folder_too(run_small, home, benchnn, monkeypatch):
    after_slice = Storage.after_slice

    def stopped(self, reached):
        after_slice(self, reached)
        signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "after_slice", stopped)
        # Slices of one step, so that something is left to simulate.
        patched.setattr("benchnn.running.slices.FIRST_SLICE_STEPS", 1)
        assert run_small().code == 1
    before = listing(home / "out")
    with taken_folder(home / "out", lambda: None):
        refused = benchnn("run", "--resume", "out")
        assert refused.code == 2 and "is writing to it" in refused.err
    assert listing(home / "out") == before
    assert benchnn("run", "--resume", "out").code == 0
