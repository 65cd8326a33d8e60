"""These tests start mpiexec; where there is none they say so."""

import pytest
from launch import why_not

WHY_NOT = why_not()


def pytest_collection_modifyitems(items):
    if WHY_NOT is not None:
        for item in items:
            if item.path.parent.name == "mpi":
                item.add_marker(pytest.mark.skip(reason=f"MPI: {WHY_NOT}"))
