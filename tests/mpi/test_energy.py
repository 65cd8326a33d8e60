"""One rank of every node reads its counters, and the sum over the nodes is what went in."""

import json
from pathlib import Path

from launch import on_ranks


def test_joules_of_two_nodes_are_summed_across_a_wrap(tmp_path):
    out = tmp_path / "out"
    network = ("run", "brunel", "--param", "order=20", "--threads", 1, "--time", 20, "--warmup", 0)
    options = ("--idle", 0, "--meters", "powercap", "--require-energy", "--out", out)
    finished = on_ranks(4, Path(__file__).with_name("two_nodes.py"), tmp_path, *network, *options)
    assert finished.returncode == 0, finished.stderr
    record = json.loads((out / "result.json").read_text())
    calls = len((tmp_path / "calls").read_text())
    energy = record["energy"]
    assert calls >= 2 and energy["hosts"] == ["node0", "node1"]
    assert [round(one["propagation_j"], 6) for one in energy["domains"]] == [700.0 * calls, 1100.0 * calls]
    assert round(energy["propagation_j"], 6) == 1800.0 * calls
    assert record["layout"]["ranks"] == 4 and energy["construction_j"] == 0.0
