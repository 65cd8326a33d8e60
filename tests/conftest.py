"""The quick tests, `pytest -n 2 -m quick`: they find a broken kernel, command line or record in under 3 minutes."""

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
    "run/test_requests.py",
    "test_result.py",
    "test_sonata.py",
    # chips
    "chips/test_run.py",
    "noc/test_routes.py",
    "costs/test_energy.py",
    "mapping/test_limits.py",
    "mapping/test_core_mapping.py",
    "test_sheets.py",
    "test_step_time.py",
    "traffic/test_meter.py",
)
"""Test files, or single tests of them: one list, because only all of them together keep or exceed the time.

A file is named by its name, or by as much of its path as no other test file ends in. So folders can be moved.
"""


def pytest_collection_modifyitems(items):
    ends = tuple(f"/{name}" for name in QUICK)
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test.endswith(ends) or test.partition("::")[0].endswith(ends):
            item.add_marker(pytest.mark.quick)
