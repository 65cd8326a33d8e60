"""Brian2 without a compiler."""

import pytest

from benchnn.simulators import peers


@pytest.fixture
def numpy_code():
    """Let Brian2 generate NumPy code, which needs no compiler."""
    if peers.unusable_because("brian2") is not None:
        yield
        return
    from benchnn.simulators.brian2.module import brian2_module

    preferences = brian2_module().prefs
    preferences.codegen.target = "numpy"
    yield
    preferences.codegen.target = "auto"
