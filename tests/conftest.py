"""Which tests are quick (`pytest -n 2 -m quick`), and in which order the files come."""

import os
import shutil
import sys
import tempfile

import pytest

QUICK = (
    # the project
    "test_architecture.py",
    "test_imports.py",
    "test_project_files.py",
    "test_quick_tests.py",
    # kernels, and what they are given
    "test_backends_agree.py",
    "test_connectivity.py",
    "test_distributions.py",
    "test_network.py",
    "test_neuron_models.py",
    "test_quantisation.py",
    "test_random.py",
    "test_simulator.py",
    "test_synapses.py",
    "test_varying_drives.py::test_one_digest_on_all_backends_and_threads",
    # the command line
    "test_cli.py",
    "test_declared_types.py",
    "test_doctor.py",
    "test_model_source.py",
    "test_options.py",
    "test_runner.py",
    # what runs leave
    "test_checkpoint.py",
    "running/test_requests.py",
    "test_result.py",
    "test_sonata.py",
    # chips
    "chips/test_run.py",
    "noc/test_routes.py",
    "costs/test_energy.py",
    "mapping/test_limits.py",
    "mapping/test_core_mapping.py",
    "neuromorphic/sheets/test_sheets.py",
    "test_step_time.py",
    "traffic/test_meter.py",
)
"""Test files, or single tests of them: one list, because only all of them together keep or exceed the time.

A file is named by its name, or by as much of its path as no other test file ends in. So folders can be moved.
"""


LONG = (
    "test_guides.py",
    "gpu/test_compiles.py",
    "test_readme.py",
    "test_jobs.py",
    "test_neuron_models.py",
    "test_backends_agree.py",
    "mpi/test_run.py",
    "test_ranks_agree.py",
    "jube/test_definitions.py",
)
"""Files that take longest. They begin first, so that no worker waits at the end for one that another has begun late.

The second file does not need compiled kernels: otherwise two workers would begin to compile the same ones.
"""


def pytest_configure(config):
    # Hundreds of programs are started, and each would compile all sources again.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Threads of NEST share CPUs with other tests: one that spins keeps the one that it waits for from running.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Workers and programs inherit it, so that none compiles what another has.
    if "BENCHNN_TEST_LIBRARIES" not in os.environ:
        os.environ["BENCHNN_TEST_LIBRARIES"] = folder = tempfile.mkdtemp(prefix="benchnn-gpu-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    # pytest-xdist would begin with the files that have most tests, and end with those whose tests take longest.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def named_in(item, names):
    """The first of some names, see `QUICK`, that means a test; None if none does."""
    test = item.nodeid.partition("[")[0]
    file = test.partition("::")[0]
    return next((name for name in names if f"/{test}".endswith(f"/{name}") or f"/{file}".endswith(f"/{name}")), None)


def pytest_collection_modifyitems(items):
    for item in items:
        if named_in(item, QUICK):
            item.add_marker(pytest.mark.quick)
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(named_in(item, LONG), len(LONG)))
