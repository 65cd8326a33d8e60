"""The first start compiles each kernel once, in two processes; the next one compiles nothing."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba import types

import simcore
from simcore.jit import compilation
from simcore.jit.compilation import Kernel, inlined

ROOT = Path(simcore.__file__).parents[1]

RUN = """
import json
import sys
from numba import types
from numba.core import event

class Compiled(event.Listener):
    def __init__(self):
        self.kernels = []

    def on_start(self, happened):
        function, arguments = happened.data["dispatcher"].py_func, happened.data["args"]
        if function.__module__.startswith("simcore"):
            named = [str(types.unliteral(each)) for each in arguments]
            self.kernels.append(f"{function.__module__}.{function.__qualname__}{named}")

    def on_end(self, happened):
        pass

event.register("numba:compile", compiled := Compiled())

from simcore.network import FixedTotalNumber, Network, Poisson, Population, Projection, SpikeRecorder
from simcore.simulator import Simulator

population = Population("cells", 40, "iaf_psc_exp")
projection = Projection("cells", "cells", FixedTotalNumber(400), 87.8)
network = Network([population], [projection], [Poisson("cells", 20000.0, 87.8)], [SpikeRecorder()])
with Simulator(network, threads=2) as simulator:
    spikes = simulator.run(20.0)
    digests = [simulator.network_digest, spikes.spike_digest]
print(json.dumps([compiled.kernels, digests, "numba.np.npyimpl" in sys.modules]))
"""


def started(cache):
    """Kernels that a new process compiled, digests of its network and spikes, and whether it imported a compiler."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BENCHNN_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", RUN]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@pytest.mark.thorough
def test_a_first_start_compiles_each_kernel_once_and_the_next_none(tmp_path):
    first, digests, compiler = started(tmp_path)
    # A function that chooses a kernel by types is one line, and may be compiled for several callers.
    kernels = [each for each in first if "<locals>" not in each]
    assert sorted(kernels) == sorted(set(kernels)) and len(kernels) > 40
    assert any("advance.advance" in each for each in first)
    # These the second process compiled.
    assert not any("drives.poisson" in each or "iaf_psc_exp" in each for each in first)
    assert compiler
    assert started(tmp_path) == [[], digests, False]


@Kernel
def scaled(x, factor):
    return factor * x


@inlined
def shifted(x, by):
    return x + by


@Kernel
def three_calls(x):
    return scaled(x, 2) + scaled(x, 3) + scaled(x, x) + shifted(x, 4) + shifted(x, 5)


def test_a_kernel_is_compiled_once_for_all_integers_that_others_pass_to_it():
    assert three_calls(7) == 14 + 21 + 49 + 11 + 12
    assert list(scaled.called.overloads) == [(types.int64, types.int64)]
    assert list(shifted.called.overloads) == [(types.int64, types.int64)]


def test_what_kernels_call_has_no_wrappers_and_python_can_call_it_too():
    three_calls(7)
    (called,) = scaled.called.overloads.values()
    assert not any("cpython" in f.name or "cfunc" in f.name for f in called.library.get_defined_functions())
    assert scaled(5, 6) == 30
    (from_python,) = scaled.overloads.values()
    assert any("cpython" in f.name for f in from_python.library.get_defined_functions())


@pytest.mark.parametrize("threshold", [(500, 7, 8), (0, 7, 8), (20_000, 7, 8)])
def test_garbage_is_looked_for_less_often_only_while_kernels_are_compiled(threshold, monkeypatch):
    before, during = gc.get_threshold(), []

    @inlined
    def twice(x):
        return x + x

    monkeypatch.setattr(Kernel.__mro__[1], "compile", lambda self, sig: during.append(gc.get_threshold()))
    gc.set_threshold(*threshold)
    try:
        twice.compile((types.int64,))
        after = gc.get_threshold()
    finally:
        gc.set_threshold(*before)
    raised = compilation.YOUNG_OBJECTS if 0 < threshold[0] < compilation.YOUNG_OBJECTS else threshold[0]
    assert during == [(raised, 7, 8)]
    assert after == threshold
