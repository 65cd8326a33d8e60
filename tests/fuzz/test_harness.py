"""The harness finds what it looks for: readers with planted faults are reported, each with its kind of fault."""

import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing.campaign import run_campaign, shares
from fuzzing.case import Case, from_json, to_json
from fuzzing.planted import FAULTS, VALID
from fuzzing.readers import READERS, readers_of
from fuzzing.worker import case_of

INPUTS, FATAL = 6, 2
"""Inputs of each reader; of one that ends its worker."""
HANGS = {"planted: hang": FATAL, "planted: hang without signals": 1}
COUNTS = {f"planted: {name}": INPUTS for name in ("none", *FAULTS)} | {"planted: death": FATAL}
ELSEWHERE = Path("/tmp/fuzzing-writes-elsewhere")  # noqa: S108 - where nothing may be written
REPORTED = {
    "traceback": "traceback",
    "hang": "hang",
    "hang without signals": "hang",
    "memory": "memory",
    "hidden memory": "memory",
    "death": "death",
    "two sentences": "words",
    "control character": "words",
    "long sentence": "words",
    "exit code": "exit code",
    "elsewhere": "traceback",
}
"""Planted fault -> the kind that is reported."""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    others = {name: count for name, count in COUNTS.items() if name not in HANGS}
    whole = run_campaign(Path("unused"), tmp_path_factory.mktemp("fuzz"), others, seed=1)
    hanging = run_campaign(Path("unused"), tmp_path_factory.mktemp("hang"), HANGS, seed=1, workers=1, alarm_s=0.5)
    whole.counts |= hanging.counts
    whole.faults += hanging.faults
    return whole


@pytest.mark.thorough
def test_a_reader_that_refuses_in_one_sentence_has_no_fault(campaign):
    count = campaign.counts["planted: none"]
    assert count["refused"] > 0 and count["accepted"] + count["refused"] == INPUTS


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_reported_with_its_kind(campaign, name):
    kinds = set(campaign.counts[f"planted: {name}"])
    assert REPORTED[name] in kinds and kinds <= {REPORTED[name], "accepted"}


def test_nothing_is_written_elsewhere(campaign):
    assert not ELSEWHERE.exists()
    assert any("Permission denied" in fault.verdict.detail for fault in campaign.faults)


def test_every_input_is_counted_once_also_where_workers_die(campaign):
    assert {name: count.total() for name, count in campaign.counts.items()} == COUNTS | HANGS
    found = [(fault.reader, fault.index) for fault in campaign.faults]
    assert len(set(found)) == len(found)
    assert f"{campaign.inputs:,} inputs" in campaign.table()


def test_seed_reader_and_index_give_an_input():
    reader, seeds = readers_of(["planted: none"])["planted: none"], [Case({"file": VALID})]
    inputs = [case_of(reader, seeds, 3, index).files["file"] for index in range(40)]
    assert inputs == [case_of(reader, seeds, 3, index).files["file"] for index in range(40)]
    assert len(set(inputs)) > 20 and inputs[0] != case_of(reader, seeds, 4, 0).files["file"]


def test_an_input_with_any_bytes_and_words_is_kept_in_a_file():
    case = Case({"a/é": bytes(range(256))}, ("--out", "caf\udce9", ""))
    assert from_json(to_json(case, reader="record", fault="hang")) == ("record", case)


def test_every_reader_gets_its_share():
    counts = shares(10_000, list(READERS))
    assert set(counts) == set(READERS) and min(counts.values()) > 0 and sum(counts.values()) >= 10_000


def test_an_input_that_was_kept_is_run_again_by_one_command(tmp_path):
    kept = tmp_path / "fault.json"
    kept.write_text(to_json(Case({"file": b"13 apples\n"}), reader="planted: traceback"))
    script = Path(__file__).parent / "fuzz.py"
    command = [sys.executable, script, "--replay", kept]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1 and "KeyError" in done.stdout and done.stderr == "", done.stderr
