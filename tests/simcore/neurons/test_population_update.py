"""The update of a population is made from a model's step, by the names of its arguments, and kept between processes."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import simcore
from simcore.neurons import neuron_models
from simcore.neurons.iaf_psc_exp.model import IafPscExp
from simcore.neurons.model import NeuronModel, Variable

pytest.importorskip("simcore.backends.cpu.backend")
from numba import types

from simcore.jit.blocks import at
from simcore.jit.compilation import kernel
from simcore.neurons.cpu import population_update

N, STRIDE = 700, 1000
"""More than a block; other populations lie between the rows of the inputs."""


class Named(NeuronModel):
    """Describes the arrays of the steps below."""

    name = "named"
    variables = (Variable("V_m", "mV", 0.0, ""), Variable("w", "pA", 0.0, ""))
    counters = ("held", "counted")
    receptors = ("ex", "in")

    class Coefficients(NamedTuple):
        """Three of them."""

        gain: Any
        leak: Any
        bound: Any

    coefficients = initial_state = update = None


Named.__abstractmethods__ = frozenset()


@kernel
def in_order(V_m, w, held, counted, in_ex, in_in, fired, gain, leak, bound, spare, lsb_ex, lsb_in):
    """Mix everything, each with a weight of its own."""
    total = np.int32(0)
    for i in range(len(V_m)):
        spare[i] = w[i]
        w[i] = V_m[i] + in_ex[i] * lsb_ex * at(gain, i) + in_in[i] * lsb_in * at(leak, i)
        V_m[i] = spare[i] * at(bound, i)
        held[i] += np.int32(1)
        counted[i] += held[i]
        in_ex[i] = 0
        in_in[i] = 0
        fired[i] = np.int32(counted[i] > 10)
        total += fired[i]
    return total


@kernel
def shuffled(lsb_in, bound, fired, spare, in_in, counted, gain, V_m, lsb_ex, in_ex, leak, held, w):
    """The same with its arguments in another order."""
    return in_order(V_m, w, held, counted, in_ex, in_in, fired, gain, leak, bound, spare, lsb_ex, lsb_in)


@kernel
def with_tuple(V_m, w, held, counted, in_ex, in_in, fired, coefficients, spare, lsb_ex, lsb_in):
    """The same with all coefficients in one argument."""
    gain, leak, bound = coefficients.gain, coefficients.leak, coefficients.bound
    return in_order(V_m, w, held, counted, in_ex, in_in, fired, gain, leak, bound, spare, lsb_ex, lsb_in)


def arrays(per_neuron):
    """State, counters, inputs, coefficients, lsb and spikes of N neurons."""
    random = np.random.default_rng(1)
    inputs = random.integers(1, 9, (2, STRIDE)).astype(np.int32)
    coefficients = random.uniform(0.5, 1.5, (3, N if per_neuron else 1)).astype(np.float32)
    state = random.uniform(-1.0, 1.0, (2, N)).astype(np.float32)
    counters = random.integers(0, 10, (2, N)).astype(np.int32)
    return state, counters, inputs, coefficients, np.array([0.5, 0.25], np.float32), np.zeros(N, np.uint32)


def called(update, state, counters, inputs, coefficients, lsb, spikes):
    """Spiking neurons after a call of the update through its address."""
    arguments = [ctypes.c_void_p] * 2 + [ctypes.c_int64] + [ctypes.c_void_p, ctypes.c_int64] * 3
    arguments += [ctypes.c_void_p]
    function = ctypes.CFUNCTYPE(ctypes.c_int64, *arguments)(update.address(types.float32, types.int32))
    s, c, i, k, u, p = (array.ctypes.data for array in (state, counters, inputs, coefficients, lsb, spikes))
    n = state.shape[1]
    return spikes[: function(s, c, n, i, inputs.shape[1], k, coefficients.shape[1], u, n, p)]


@pytest.mark.parametrize("per_neuron", [False, True])
@pytest.mark.parametrize("step", [in_order, shuffled, with_tuple])
def test_arguments_are_found_by_name_whatever_their_order(step, per_neuron):
    state, counters, inputs, coefficients, lsb, spikes = arrays(per_neuron)
    gain, leak, bound = coefficients
    expected_w = state[0] + inputs[0, :N] * lsb[0] * gain + inputs[1, :N] * lsb[1] * leak
    expected_v = state[1] * bound
    expected_counts = np.stack([counters[0] + 1, counters[1] + counters[0] + 1])
    rest = inputs[:, N:].copy()
    fired = called(
        population_update(Named(), step, scratch=("spare",)), state, counters, inputs, coefficients, lsb, spikes
    )
    assert np.array_equal(state[0], expected_v)
    assert np.allclose(state[1], expected_w, rtol=1e-6)
    assert np.array_equal(counters, expected_counts)
    assert fired.tolist() == np.flatnonzero(expected_counts[1] > 10).tolist()
    assert not inputs[:, :N].any()
    assert np.array_equal(inputs[:, N:], rest)


@kernel
def unknown(V_m, in_ex, in_in, fired, gian):
    """A coefficient's name with a slip."""
    return 0


@kernel
def forgetful(V_m, in_ex, fired):
    """Does not clear what arrives at the receptor ``in``."""
    return 0


@kernel
def silent(V_m, in_ex, in_in):
    """Marks nobody."""
    return 0


@pytest.mark.parametrize(
    ("step", "scratch", "message"),
    [
        (unknown, (), "argument 'gian'; use fired, V_m, w, held, counted, in_ex, lsb_ex"),
        (forgetful, (), "lacks the argument 'in_in'"),
        (silent, (), "lacks the argument 'fired'"),
        (in_order, ("spare", "w"), "'w' is not unique"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(step, scratch, message):
    with pytest.raises(TypeError, match="the step of neuron model named") as refusal:
        population_update(Named(), step, scratch)
    assert message in str(refusal.value)


def test_names_of_different_rows_must_differ():
    class Twice(Named):
        counters = ("held", "gain")

    with pytest.raises(TypeError, match="'gain' is not unique"):
        population_update(Twice(), in_order, ("spare",))


@pytest.mark.parametrize("name", neuron_models.names())
def test_models_name_their_rows(name):
    model = neuron_models.get(name)
    params = {parameter.name: np.asarray(parameter.default) for parameter in model.parameters}
    assert model.coefficients(params, 0.1).shape == (len(model.Coefficients._fields), 1)
    assert (
        model.initial_state(params, {v.name: np.zeros(1) for v in model.variables}, 1)[1].shape[0] == model.n_counters
    )
    assert model.current_row is None or model.Coefficients._fields[model.current_row] in ("drift", "i_e", "bias")


def test_coefficients_come_in_the_order_of_their_names():
    params = {parameter.name: np.asarray(parameter.default) for parameter in IafPscExp.parameters}
    c = IafPscExp.Coefficients(*IafPscExp().coefficients(params, 0.1)[:, 0])
    assert (c.theta, c.reset, c.refractory_steps) == (15.0, 0.0, 20.0)


COUNTED = """
from numba.core.event import RecordingListener, install_listener

with install_listener("numba:run_pass", RecordingListener()) as listener:
{}
print(len(listener.buffer))
"""

UPDATES = """
    from numba import types
    from simcore.neurons.iaf_psc_exp import cpu as iaf_psc_exp
    from simcore.neurons.parrot_neuron import cpu as parrot_neuron
    for kernels in (iaf_psc_exp, parrot_neuron):
        for real in (types.float32, types.float64):
            kernels.UPDATE.address(real, types.int32)
"""

START = """
    from simcore.network import FixedIndegree, Network, Poisson, Population, Projection, SpikeRecorder
    from simcore.neurons import neuron_models
    from simcore.simulator import Simulator
    names = neuron_models.names()
    populations = [Population(name, 8, name) for name in names]
    chosen = [None if (m := neuron_models.get(n)).sign_chooses_receptor else m.receptors[0] for n in names]
    rule = FixedIndegree(2)
    projections = [Projection(names[0], n, rule, 1.0, receptor=r) for n, r in zip(names, chosen)]
    network = Network(populations, projections, [Poisson(names[0], 100.0, 1.0)], [SpikeRecorder()])
    simulator = Simulator(network, threads=1)
    simulator.run(1.0)
    simulator.close()
"""


def compiler_passes(code, **environment):
    """Passes of Numba's compiler in a new process."""
    root = str(Path(simcore.__file__).parents[1])
    variables = {**os.environ, "PYTHONPATH": root, **environment}
    command = [sys.executable, "-c", COUNTED.format(code)]
    finished = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return int(finished.stdout)


@pytest.mark.thorough
def test_a_second_process_finds_the_updates_in_the_cache(tmp_path):
    assert compiler_passes(UPDATES, BENCHNN_CACHE_DIR=str(tmp_path)) > 100
    assert compiler_passes(UPDATES, BENCHNN_CACHE_DIR=str(tmp_path)) == 0


def test_a_second_start_compiles_nothing():
    # Other tests may compile at the same time and write the same index.
    passes = [compiler_passes(START)]
    while len(passes) < 4 and (len(passes) == 1 or passes[-1] > 0):
        passes.append(compiler_passes(START))
    assert passes[-1] == 0, passes
