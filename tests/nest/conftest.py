"""The backends that are compared with NEST."""

import pytest


@pytest.fixture(scope="module", params=["cpu", pytest.param("oracle", marks=pytest.mark.thorough)])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "cpu":
        pytest.importorskip("simcore.backends.cpu.backend")
    return str(request.param)
