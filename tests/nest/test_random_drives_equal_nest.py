"""Random drives of simcore and NEST have the distribution, the timing and the independence that theory says.

Each comparison allows five standard errors, for a normal one false alarm in 1.7 million; some 160 are made for each
simulator, with seeds that are fixed and were not chosen: about one false alarm in 10,000 choices of a seed.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from equality import run_on_simcore
from run_nest import run_on_nest

from simcore.network import InhomogeneousPoisson, Network, Noise, Population, TraceRecorder

FloatArray = npt.NDArray[np.float64]
STANDARD_ERRORS = 5.0
N = 500
WEIGHT_PA = 32.0
TAU_SYN_MS, TAU_M_MS, C_M_PF, E_L = 2.0, 5.0, 250.0, -70.0
H = 0.1

simulators = pytest.mark.parametrize("simulator", ["oracle", "cpu", "nest"])


def traces(drive: Any, simulator: str, n_steps: int, variable: str, **params: float) -> FloatArray:
    """Values of neurons that do not fire, shape (steps, N); row k is stamped k + 1 steps."""
    population = Population("A", N, params={"V_th": 1e5, **params})
    network = Network([population], drives=[drive], recorders=[TraceRecorder("A", range(N), (variable,))])
    if simulator == "nest":
        found = run_on_nest(network, n_steps, seed=77).traces
    else:
        found = run_on_simcore(network, n_steps, simulator).traces
    return np.array([found["A", neuron, variable] for neuron in range(N)]).T


def require_near(found: float, expected: float, standard_error: float) -> None:
    assert abs(found - expected) <= STANDARD_ERRORS * standard_error


def require_independent(values: FloatArray, variance: float) -> None:
    """Values of mean 0, shape (times, neurons): neighbours in time and among neurons do not correlate."""
    for product in (values[1:] * values[:-1], values[:, 1:] * values[:, :-1]):
        if product.size:
            require_near(float(product.mean()), 0.0, variance / math.sqrt(product.size))


@simulators
def test_counts_are_poisson_with_the_rate_that_holds_in_their_step(simulator: str) -> None:
    drive = InhomogeneousPoisson("A", [1.0, 4.0, 6.0, 9.0], [20000.0, 0.0, 3000.0, 100000.0], WEIGHT_PA, 0.5)
    current = traces(drive, simulator, 120, "I_syn_ex", tau_syn_ex=TAU_SYN_MS)
    jumps = current - math.exp(-H / TAU_SYN_MS) * np.vstack([np.zeros((1, N)), current[:-1]])
    counts = np.rint(jumps / WEIGHT_PA)
    assert np.allclose(counts * WEIGHT_PA, jumps, atol=1e-6)
    # From 1 ms on, the first spikes are stamped 1.1 ms; with the delay they arrive in the step that begins at 1.5 ms.
    assert not counts[:15].any() and not counts[45:65].any()
    for first, end, mean in ((15, 45, 2.0), (65, 95, 0.3), (95, 120, 10.0)):
        part = counts[first:end]
        for step in part:
            require_near(step.mean(), mean, math.sqrt(mean / N))
        require_near(part.mean(), mean, math.sqrt(mean / part.size))
        require_near(part.var(), mean, math.sqrt((mean + 2.0 * mean**2) / part.size))
        require_independent(part - mean, mean)


def moments(drive: Noise, n_steps: int) -> tuple[float, float]:
    """Mean and variance of the potential above E_L, `n_steps` after the noise began to act.

    The potential is a sum of independent currents, one for each interval, each with the share of its interval in the
    exponential memory of the membrane.
    """
    width = round(drive.interval_ms / H)
    begins = np.arange(0, n_steps, width)
    ends = np.minimum(begins + width, n_steps)
    memory = np.exp(-(n_steps - ends) * H / TAU_M_MS) - np.exp(-(n_steps - begins) * H / TAU_M_MS)
    shares = TAU_M_MS / C_M_PF * memory
    return drive.mean_pa * float(shares.sum()), drive.std_pa**2 * float((shares**2).sum())


@simulators
@pytest.mark.parametrize("interval_ms", [0.1, 1.0, 2.3])
def test_noise_moves_the_potential_as_theory_says_at_any_phase_of_an_interval(
    simulator: str, interval_ms: float
) -> None:
    drive = Noise("A", 100.0, 400.0, interval_ms=interval_ms, delay_ms=0.3, start_ms=1.0)
    potentials = traces(drive, simulator, 400, "V_m", tau_m=TAU_M_MS, C_m=C_M_PF, E_L=E_L, V_reset=E_L) - E_L
    assert not potentials[:13].any() and potentials[13].all()
    for row in (13, 17, 35, 36, 100, 399):
        mean, variance = moments(drive, row + 1 - 13)
        require_near(potentials[row].mean(), mean, math.sqrt(variance / N))
        require_near(potentials[row].var(), variance, variance * math.sqrt(2.0 / N))
        require_independent(potentials[row : row + 1] - mean, variance)


@simulators
def test_currents_of_noise_are_normal_and_independent(simulator: str) -> None:
    drive = Noise("A", 0.0, 100.0, interval_ms=0.3, delay_ms=0.1, start_ms=0.1)
    # Next to no leak: the potential sums the current up. Row 1 is the last before the noise acts.
    potentials = traces(drive, simulator, 302, "V_m", tau_m=1e7, C_m=C_M_PF)
    currents = np.diff(potentials[1:], axis=0) * C_M_PF / H
    normal = currents[::3] / 100.0
    assert normal.shape == (100, N)
    for held in (currents[1::3], currents[2::3]):
        assert np.allclose(held / 100.0, normal, atol=1e-4)
    require_near(normal.mean(), 0.0, 1.0 / math.sqrt(normal.size))
    require_near(normal.var(), 1.0, math.sqrt(2.0 / normal.size))
    require_near((normal**4).mean(), 3.0, math.sqrt(96.0 / normal.size))
    require_independent(normal, 1.0)
    # Four intervals are drawn together.
    require_near((normal[4:] * normal[:-4]).mean(), 0.0, 1.0 / math.sqrt(normal[4:].size))
