"""Compare the step of `balanced` for the objective `step_time` with the best uniform mapping of the same network.

    python benchmarks/step_time.py --network unequal
    python benchmarks/step_time.py --network layered brunel
    python benchmarks/step_time.py --network pd14 --points 4 --time 100

The chip is one Loihi without the limits of memory and axons. Each network is simulated once; spikes do not depend on a
mapping, so that those of this run are counted on each: `in_order` and `round_robin` with all numbers of neurons per
core that one chip allows (or `--points` of them, the fullest and the emptiest included), and the floorline-informed
mapping for the rates of this run. The script prints mean steps in ns, and the bound of the expected step. It does not
write files.

The networks: `unequal`, 2,000 neurons of in-degree 2,000 and 2,000 of in-degree 50, sources from all 4,000, which fire
at 20/s because of their drives; `layered`, 784 inputs at 100/s, 256 neurons and 10, all-to-all with random weights;
both in steps of 1 ms. `brunel` and `pd14` are the models with these names.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchnn.model_source import describe_network, find_model, parameter_values
from simcore.comm import LocalCommunicator
from simcore.network import (
    AllToAll,
    FixedIndegree,
    Network,
    Normal,
    Poisson,
    PoissonTrains,
    Population,
    Projection,
    SpikeRecorder,
)
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.costs.floorline import STATES
from simcore.neuromorphic.costs.step_time import StepTimes, core_times, step_times
from simcore.neuromorphic.mappers.balanced import step_search
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreLimits, CoreMapping, DrawnNetwork
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.meter import MappedSources, TrafficMeter
from simcore.recording.spikes import Spikes
from simcore.simulator import Simulator

IntArray = npt.NDArray[np.int64]
LIFTED = ("synapse_memory_bits_per_core", "axons_in_per_core", "axons_out_per_core")
NEURON = {"V_th": -55.0, "E_L": -70.0, "V_reset": -70.0, "t_ref": 1.0}
WARMUP_MS = 100.0


def unequal() -> Network:
    """Neurons of large and of small in-degree, each of which fires when its drive does."""
    populations = [Population(name, 2000, "iaf_psc_delta", NEURON) for name in ("many", "few")]
    projections = [
        Projection(source, target, FixedIndegree(in_degree // 2), weight=-0.002)
        for target, in_degree in (("many", 2000), ("few", 50))
        for source in ("many", "few")
    ]
    drives = [Poisson(population.name, rate_hz=20.0, weight=30.0) for population in populations]
    return Network(populations, projections, drives, [SpikeRecorder()], resolution_ms=1.0)


def layered() -> Network:
    """Inputs, followed by two layers with random weights."""
    populations = [
        Population("inputs", 784, source=PoissonTrains(rate_hz=100.0)),
        Population("hidden", 256, "iaf_psc_delta", NEURON),
        Population("outputs", 10, "iaf_psc_delta", NEURON),
    ]
    projections = [
        Projection(source, target, AllToAll(), weight=Normal(mean=mean, std=std))
        for source, target, mean, std in (("inputs", "hidden", 0.02, 0.2), ("hidden", "outputs", 0.1, 1.0))
    ]
    return Network(populations, projections, recorders=[SpikeRecorder()], resolution_ms=1.0)


def model(name: str) -> Callable[[], Network]:
    """A registered model with a recorder of all spikes."""

    def described() -> Network:
        found = find_model(name)
        network = describe_network(found, parameter_values(found, {}, {}))
        return Network(
            network.populations, network.projections, network.drives, [SpikeRecorder()], network.resolution_ms
        )

    return described


NETWORKS = {"unequal": unequal, "layered": layered, "brunel": model("brunel"), "pd14": model("pd14")}


@dataclass(frozen=True)
class Counted:
    """A mapping and the steps of the run with it."""

    cores: int
    neurons: int
    times: StepTimes

    @property
    def mean_s(self) -> float:
        """Duration of the mean step, s."""
        assert self.times.total_s is not None
        return float(self.times.total_s.mean())

    def row(self, name: str) -> str:
        """Line of the table."""
        parts = [getattr(self.times, f"{state}_s").mean() for state in STATES]
        numbers = "".join(f"{1e9 * seconds:>10.1f}" for seconds in (*parts, self.mean_s))
        return f"{name:<24}{self.cores:>6}{self.neurons:>9}{numbers}"


def counted(chip: Chip, drawn: DrawnNetwork, core_of: IntArray, spikes: Spikes) -> Counted:
    """Count the spikes of a run for a mapping."""
    mapping = CoreMapping("own", int(core_of.max()) + 1, core_of)
    axons, system = count_axons(drawn.in_edges, mapping), make_system(chip, mapping.cores)
    mapped = MappedSources(axons, make_routes(system, axons, core_of), core_of, system)
    meter = TrafficMeter(mapped, LocalCommunicator(), core_times(chip), threads=2)
    meter.observe(spikes.start_step, spikes.stop_step - spikes.start_step, spikes.stamps, spikes.ids)
    times = step_times(chip, system, meter.summary(), drawn.network.resolution_ms)
    return Counted(mapping.cores, int(np.bincount(core_of).max()), times)


def uniform(n: int, most: int, cores_per_chip: int, points: int | None) -> Iterator[int]:
    """Numbers of neurons per core, one for each number of cores of a chip, or `points` of them."""
    sizes = list({-(-n // size): size for size in range(most, 0, -1) if -(-n // size) <= cores_per_chip}.values())
    if points is None or points >= len(sizes):
        yield from sizes
    else:
        yield from (sizes[round(place)] for place in np.linspace(len(sizes) - 1, 0, points))


def compare(name: str, time_ms: float, points: int | None, seed: int) -> Iterable[str]:
    """Lines of the table of a network."""
    sheet = load_chip("loihi1")
    chip = replace(sheet, facts=tuple(fact for fact in sheet.facts if fact.quantity.key not in LIFTED), packing=None)
    network = NETWORKS[name]()
    with Simulator(network, seed=seed, weight_bits=32) as simulator:
        simulator.run(WARMUP_MS)
        simulator.take_spikes()
        simulator.run(time_ms)
        spikes = simulator.spikes()
    n, cores = network.n_neurons, chip.count("cores_per_chip") or 1
    sizes = [population.size for population in network.populations]
    counts = np.bincount(spikes.ids, minlength=n)
    mean_hz = np.add.reduceat(counts, list(network.first_ids.values())) / np.array(sizes) / (time_ms * 1e-3)
    rates = np.repeat(mean_hz, sizes)
    drawn = DrawnNetwork(network, seed)
    most = chip.count("neurons_per_core") or n
    limits = CoreLimits(-(-n // most), most, more_cores=True, chip=chip, objective="step_time")
    search = step_search(drawn, limits, rates)
    found = search.shortest()
    rates = ", ".join(f"{population} {rate:.3g}/s" for population, rate in zip(network.first_ids, mean_hz, strict=True))
    yield f"{name}: {n:,} neurons, {len(drawn.in_edges.sources):,} synapses, {rates}"
    heads = "".join(f"{head:>10}" for head in (*STATES, "step"))
    yield f"{'mapping':<24}{'cores':>6}{'neurons':>9}{heads}"
    ours = counted(chip, drawn, found.core_of, spikes)
    yield ours.row("step_time")
    for mapper in ("in_order", "round_robin"):
        mapped = []
        for size in uniform(n, min(n, most), cores, points):
            used = -(-n // size)
            core_of = np.arange(n) // size if mapper == "in_order" else np.arange(n) % used
            mapped.append(counted(chip, drawn, core_of, spikes))
        best = min(mapped, key=lambda each: each.mean_s)
        yield best.row(f"best of {len(mapped)} {mapper}")
        yield f"  step_time is {100.0 * (1.0 - ours.mean_s / best.mean_s):+.2f} % shorter"
    yield f"expected: {1e9 * found.seconds:.1f} ns; {search.bound_text()}"
    yield ""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", choices=tuple(NETWORKS), default=["unequal", "layered"])
    parser.add_argument("--time", type=float, default=1000.0, help="model time, ms (1000)")
    parser.add_argument("--points", type=int, help="how many numbers of neurons per core are tried (all)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for name in arguments.network:
        for line in compare(name, arguments.time, arguments.points, arguments.seed):
            print(line, flush=True)


if __name__ == "__main__":
    main()
