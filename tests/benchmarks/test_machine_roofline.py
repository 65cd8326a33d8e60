"""The script that places phases of PD14 on the roofline of this machine, on a small run and roofs that are given."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchnn.accelerators import machine_roofs
from benchnn.accelerators.machine_roofs import DRAM, L2, L3, Rate, Roofs
from benchnn.cli import main
from simcore.accelerators.roofline.record import read_machine
from simcore.backends.cpu.deliver import PIECES
from simcore.backends.cpu.work import PhaseWork, Traffic

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "machine_roofline.py"
HIGH = Rate((1e15,))


@pytest.fixture
def script(monkeypatch):
    """The module, whose roofs are far above all phases."""
    spec = importlib.util.spec_from_file_location("script_machine_roofline", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    streams = dict.fromkeys((L2, L3, DRAM), HIGH)
    monkeypatch.setattr(module, "measured_roofs", lambda threads: Roofs(threads, streams, streams, HIGH, HIGH, HIGH))
    monkeypatch.setattr(machine_roofs, "REPEATS", 2)
    monkeypatch.setattr(machine_roofs, "REPEAT_S", 1e-3)

    def run_pd14(options, folder):
        given = ("--param", f"scale={options.scale}", "--time", options.time, "--threads", options.threads)
        assert main([str(word) for word in ("run", "pd14", *given, "--warmup", 20, "--out", folder)]) == 0

    monkeypatch.setattr(module, "run_pd14", run_pd14)
    return module


def call(script, monkeypatch, *options):
    monkeypatch.setattr(sys, "argv", ["machine_roofline.py", "--scale", "0.1", "--time", "20", *map(str, options)])
    return script.main()


def test_machine_points_and_picture_are_written(script, monkeypatch, tmp_path, capsys):
    assert call(script, monkeypatch, "--out", tmp_path / "m.json", "--svg", tmp_path / "m.svg") == 0
    machine, points = read_machine(tmp_path / "m.json")
    assert machine.peak_ops_per_s == 1e15
    assert [point.name for point in points] == ["deliver of pd14", "update of pd14"]
    assert "update of pd14" in (tmp_path / "m.svg").read_text()
    printed = capsys.readouterr().out
    assert "deliver of pd14: 0" in printed and "% of its nearest roof" in printed
    assert "additions in pieces of the same length as the run's" in printed


def test_a_point_above_a_roof_is_an_error(script, monkeypatch, capsys):
    high = script.measured_roofs(2)
    monkeypatch.setattr(script, "measured_roofs", lambda _: replace(high, scatter=Rate((1.0,))))
    assert call(script, monkeypatch) == 1
    assert "above its throughput roof" in capsys.readouterr().err


def test_pieces_are_delivered_whole_and_at_other_places_each_time(script, monkeypatch):
    length, delivered, starts = 38, [], set()
    real = script._deliver_listed

    def note(pieces, n, index, words, inputs, stride, partition, buffers, spikes):
        before = buffers.pending.sum()
        real(pieces, n, index, words, inputs, stride, partition, buffers, spikes)
        delivered.append(buffers.pending.sum() - before)
        starts.add(words.ctypes.data)

    monkeypatch.setattr(script, "_deliver_listed", note)
    monkeypatch.setattr(script, "deliver_lists", script.deliver_lists.py_func)
    counts = {"words": 2 * length + 1, "pieces": 2}
    work = PhaseWork("deliver", 0, (Traffic("synapse words", 0, 4 << 20),), counts)
    rate = script.rate_in_pieces(work, 1)
    assert set(delivered) == {PIECES * length} and len(starts) == 8
    assert np.isfinite(rate.values).all() and rate.best > 0.0
