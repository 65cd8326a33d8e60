"""The gpu backend for the tests of all backends: that of this machine, or its kernels on threads of the CPU."""

import pytest

from simcore.backends import backends
from simcore.registry import Entry


@pytest.fixture(scope="session", autouse=True)
def gpu_backend():
    """Where there is no GPU, ``gpu`` is the emulation of tests/gpu."""
    if backends.unusable_because("gpu") is not None:
        backends._entries["gpu"] = Entry("emulation:BACKEND")
    return backends


@pytest.fixture(autouse=True)
def needs_a_gpu(request):
    """Tests with the backend ``gpu`` need a GPU, or a compiler for its emulation."""
    values = getattr(request.node, "callspec", None)
    if values is not None and "gpu" in str(values.params):
        import emulation

        if emulation.COMPILER is None and str(backends._entries["gpu"].location).startswith("emulation"):
            pytest.skip("gpu: there is neither a GPU nor g++ to emulate one")
