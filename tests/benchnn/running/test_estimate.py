"""The memory that `benchnn run --estimate` predicts; nothing is built or written."""

import json

import pytest

from benchnn.running.estimate import PARTS, estimate, to_text
from benchnn.running.options import RunOptions
from simcore.errors import InputError
from simcore.memory import BASELINE_BYTES, CACHED_BYTES, MemoryLimit

PD14 = {"n_scaling": "1", "k_scaling": "1"}


def record_of(ranks=1, **options):
    return estimate(RunOptions(model="pd14", text_params=PD14, threads=2, **options), ranks, ["benchnn", "run"])


def test_the_full_microcircuit_is_estimated_by_part():
    record = record_of()
    assert list(record["memory_bytes"]) == list(PARTS) and record["delivery"] == "just_in_time"
    assert record["memory_bytes"]["synapses"] == 4 * round(record["model"]["synapses"]) > 1.19e9
    # The measured resident set of a run is 1.45 GB (docs/ranks.md).
    assert record["bytes_per_rank"] == sum(record["memory_bytes"].values()) == pytest.approx(1.42e9, rel=0.05)
    assert record["bytes_per_synapse"] == pytest.approx(4.75, rel=0.05)
    json.dumps(record)


def test_more_ranks_share_the_synapses_and_not_the_process():
    one, four = record_of(), record_of(4)
    assert four["rank"]["neurons"] == 19_293 == -(-one["rank"]["neurons"] // 4)
    assert four["memory_bytes"]["synapses"] == pytest.approx(one["memory_bytes"]["synapses"] / 4, rel=1e-3)
    assert four["memory_bytes"]["process"] == one["memory_bytes"]["process"]
    assert four["bytes_of_all_ranks"] == 4 * four["bytes_per_rank"] > one["bytes_of_all_ranks"]


def test_the_text_says_whether_it_fits(monkeypatch):
    monkeypatch.setattr("benchnn.running.estimate.tightest_limit", lambda: MemoryLimit(1_000_000_000, "memory.max"))
    text = to_text(record_of())
    assert "pd14: 77,169 neurons, 298,880,968 synapses on 1 rank x 2 threads" in text
    assert (
        "1 GB free on" in text
        and "(memory.max): does not fit; smallest number of ranks, if each has such a node" in text
    )


def test_what_fits_is_what_a_run_would_not_refuse(monkeypatch):
    parts = {name: size for name, size in record_of()["memory_bytes"].items() if name != "process"}
    # Between what a process needs with and without compiled kernels.
    free = int(sum(parts.values()) + 0.5 * (CACHED_BYTES + BASELINE_BYTES))
    monkeypatch.setattr("benchnn.running.estimate.tightest_limit", lambda: MemoryLimit(free, "memory.max"))
    here = record_of()["here"]
    assert here["ranks_that_fit"] == 0 and here["fewest_ranks"] == 2


def test_what_an_estimate_cannot_have_is_refused():
    for options in ({"backend": "oracle"}, {"out": "x"}, {"record": ("spikes",)}):
        with pytest.raises(InputError, match=next(iter(options))):
            record_of(**options)
