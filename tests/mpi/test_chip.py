"""``benchnn run --chip`` on several ranks: the same messages on the same links."""

import json
import os
import shutil
from pathlib import Path

import pytest
from launch import benchnn, on_ranks

from simcore.jit.compilation import cache_folder
from simcore.job.cpu_limits import usable_cpus

SHEETS = Path(__file__).parents[2] / "simcore" / "neuromorphic" / "sheets"
FAILING = Path(__file__).parent / "failing.py"

BRUNEL = ("brunel", "--param", "order=50", "--time", 60, "--warmup", 20)
NETWORK = (*BRUNEL, "--threads", 1)
CHIP = (
    *("--chip", "loihi1", "--neurons-per-core", 7, "--on-violation", "adapt", "--place", "anneal"),
    *("--record", "link_messages"),
)


def left(ranks, folder, *options):
    finished = benchnn(ranks, "run", *NETWORK, *CHIP, *options, "--out", folder)
    assert finished.returncode == 0, finished.stderr
    record = json.loads((folder / "result.json").read_text())
    counting_s = record["chip"].pop("wall_s")["counting"]
    assert 0.0 < counting_s["min"] <= counting_s["max"]
    return record, (folder / "traffic.h5").read_bytes()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return left(1, tmp_path_factory.mktemp("alone") / "out")


def test_traffic_does_not_depend_on_ranks(tmp_path, alone):
    record, traffic = left(3, tmp_path / "out")
    assert alone[0]["chip"]["network_on_chip"]["hops"] > 1000
    assert alone[0]["chip"]["cores"] > 30
    assert record["chip"] == alone[0]["chip"]
    assert record["spike_digest"] == alone[0]["spike_digest"]
    assert traffic == alone[1]


def test_reads_and_core_links_do_not_depend_on_ranks(tmp_path):
    text = (SHEETS / "loihi1.toml").read_text()
    figures = {
        "times": 'synapse_read_s = { value = 3, unit = "ns"',
        "network": 'core_link_bandwidth_messages_per_s = { value = 4, unit = "M/s"',
    }
    for table, line in figures.items():
        text = text.replace(f"[{table}]\n", f'[{table}]\n{line}, source = "Frady2020", evidence = "vendor" }}\n', 1)
    (tmp_path / "own.toml").write_text(text)
    (one, traffic), (two, same) = (left(n, tmp_path / str(n), "--chip", tmp_path / "own.toml") for n in (1, 2))
    assert one["chip"] == two["chip"] and traffic == same
    assert one["chip"]["step_time_s"]["reads"] > 0.0 and one["chip"]["step_time_s"]["core_links"] > 0.0


@pytest.mark.thorough
def test_one_rank_compiles_the_kernels_of_a_chip_and_others_load_them(tmp_path, alone, monkeypatch):
    cache = cache_folder().resolve()
    copy = tmp_path / "cache" / cache.relative_to(cache.parents[1])
    shutil.copytree(cache, copy, copy_function=os.symlink)
    kernels = ("tally_axons", "merge_axons", "add_loads", "add_runs", "summarise_steps")
    for name in kernels:
        for file in copy.rglob(f"*{name}*"):
            file.unlink()
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path / "cache"))
    arguments = ("run", *NETWORK, *CHIP, "--out", tmp_path / "out")
    finished = on_ranks(2, Path(__file__).parent / "compiling.py", tmp_path, *arguments)
    assert finished.returncode == 0, finished.stderr
    assert set(kernels) <= set((tmp_path / "compiled-0").read_text().split())
    assert (tmp_path / "compiled-1").read_text() == ""
    assert (tmp_path / "out" / "traffic.h5").read_bytes() == alone[1]


def test_a_network_that_does_not_fit_is_refused_by_one_voice(tmp_path):
    refused = benchnn(2, "run", *NETWORK, "--chip", "odin", "--out", tmp_path / "out")
    assert refused.returncode == 2
    assert refused.stderr.count("benchnn: error") == 1 and "does not fit" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_more_ranks_than_cpus(tmp_path, alone):
    ranks = len(usable_cpus()) + 1
    if ranks > 9:
        pytest.skip(f"{ranks} ranks are too many for a test")
    finished = benchnn(ranks, "run", *BRUNEL, *CHIP, "--out", tmp_path / "out")
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "out" / "traffic.h5").read_bytes() == alone[1]


@pytest.mark.parametrize("part", ["synapses", "axons", "routes"])
def test_too_little_memory_of_one_rank_is_reported_by_one_voice(tmp_path, part):
    arguments = ("run", *NETWORK, *CHIP, "--out", tmp_path / "out")
    refused = on_ranks(2, FAILING, f"no-room-for-{part}", 1, *arguments, timeout=60)
    assert refused.returncode == 2
    assert refused.stderr.count("benchnn: error") == 1
    assert f"too little memory: the {part} of a mapped network" in refused.stderr
    assert not (tmp_path / "out").exists()
