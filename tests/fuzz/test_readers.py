"""A first look at readers whose valid inputs need no run; ``python tests/fuzz/fuzz.py`` looks at all of them."""

from pathlib import Path

from fuzzing.campaign import run_campaign

READERS = (
    "NEST text",
    "NIR file",
    "SONATA traces",
    "accelerator sheet",
    "activity file",
    "chip sheet",
    "edges.csv.gz",
    "edges.npz",
    "file of areas",
    "inference as a workload",
    "job template",
    "lock",
    "machine of a roofline",
    "mapping file",
    "plastic checkpoint",
    "power log",
    "recorded weights",
    "run --config",
    "sacct",
    "workload",
)


INPUTS = 25
"""Of each reader."""


def test_damaged_inputs_are_refused_in_one_sentence(tmp_path):
    campaign = run_campaign(Path("unused"), tmp_path, dict.fromkeys(READERS, INPUTS), seed=1, workers=1)
    assert campaign.faults == []
    assert campaign.inputs == INPUTS * len(READERS)
    assert all(count["refused"] for name, count in campaign.counts.items() if name != "lock")
