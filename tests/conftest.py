"""The quick tests, `pytest -n 2 -m quick`: they find a broken kernel, command line or record in under 3 minutes."""

import pytest

QUICK = (
    # the project
    "test_imports.py",
    "test_project_files.py",
    "test_quick_tests.py",
    # kernels, and what they are given
    "test_backends_agree.py",
    "test_connectivity.py",
    "test_digests.py",
    "test_distributions.py",
    "test_network.py",
    "test_quantisation.py",
    "test_random.py",
    "test_simulator.py",
    "test_synapses.py",
    # the command line
    "test_cli.py",
    "test_declared_types.py",
    "test_doctor.py",
    "test_model_source.py",
    "test_options.py",
    "test_runner.py",
    # what runs leave
    "test_checkpoint.py",
    "test_record_requests.py",
    "test_result.py",
    "test_sonata.py",
    # chips
    "chip/test_run.py",
    "noc/test_routes.py",
    "test_chip_energy.py",
    "test_constraints.py",
    "test_mapping.py",
    "test_sheets.py",
    "test_step_time.py",
    "test_traffic.py",
)
"""Files, by the end of their path that no other test file has: a folder may be moved or renamed.

One list, because only the whole can keep its time.
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.as_posix().endswith(tuple(f"/{name}" for name in QUICK)):
            item.add_marker(pytest.mark.quick)
