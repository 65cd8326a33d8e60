"""A fault on one rank ends all of them at once, and says where it was; what is on disk stays usable."""

import json
import re
import socket
import time
from pathlib import Path

import pytest
from launch import benchnn, on_ranks

PROGRAM = Path(__file__).with_name("failing.py")
NETWORK = ("brunel", "--param", "order=100", "--time", 400, "--warmup", 10, "--threads", 1)
KEPT = ("--record", "spikes", "--checkpoint-every", 30)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a run without a fault leaves."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert benchnn(2, "run", *NETWORK, *KEPT, "--out", out).returncode == 0
    return digest(out), (out / "spikes.h5").read_bytes()


def digest(out):
    record = json.loads((out / "result.json").read_text())
    return record["spike_digest"], record["spikes"], record["synaptic_events"], record["interrupted"]


def fail(fault, rank, ranks, out, *options):
    """Run with a fault; the timeout stands far above what the run without one takes."""
    start = time.monotonic()
    finished = on_ranks(ranks, PROGRAM, fault, rank, "run", *NETWORK, *options, "--out", out, timeout=60)
    assert finished.returncode != 0
    assert time.monotonic() - start < 30
    return finished


def errors(finished):
    """Errors of benchnn; Open MPI ends the other ranks with SIGTERM, which they report too, and adds null bytes."""
    lines = re.findall("benchnn: error.*", finished.stderr)
    return [line for line in lines if "interrupted by SIGTERM" not in line]


def resumes_to_the_same(out, whole, ranks):
    finished = benchnn(ranks, "run", "--resume", out, "--threads", 1)
    assert finished.returncode == 0, finished.stderr
    assert (digest(out), (out / "spikes.h5").read_bytes()) == whole
    assert {path.name for path in out.iterdir()} == {"result.json", "spikes.h5"}


@pytest.mark.parametrize(
    ("fault", "rank", "ranks", "exchange", "sentence"),
    [
        ("construction", 1, 2, "collective", "ArithmeticError: a synapse too many"),
        ("propagation", 2, 3, "directed", "ArithmeticError: a spike too many"),
        ("propagation", 0, 2, "collective", "ArithmeticError: a spike too many"),
        ("memory", 1, 2, "collective", "out of memory: a spike too many"),
    ],
)
def test_an_exception_names_its_rank_and_ends_all(tmp_path, fault, rank, ranks, exchange, sentence):
    finished = fail(fault, rank, ranks, tmp_path / "out", "--exchange", exchange)
    expected = [f"benchnn: error on rank {rank} of {ranks} ({socket.gethostname()}): {sentence}"]
    assert errors(finished) == expected, finished.stderr
    # The last line of a traceback. Open MPI's SIGTERM may leave others on other ranks: "Exception ignored in: ...".
    assert len(re.findall("^ArithmeticError: ", finished.stderr, re.MULTILINE)) == ("Arithmetic" in sentence), (
        finished.stderr
    )
    assert not (tmp_path / "out" / "result.json").exists()


@pytest.mark.parametrize("rank", [0, 1])
def test_too_little_memory_on_one_node_is_wrong_input_of_all(tmp_path, rank):
    finished = fail("refused", rank, 2, tmp_path / "out")
    assert finished.returncode == 2
    assert errors(finished) == ["benchnn: error: too little memory: the part of 2 ranks needs more"]
    assert "MPI_Abort" not in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_killed_rank_leaves_its_last_checkpoint(tmp_path, whole):
    out = tmp_path / "out"
    finished = fail("kill", 1, 3, out, *KEPT)
    assert errors(finished) == []
    assert len(list((out / "checkpoints").iterdir())) == 2
    assert not (out / "result.json").exists()
    # As if it had been killed while it wrote the result.
    (out / ".spikes.h5.0123456789abcdef.partial").write_text("")
    resumes_to_the_same(out, whole, 2)


@pytest.mark.parametrize("fault", ["full-part", "full-checkpoint", "full-result"])
def test_a_full_disk_stops_all_ranks_and_spoils_nothing(tmp_path, whole, fault):
    out = tmp_path / "out"
    finished = fail(fault, 0, 2, out, *KEPT)
    assert finished.returncode == 1
    [line] = errors(finished)
    assert "No space left on device" in line and str(out) in line and " on rank " not in line
    assert "MPI_Abort" not in finished.stderr and "Traceback" not in finished.stderr
    assert not (out / "result.json").exists() and not list(out.rglob("*.partial"))
    resumes_to_the_same(out, whole, 1)


def test_a_fault_of_the_writer_does_not_leave_the_others_waiting(tmp_path):
    finished = fail("writer", 0, 2, tmp_path / "out", *KEPT)
    assert errors(finished) == [
        f"benchnn: error on rank 0 of 2 ({socket.gethostname()}): ZeroDivisionError: a part of nothing"
    ]
