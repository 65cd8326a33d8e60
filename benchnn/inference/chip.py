"""Costs of inference on a chip with one copy of the network on its cores, one sample after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.chips.emulation import ChipEmulation, emulate
from benchnn.inference.batches import BatchSpikes
from benchnn.inference.coding import DIRECT
from benchnn.inference.copies import copies_of
from benchnn.inference.layers import Layers
from simcore.comm import Communicator, LocalCommunicator
from simcore.network import Network
from simcore.neuromorphic.costs.energy import energy_parts
from simcore.neuromorphic.costs.step_time import step_times
from simcore.neuromorphic.fitting import FitOptions
from simcore.neuromorphic.mapping.precision import with_delays_up_to, with_weight_bits
from simcore.neuromorphic.sheets.sheet import Chip

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ChipOfInference:
    """Costs of the mean sample; None if a cost is not known, with the reason in `reasons`.

    Parameters
    ----------
    name
        Name of the sheet.
    latency_s
        Time of all steps until the answer.
    energy_j
        Energy of all steps until the answer.
    estimate_j
        Synaptic events times their published energy: the usual estimate, which leaves out everything else.
    energy_delay_js
        Energy times latency.
    cores
        Number of cores in use.
    lower_bounds
        Figures that latency and energy leave out.
    """

    name: str
    latency_s: float | None
    energy_j: float | None
    estimate_j: float | None
    energy_delay_js: float | None
    cores: int
    reasons: dict[str, str]
    lower_bounds: dict[str, str]


def adapted_network(network: Network, chip: Chip, options: FitOptions) -> Network:
    """The network with the weights and delays that the chip stores, as `benchnn map --on-violation adapt` yields it."""
    bits = options.weight_bits or min(chip.count("weight_bits_max") or 8, 8)
    adapted, _ = with_weight_bits(network, bits)
    longest = chip.count("delay_steps_max")
    return adapted if longest is None else with_delays_up_to(adapted, longest)[0]


@dataclass(frozen=True, eq=False)
class InferenceOnChip:
    """A chip with one copy of a network.

    Parameters
    ----------
    layers
        The network.
    chip, options
        The sheet, and options for mapping the network onto the chip.
    coding, late_steps
        Coding of the samples, and delay of the output in steps.
    threads
        Number of threads for counting.
    """

    layers: Layers
    chip: Chip
    options: FitOptions
    coding: str
    late_steps: int
    threads: int | None

    def meter(self) -> "InferenceMeter":
        """A new meter, without counts."""
        network = copies_of(self.layers, 1, self.coding).network
        emulation = emulate(network, self.chip, self.options, LocalCommunicator(), self.threads)
        return InferenceMeter(self, emulation)


class InferenceMeter:
    """Counts the events that the spikes of samples cause on a chip, as if the samples ran one after the other."""

    def __init__(self, on_chip: InferenceOnChip, emulation: ChipEmulation) -> None:
        self._on_chip, self._emulation = on_chip, emulation
        self._steps = self._samples = 0

    def observe(self, batch: BatchSpikes, last: IntArray) -> None:
        """Count a batch.

        Parameters
        ----------
        batch
            Spikes of the batch.
        last
            Step of input after which each sample is answered, int64 (samples,).
        """
        layers = self._on_chip.layers
        steps = last + self._on_chip.late_steps
        seen = batch.step <= last[batch.sample]
        neuron = batch.neuron[seen]
        firsts = np.array([*layers.network.first_ids.values()])
        late = np.maximum(layers.late, 0)[np.searchsorted(firsts, neuron, side="right") - 1]
        if self._on_chip.coding == DIRECT:
            # The copy has no inputs, whereas the inputs of the network may have any position.
            first = layers.network.first_ids[layers.source]
            neuron = neuron - np.where(neuron >= first, layers.inputs, 0)
        begins = self._steps + np.concatenate([[0], np.cumsum(steps)[:-1]])
        stamps = begins[batch.sample[seen]] + batch.step[seen] + late
        order = np.lexsort((neuron, stamps))
        self._emulation.meter.observe(self._steps, int(steps.sum()), stamps[order], neuron[order])
        self._steps += int(steps.sum())
        self._samples += batch.samples

    def result(self, comm: Communicator) -> ChipOfInference:
        """Costs of the mean sample of all ranks; all ranks call this together."""
        chip, emulation = self._on_chip.chip, self._emulation
        summary, counts = emulation.meter.summary(), emulation.meter.totals()
        times = step_times(chip, emulation.system, summary, self._on_chip.layers.network.resolution_ms)
        duration_s = None if times.total_s is None else float(times.total_s.sum())
        energy = energy_parts(chip, counts, emulation.system, duration_s, times.lower_bounds.get("total"))
        synop_j = chip.fact("synop_j")
        each_j = None if synop_j is None or synop_j.scope == "all-in" else synop_j.value
        estimate = None if each_j is None else each_j * float(counts.synops.sum())
        own = _OfRank(
            self._samples,
            (duration_s, energy.total_j, estimate),
            (times.reasons.get("total"), energy.reasons.get("total")),
            (times.lower_bounds.get("total"), energy.lower_bounds.get("total")),
        )
        # Ranks without samples do not contribute.
        ranks = [one for one in comm.gather(own) if one.samples]
        latency_s, energy_j, estimate_j = (_mean(ranks, place) for place in range(3))
        unknown = {
            "latency_s": _first(one.reasons[0] for one in ranks) if latency_s is None else None,
            "energy_j": _first(one.reasons[1] for one in ranks) if energy_j is None else None,
            "estimate_j": _why_no_estimate(chip) if estimate_j is None else None,
        }
        unknown["energy_delay_js"] = unknown["latency_s"] or unknown["energy_j"]
        bounds = {
            key: _first(one.left_out[place] for one in ranks) for place, key in enumerate(("latency_s", "energy_j"))
        }
        return ChipOfInference(
            chip.name,
            latency_s,
            energy_j,
            estimate_j,
            None if latency_s is None or energy_j is None else latency_s * energy_j,
            emulation.mapping.cores,
            {key: why for key, why in unknown.items() if why is not None},
            {key: why for key, why in bounds.items() if why is not None},
        )


@dataclass(frozen=True)
class _OfRank:
    """Time, energy and estimate of the samples of a rank, with reasons for unknown values, and figures left out."""

    samples: int
    costs: tuple[float | None, ...]
    reasons: tuple[str | None, ...]
    left_out: tuple[str | None, ...]


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text is not None), None)


def _why_no_estimate(chip: Chip) -> str:
    return "synop_j is all-in" if chip.fact("synop_j") is not None else f"synop_j: {chip.why_absent('synop_j')}"


def _mean(ranks: Sequence[_OfRank], place: int) -> float | None:
    """A cost of the mean sample; None if it is not known on a rank."""
    known = [one.costs[place] for one in ranks]
    costs = [cost for cost in known if cost is not None]
    return sum(costs) / sum(one.samples for one in ranks) if len(costs) == len(known) else None
