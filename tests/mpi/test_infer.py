"""``benchnn infer`` on several ranks: samples are divided among them, and no result changes."""

import json

import numpy as np
import pytest
from launch import benchnn

from tests.benchnn.inference.conftest import NETWORK
from tests.benchnn.inference.test_input_densities import values, write_stack


@pytest.fixture
def samples(tmp_path):
    (tmp_path / "net.py").write_text(NETWORK)
    chance = np.random.default_rng(9)
    np.savez(tmp_path / "samples.npz", x=chance.random((3, 12)), y=chance.integers(0, 4, 3))
    return tmp_path


def rows_of(folder, ranks, *options):
    out = folder / f"r{ranks}"
    command = ("infer", f"{folder}/net.py:layers", "--data", folder / "samples.npz", "--steps", "3,6", "--out", out)
    done = benchnn(ranks, *command, "--threads", 1, *options, timeout=120)
    assert done.returncode == 0, done.stderr
    record = json.loads((out / "inference.json").read_text())
    assert record["ranks"] == ranks
    return record["rows"]


@pytest.mark.thorough
def test_any_number_of_ranks_gives_the_same_answers(samples):
    options = (
        "--coding",
        "rate",
        "--exit-entropy",
        "0.5",
        "--noise",
        "0,0.2",
        "--chip",
        "loihi1",
        "--on-violation",
        "adapt",
    )
    one = rows_of(samples, 1, *options)
    assert sum(row["spikes"] for row in one) > 0
    # More ranks than samples, too.
    for ranks in (2, 4):
        found = rows_of(samples, ranks, *options)
        for row, alone in zip(found, one, strict=True):
            # Costs are sums over ranks, of which the order may change the last bit.
            costs, expected = ({**(own["chip"] or {})} for own in (row, alone))
            for key in ("latency_s", "energy_j", "estimate_j", "energy_delay_js"):
                assert costs.pop(key, 0.0) == pytest.approx(expected.pop(key, 0.0), rel=1e-12)
            assert {**row, "chip": costs} == {**alone, "chip": expected}
    assert {row["network"] for row in one} == {"original", "adapted"}


def test_densities_and_exits_are_those_of_one_rank(tmp_path):
    write_stack(tmp_path / "net.nir")
    np.savez(tmp_path / "samples.npz", x=values())
    found = []
    for ranks in (1, 2):
        out = tmp_path / f"r{ranks}"
        command = ("infer", tmp_path / "net.nir", "--param", "dt_ms=1", "--data", tmp_path / "samples.npz")
        options = ("--steps", 6, "--coding", "rate", "--exit-entropy", "0.95", "--threads", 1, "--out", out)
        done = benchnn(ranks, *command, *options, timeout=120)
        assert done.returncode == 0, done.stderr
        found.append(json.loads((out / "inference.json").read_text()))
    one, two = found
    assert two["rows"] == one["rows"] and two["weighted_layers"] == one["weighted_layers"]
    row = two["rows"][1]
    assert sum(row["exits"]) == len(values()) and sum(row["input_densities"]["fc"]) > 0.0
