"""Weights stay within a bound of those of the reference, which is compared with NEST in `test_stdp_reference`.

The bound is carried along with each weight of the reference: an update adds half a unit of rounding and the error of
its numbers, and moves the bound that there was as it moves the ends of the interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from equality import drawn_cases
from hypothesis import given, settings
from hypothesis import strategies as st
from stdp_reference import PairRule, weights_after

from simcore.network import (
    Explicit,
    Network,
    OneToOne,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Stdp,
    StdpPowerLaw,
)
from simcore.plasticity import Plasticity
from simcore.plasticity.tables import FRACTION_BITS
from simcore.simulator import Simulator
from simcore.simulator.weights import SynapticWeights

RESOLUTION_MS = 0.1
STEPS = 300
NEURONS = 3
FORCING_MV = 20.0
POWER_ERROR = 3e-11
"""Relative, of a table of powers."""
ROUNDING = 4e-15
"""Relative, of what is computed with float64: traces, sums, and coefficients of the rule."""


@dataclass(frozen=True)
class Known:
    """A weight in units of lsb 2^-15, its largest possible distance from that of simcore, and the number of updates."""

    weight: float
    bound: float = 0.0
    updates: int = 0

    def moved(self, change: Callable[[float], float], amount: float, scale: float) -> "Known":
        """After a change that never decreases, by about `amount`, of numbers of the size of `scale`."""
        after = change(self.weight)
        ends = (change(max(self.weight - self.bound, 0.0)), change(self.weight + self.bound))
        bound = max(abs(end - after) for end in ends)
        return Known(after, bound + 0.5 + POWER_ERROR * amount + ROUNDING * scale, self.updates + 1)


def on_grid(largest: float, unit: float) -> int:
    """The largest weight in units, a whole number of those that are delivered."""
    return round(largest / (unit * 2**FRACTION_BITS)) << FRACTION_BITS


def bounded(rule: Stdp, ceiling: int) -> PairRule[Known]:
    """`Stdp` in units; what is left to Wmax shrinks as the weight does, and its bound is the same."""

    def shrunk(known: Known, trace: float, size: float, mu: float) -> Known:
        factor = size * ceiling ** (1.0 - mu) * trace
        amount = factor * (known.weight + known.bound) ** mu
        return known.moved(lambda x: max(x - factor * x**mu, 0.0), amount, ceiling)

    def facilitated(known: Known, trace: float) -> Known:
        left = Known(max(ceiling - known.weight, 0.0), known.bound, known.updates)
        after = shrunk(left, trace, rule.lambda_, rule.mu_plus)
        return Known(ceiling - after.weight, after.bound, after.updates)

    def depressed(known: Known, trace: float) -> Known:
        return shrunk(known, trace, rule.alpha * rule.lambda_, rule.mu_minus)

    return PairRule(facilitated, depressed, rule.tau_plus)


def power_law(rule: StdpPowerLaw, ceiling: int, unit: float) -> PairRule[Known]:
    """`StdpPowerLaw` in units."""

    def facilitated(known: Known, trace: float) -> Known:
        factor = rule.lambda_ * unit ** (rule.mu - 1.0) * trace
        amount = factor * (known.weight + known.bound) ** rule.mu
        return known.moved(lambda w: min(w + factor * w**rule.mu, ceiling), amount, ceiling)

    def depressed(known: Known, trace: float) -> Known:
        return known.moved(lambda w: max(w - rule.lambda_ * rule.alpha * trace * w, 0.0), 0.0, ceiling)

    return PairRule(facilitated, depressed, rule.tau_plus)


# --- drawn cases -------------------------------------------------------------------------------------------------

EXPONENTS = st.sampled_from([0.0, 1.0, 0.4, 0.02, 0.97])
SHARED: dict[str, Any] = {
    "tau_plus": st.sampled_from([20.0, 3.0, 70.0]),
    "lambda_": st.sampled_from([0.01, 0.1, 0.7, 1e-4]),
    "alpha": st.sampled_from([1.0, 0.0, 0.3, 1.7]),
    "axonal_delay_ms": st.sampled_from([0.0, 0.0, 0.3, 1.1]),
}
RULES = st.one_of(
    st.builds(Stdp, **SHARED, mu_plus=EXPONENTS, mu_minus=EXPONENTS, Wmax=st.sampled_from([10.0, -3.3, 0.2])),
    st.builds(StdpPowerLaw, **SHARED, mu=EXPONENTS, ceiling=st.sampled_from([None, 9.7])),
)


def pairs(rule: Plasticity, source: str, target: str, generator: np.random.Generator) -> Projection:
    """Multapses with delays of 1, 15, 30 and some other steps after the axonal part; autapses within a population."""
    dendritic = (1, 15, 30, int(generator.integers(2, 45)))
    ends = [(i, j, d) for i in range(NEURONS) for j in range(NEURONS) for d in dict.fromkeys(dendritic)]
    sources, targets, steps = (np.array(column) for column in zip(*ends, strict=True))
    largest = rule.Wmax if isinstance(rule, Stdp) else 2.0
    weights = largest * generator.uniform(0.05, 1.0, len(ends))
    delays = steps * RESOLUTION_MS + rule.axonal_delay_ms
    return Projection(source, target, Explicit(sources, targets), weights, delays, None, rule)


def network(rules: Sequence[Plasticity], seed: int) -> Network:
    """Sources `S`, and neurons `A` and `B` that are made to fire, often or seldom.

    Half of the sources' spikes come a delay after one of `A`, or a step earlier or later.
    """
    generator = np.random.default_rng(seed)

    def trains(mean_intervals: Sequence[float]) -> list[npt.NDArray[np.int64]]:
        draws = [2 + np.cumsum(1 + generator.poisson(mean - 1.0, STEPS)) for mean in mean_intervals]
        return [draw[draw < STEPS] for draw in draws]

    forced = [trains((4.0, 15.0, 60.0)) for _ in range(2)]
    sent = trains((6.0, 20.0, 90.0))
    for neuron in range(NEURONS):
        near = forced[0][neuron] + 1 + generator.choice([1, 15, 30], len(forced[0][neuron]))
        near = near + generator.integers(-1, 2, len(near))
        some = near[(near > 1) & (near < STEPS) & (generator.uniform(size=len(near)) < 0.5)]
        sent[neuron] = np.unique(np.concatenate((sent[neuron], some)))

    def source(of: Sequence[npt.NDArray[np.int64]]) -> SpikeTrains:
        ids = np.repeat(np.arange(NEURONS), [len(train) for train in of])
        return SpikeTrains(np.concatenate(of) * RESOLUTION_MS, ids)

    params = {"t_ref": 0.0, "tau_m": 5.0}
    populations = [
        Population("S", NEURONS, source=source(sent)),
        *(Population(f"F{name}", NEURONS, source=source(of)) for name, of in zip("AB", forced, strict=True)),
        Population("A", NEURONS, "iaf_psc_delta", params, tau_minus=11.0),
        Population("B", NEURONS, "iaf_psc_delta", params, tau_minus=40.0),
    ]
    ends = (("S", "A"), ("A", "A"), ("S", "B"), ("A", "B"))
    projections = [pairs(rule, *names, generator) for rule, names in zip(rules, ends, strict=True)]
    forcing = [Projection(f"F{name}", name, OneToOne(), FORCING_MV, 0.1) for name in "AB"]
    return Network(populations, [*projections, *forcing], [], [SpikeRecorder()])


def assert_near_reference(described: Network, backend: str, every: int) -> None:
    options: dict[str, Any] = {"backend": backend, "precision": "float64", "accept_quantisation": True, "threads": 1}
    read: list[list[SynapticWeights]] = []
    with Simulator(described, seed=1, **options) as simulator:
        while True:
            read.append([weights for index in range(4) if (weights := simulator.weights(index)) is not None])
            if len(read) > STEPS // every:
                break
            simulator.run(every * RESOLUTION_MS)
        spikes = simulator.spikes()
    trains = {int(neuron): spikes.stamps[spikes.ids == neuron].tolist() for neuron in range(sum(spikes.sizes.values()))}
    for index in range(4):
        units = np.array([of_step[index].units for of_step in read], dtype=np.int64)
        _assert_projection_near_reference(described, index, read[0][index], units, trains, every)


def _assert_projection_near_reference(
    described: Network,
    index: int,
    synapses: SynapticWeights,
    units: npt.NDArray[np.int64],
    trains: dict[int, list[int]],
    every: int,
) -> None:
    projection = described.projections[index]
    rule = projection.plasticity
    unit = float(synapses.weights[0] / synapses.units[0])
    if isinstance(rule, Stdp):
        pairing = bounded(rule, on_grid(abs(rule.Wmax), unit))
    else:
        assert isinstance(rule, StdpPowerLaw)
        initial = float(np.max(np.asarray(projection.weight)))
        pairing = power_law(rule, on_grid(rule.ceiling or 8.0 * initial, unit), unit)
    steps = np.rint(synapses.delays_ms / RESOLUTION_MS).astype(int)
    axonal = round(rule.axonal_delay_ms / RESOLUTION_MS)
    last = (len(units) - 1) * every - max(0, 2 * axonal - int(steps.min()))
    tau_minus = described.population(projection.target).tau_minus
    for place in range(len(steps)):
        source, target = int(synapses.sources[place]), int(synapses.targets[place])
        pre, post = [step for step in trains[source] if step <= last], trains[target]
        weight = Known(float(abs(units[0, place])))
        known = weights_after(
            pre, post, int(steps[place]) - 2 * axonal, weight, pairing, tau_minus, RESOLUTION_MS, settled_to=last
        )
        # A weight that was read in the step of a presynaptic spike is what that spike transmitted.
        lag = (len(units) - 1) * every - last
        at = [(step + lag) // every if (step + lag) % every == 0 else -1 for step in pre]
        for row, expected in zip([*at, len(units) - 1], known, strict=True):
            distance = abs(abs(units[row, place]) - expected.weight)
            if row >= 0:
                assert distance <= expected.bound, (index, rule, place, row, expected)
        if isinstance(rule, Stdp):
            assert known[-1].bound <= known[-1].updates


@settings(drawn_cases, max_examples=6)
@given(rules=st.tuples(RULES, RULES, RULES, RULES), seed=st.integers(0, 2**32 - 1), every=st.sampled_from([1, 300, 7]))
def test_weights_after_each_presynaptic_spike(
    backend: str, rules: tuple[Plasticity, ...], seed: int, every: int
) -> None:
    """Of some 130 synapses with four rules in each case."""
    assert_near_reference(network(rules, seed), backend, every)
