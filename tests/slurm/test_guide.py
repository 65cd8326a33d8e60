"""The command of the guide to clusters submits a job that succeeds."""

from pathlib import Path

import pytest
from page_blocks import block, shortened

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "cluster.md"
SMALLER = {
    "--tasks-per-node 4 --threads 16": "--tasks-per-node 1 --threads 1 --oversubscribe",
    "run pd14": "run pd14 --param scale=0.02",
}
"""Parts of the command that are too large for the testbed, whose two nodes are this machine."""


def test_the_command_of_the_guide_submits_a_job_that_succeeds(testbed, benchnn, record, log, tmp_path):
    from simcore.comm.mpi import unusable_because

    if unusable_because() is not None:
        pytest.skip(f"MPI: {unusable_because()}")
    (command,) = block(PAGE, "submit").lines
    for part, smaller in SMALLER.items():
        assert part in command
        command = command.replace(part, smaller)
    program, *arguments = shortened(command).split()
    # The time of the job, which the shortening of the run must leave.
    assert program == "benchnn" and "00:30:00" in arguments
    done = benchnn(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    out = tmp_path / arguments[arguments.index("--out") + 1]
    assert testbed.wait(done.stdout.strip())["ExitCode"] == "0:0", log(out)
    assert record(out)["layout"]["ranks"] == 2 and (out / "spikes.h5").is_file()
