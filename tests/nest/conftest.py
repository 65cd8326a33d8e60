"""The backends that are compared with NEST."""

import pytest


@pytest.fixture(scope="module", params=["oracle", "cpu"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "cpu":
        pytest.importorskip("simcore.backends.cpu.backend")
    return str(request.param)
