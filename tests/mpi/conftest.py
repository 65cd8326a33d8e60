"""These tests start mpiexec; where there is none they say so."""

import pytest
from launch import benchnn, why_not

WHY_NOT = why_not()


def pytest_collection_modifyitems(items):
    if WHY_NOT is not None:
        for item in items:
            if item.path.parent.name == "mpi":
                item.add_marker(pytest.mark.skip(reason=f"MPI: {WHY_NOT}"))


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory):
    """Fill the cache of compiled code, so that no test waits for it."""
    out = tmp_path_factory.mktemp("compiled") / "out"
    options = ("--param", "order=20", "--time", 2, "--warmup", 0, "--threads", 1, "--record", "spikes")
    finished = benchnn(2, "run", "brunel", *options, "--out", out, timeout=600)
    assert finished.returncode == 0, finished.stderr
