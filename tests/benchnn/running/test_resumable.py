"""Checkpoints with a right checksum that no run has written: refused in a sentence, before the network is built."""

import copy
import shutil
from dataclasses import replace

import numpy as np
import pytest

from benchnn.running.storage import Storage
from simcore.checkpoint import latest_checkpoint, read_checkpoint, write_checkpoint

FORMS = ("spikes", "V_m:E:0,3")
WORDS = (None, 1, -1, 1.5, "x", [], {}, True, [1], {"a": None})


def without(part, name):
    del part[name]


def set_to(*place, value):
    def change(run):
        part = run
        for name in place[:-1]:
            part = part[name]
        part[place[-1]] = value

    return change


RECORDS = {
    "no options": lambda run: without(run, "options"),
    "no run": lambda run: without(run["options"], "run"),
    "no model": lambda run: without(run["options"]["run"], "model"),
    "no params": lambda run: without(run["options"], "params"),
    "no folder": lambda run: without(run["options"], "folder"),
    "an option that does not exist": set_to("options", "run", "turbo", value=True),
    "no counts": lambda run: without(run, "measured"),
    "no steps": lambda run: without(run["warmup"], "steps"),
    "more steps than simulated": set_to("measured", "steps", value=190),
    "negative spikes": set_to("measured", "spikes", "E", value=-1),
    "spikes of nobody": set_to("measured", "spikes", value={"Z": 1}),
    "a digest that is none": set_to("measured", "spike_digest", value="0x" + "f" * 30),
    **{f"options: {word!r}": set_to("options", value=word) for word in WORDS},
    **{f"run: {word!r}": set_to("options", "run", value=word) for word in WORDS},
    **{f"params: {word!r}": set_to("options", "params", value=word) for word in WORDS if word != {}},
    **{f"folder: {word!r}": set_to("options", "folder", value=word) for word in WORDS if word != "x"},
    **{f"record: {word!r}": set_to("options", "run", "record", value=word) for word in WORDS},
    **{f"model: {word!r}": set_to("options", "run", "model", value=word) for word in WORDS},
    **{f"chip: {word!r}": set_to("options", "run", "chip", value=word) for word in WORDS},
    **{f"mapper: {word!r}": set_to("options", "run", "mapper", value=word) for word in WORDS},
    **{f"seed: {word!r}": set_to("options", "run", "seed", value=word) for word in WORDS if word != 1},
    **{f"time: {word!r}": set_to("options", "run", "time_ms", value=word) for word in WORDS},
    **{f"measured: {word!r}": set_to("measured", value=word) for word in WORDS},
    **{f"spikes: {word!r}": set_to("measured", "spikes", value=word) for word in WORDS if word != {}},
    **{f"events: {word!r}": set_to("measured", "synaptic_events", value=word) for word in WORDS if word != 1},
    **{f"digest: {word!r}": set_to("measured", "spike_digest", value=word) for word in WORDS},
}
STATES = {
    "another population": lambda c: {"state": {"E": c.state["E"]}, "counters": {"E": c.counters["E"]}},
    "fewer variables": lambda c: {"state": {name: values[1:] for name, values in c.state.items()}},
    "fewer neurons": lambda c: {
        "state": {name: values[:, 1:] for name, values in c.state.items()},
        "counters": {name: values[:, 1:] for name, values in c.counters.items()},
    },
    "a step beyond the end": lambda c: {"step": 10**6},
    "no traces": lambda c: {"traces": None},
    "traces of other columns": lambda c: {"traces": c.traces[:, 1:]},
    "traces of fewer steps": lambda c: {"traces": c.traces[1:]},
    "an id out of range": lambda c: {"ids": np.array([10**6]), "stamps": np.array([c.step])},
    "a negative id": lambda c: {"ids": np.array([-1]), "stamps": np.array([c.step])},
    "a spike of the future": lambda c: {"ids": np.array([0]), "stamps": np.array([c.step + 1])},
}


@pytest.fixture
def stopped(run_small, home, monkeypatch):
    """A stopped run in ``out``; returns its checkpoint and the folder of checkpoints."""
    after_slice = Storage.after_slice

    def then_stops(self, reached):
        after_slice(self, reached)
        if list((home / "out" / "checkpoints").glob("step-*.h5")):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "after_slice", then_stops)
        requests = [word for form in FORMS for word in ("--record", form)]
        assert run_small("--checkpoint-every", 10, *requests).code == 1
    folder = home / "out" / "checkpoints"
    return read_checkpoint(latest_checkpoint(folder)), folder


def test_what_no_run_has_written_is_refused(stopped, benchnn, monkeypatch):
    checkpoint, folder = stopped
    monkeypatch.setattr("benchnn.running.runner.planned_simulator", lambda *_: pytest.fail("the network was built"))
    changes = {what: lambda c, edit=edit: {"run": edited(c.run, edit)} for what, edit in RECORDS.items()} | STATES
    for what, change in changes.items():
        shutil.rmtree(folder)
        write_checkpoint(folder, replace(checkpoint, **change(checkpoint)))
        finished = benchnn("run", "--resume", "out")
        assert finished.code == 2 and finished.err.count("\n") == 1, (what, finished)
        assert finished.refusal, what


def test_the_checkpoint_of_these_tests_resumes_when_nothing_is_changed(stopped, benchnn):
    checkpoint, folder = stopped
    shutil.rmtree(folder)
    write_checkpoint(folder, checkpoint)
    assert benchnn("run", "--resume", "out").code == 0


def edited(run, edit):
    changed = copy.deepcopy(dict(run))
    edit(changed)
    return changed
