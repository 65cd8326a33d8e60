"""Weights of NEST's plastic synapses, settled as in `simcore`.

NEST changes a weight when a presynaptic spike is delivered, which is in the slice of min_delay after it was sent. This
module applies the presynaptic spikes that are not yet delivered, and then every facilitation up to the current time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.nest.kernel import nest_module
from benchnn.simulators.nest.plasticity import name_of_copy, wmax_on_grid
from benchnn.simulators.peer import PeerJob, PeerRun, exact_tables
from simcore.errors import require
from simcore.plasticity import Plasticity, Stdp, StdpPowerLaw

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Change = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class NestWeights:
    """Weights of synapses in order of (target, source, delay, weight).

    Parameters
    ----------
    sources, targets
        Global ids of `simcore`, int64.
    delay_steps
        Delays in steps, int64.
    weights
        Weights in the unit of the target's model, float64.
    """

    sources: IntArray
    targets: IntArray
    delay_steps: IntArray
    weights: FloatArray


class Trains:
    """Spikes by neuron.

    Parameters
    ----------
    stamps, ids
        Stamp and id of each spike, in any order.
    end
        A step after all spikes.
    """

    def __init__(self, stamps: IntArray, ids: IntArray, end: int) -> None:
        self._span = end + 1
        keys = ids * self._span + stamps
        self._keys = keys[np.argsort(keys, kind="stable")]
        self.stamps, self._ids = self._keys % self._span, self._keys // self._span

    def after(self, neurons: IntArray, steps: IntArray) -> IntArray:
        """Return the place in `stamps` of the first spike of each neuron after its step."""
        clipped = np.clip(steps, 0, self._span - 1)
        return np.searchsorted(self._keys, neurons * self._span + clipped, side="right")

    def traces(self, per_step: float) -> FloatArray:
        """Return the trace just after each spike; it grows by 1 at each spike and decays by exp(-per_step) per step."""
        trace = np.ones(len(self.stamps))
        starts = np.searchsorted(self._ids, self._ids)
        order = np.arange(len(trace)) - starts
        for number in range(1, int(order.max(initial=0)) + 1):
            own = np.flatnonzero(order == number)
            trace[own] += trace[own - 1] * np.exp((self.stamps[own - 1] - self.stamps[own]) * per_step)
        return trace

    def of(self, neurons: IntArray, places: IntArray) -> npt.NDArray[np.bool_]:
        """Return whether places belong to spikes of the neurons."""
        inside = (places >= 0) & (places < len(self._ids))
        found = self._ids[np.where(inside, places, 0)] if len(self._ids) else neurons
        return np.asarray(inside & (found == neurons), dtype=np.bool_)


@dataclass(frozen=True)
class Pairing:
    """The two changes of a rule, and the decay of its traces per step."""

    facilitated: Change
    depressed: Change
    plus: float
    minus: float


def pairing(rule: Plasticity, Wmax: float, tau_minus: float, resolution_ms: float) -> Pairing:
    """Return the equations of NEST's rule; `Wmax` applies only to `Stdp`."""
    if isinstance(rule, Stdp):
        size, mu_plus, mu_minus = rule.lambda_, rule.mu_plus, rule.mu_minus
        return Pairing(
            lambda w, k: Wmax * np.minimum(w / Wmax + size * (1.0 - w / Wmax) ** mu_plus * k, 1.0),
            lambda w, k: Wmax * np.maximum(w / Wmax - rule.alpha * size * (w / Wmax) ** mu_minus * k, 0.0),
            resolution_ms / rule.tau_plus,
            resolution_ms / tau_minus,
        )
    assert isinstance(rule, StdpPowerLaw)  # noqa: S101 - no other rule of NEST here changes weights
    return Pairing(
        lambda w, k: w + rule.lambda_ * w**rule.mu * k,
        lambda w, k: np.maximum(w - rule.lambda_ * rule.alpha * w * k, 0.0),
        resolution_ms / rule.tau_plus,
        resolution_ms / tau_minus,
    )


def settled_weights(job: PeerJob, run: PeerRun, projection: int, targets: Sequence[int] | None = None) -> NestWeights:
    """Return weights of a plastic projection at the end of a run, as `Simulator.weights` does.

    NEST's kernel must still contain the network: call this in the process of the simulation, immediately after it.

    Parameters
    ----------
    job, run
        The simulation, without warm-up and with all spikes recorded.
    projection
        Number of the projection in the network.
    targets
        Global ids of the neurons whose synapses are read; all by default. NEST needs about 10 us for each synapse.

    Raises
    ------
    InputError
        If spikes are missing, or the projection is not plastic.
    """
    spikes, network = run.spikes, job.network
    described = network.projections[projection]
    rule = described.plasticity
    changes = rule is not None and rule.changes_weights
    require(changes, "projection", projection, "must be a plastic projection")
    require(job.warmup_steps == 0, "warmup_steps", job.warmup_steps, "must be 0, because weights require all spikes")
    whole = spikes is not None and spikes.recorded is None
    require(whole, "recorders", network.recorders, "must be one SpikeRecorder(), because weights require all spikes")
    assert rule is not None and spikes is not None  # noqa: S101 - required above
    tables = exact_tables(job)
    largest = getattr(rule, "Wmax", 0.0)
    if tables is not None and isinstance(rule, Stdp):
        largest = wmax_on_grid(network, projection, tables)
    tau_minus = network.population(described.target).tau_minus
    pair = pairing(rule, largest, tau_minus, network.resolution_ms)
    state = _read(projection, targets, network.resolution_ms)
    trains = Trains(spikes.stamps, spikes.ids, job.steps)
    settled = settle(state, trains, pair, *_delivered(job))
    order = np.lexsort((settled.weights, settled.delay_steps, settled.sources, settled.targets))
    columns = (settled.sources, settled.targets, settled.delay_steps, settled.weights)
    return NestWeights(*(column[order] for column in columns))


def _delivered(job: PeerJob) -> tuple[int, int]:
    """The last step whose presynaptic spikes changed weights, and the last step."""
    slice_steps = round(nest_module().min_delay / job.network.resolution_ms)
    return max(0, (job.steps - 1) // slice_steps * slice_steps), job.steps


@dataclass(frozen=True, eq=False)
class State:
    """Synapses of NEST: global ids, delays in steps, weights, and traces of the sources."""

    sources: IntArray
    targets: IntArray
    delay_steps: IntArray
    weights: FloatArray
    kplus: FloatArray


def _read(projection: int, targets: Sequence[int] | None, resolution_ms: float) -> State:
    nest: Any = nest_module()
    chosen = {} if targets is None else {"target": nest.NodeCollection([int(target) + 1 for target in targets])}
    found = nest.GetConnections(synapse_model=name_of_copy(projection), **chosen)
    names = ("source", "target", "delay", "weight", "Kplus")
    columns = found.get(list(names)) if len(found) else dict.fromkeys(names, ())
    values = {name: np.atleast_1d(np.asarray(columns[name], dtype=np.float64)) for name in names}
    sources, ends = (values[name].astype(np.int64) - 1 for name in ("source", "target"))
    steps = np.rint(values["delay"] / resolution_ms).astype(np.int64)
    return State(sources, ends, steps, values["weight"], values["Kplus"])


def settle(state: State, trains: Trains, pair: Pairing, delivered: int, stop: int) -> State:
    """Apply presynaptic spikes after step `delivered` up to `stop`, and every facilitation up to `stop`."""
    traces = trains.traces(pair.minus)
    place = trains.after(state.sources, np.full(len(state.sources), delivered))
    last = _stamp_before(trains, state.sources, place)
    while np.any(now := trains.of(state.sources, place)):
        stamps = last.copy()
        stamps[now] = trains.stamps[place[now]]
        state = _facilitate(state, trains, pair, last, stamps)
        minus = _trace_before(state, trains, traces, pair, stamps)
        depressed = np.where(now, pair.depressed(state.weights, minus), state.weights)
        grown = np.where(now, state.kplus * np.exp((last - stamps) * pair.plus) + 1.0, state.kplus)
        state = replace(state, weights=depressed, kplus=grown)
        place, last = place + now, stamps
    return _facilitate(state, trains, pair, last, np.full(len(last), stop))


def _stamp_before(trains: Trains, neurons: IntArray, places: IntArray) -> IntArray:
    """Stamp of the spike before each place; 0 if the neuron has none."""
    known = trains.of(neurons, places - 1)
    stamps = np.zeros(len(places), dtype=np.int64)
    stamps[known] = trains.stamps[places[known] - 1]
    return stamps


def _facilitate(state: State, trains: Trains, pair: Pairing, last: IntArray, upto: IntArray) -> State:
    """Apply postsynaptic spikes that arrive after `last`, the source's latest spike, up to `upto`."""
    weights = state.weights.copy()
    place = trains.after(state.targets, last - state.delay_steps)
    end = np.where(state.kplus > 0.0, trains.after(state.targets, upto - state.delay_steps), 0)
    while (own := np.flatnonzero(place < end)).size:
        arrival = trains.stamps[place[own]] + state.delay_steps[own]
        trace = state.kplus[own] * np.exp((last[own] - arrival) * pair.plus)
        weights[own] = pair.facilitated(weights[own], trace)
        place[own] += 1
    return replace(state, weights=weights)


def _trace_before(state: State, trains: Trains, traces: FloatArray, pair: Pairing, stamps: IntArray) -> FloatArray:
    """Traces of the targets that meet presynaptic spikes."""
    meets = stamps - state.delay_steps
    before = trains.after(state.targets, meets - 1) - 1
    known = trains.of(state.targets, before)
    found = np.zeros(len(stamps))
    found[known] = traces[before[known]] * np.exp((trains.stamps[before[known]] - meets[known]) * pair.minus)
    return found
