"""Compare layouts of the synapse table by dry runs: time of delivery and bytes of one of many ranks.

The threshold `simcore.synapses.layout.MIN_GROUP` comes from its table.

    python benchmarks/delivery_layouts.py --ranks 2,4,8,16,32,64,128
"""

import argparse
import inspect
import statistics

from benchnn.models import declarations, models
from simcore.comm.dry_run import DryRunCommunicator, spikes_per_step
from simcore.placement import Placement
from simcore.simulator import Simulator
from simcore.synapses.layout import DELIVERIES, mean_group
from simcore.synapses.rows import make_rows

WARMUP_MS = 100.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranks", default="2,4,8,16,32,64,128")
    parser.add_argument("--time", type=float, default=500.0, help="model time of one repeat, ms")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    network = models.get("pd14")()
    sizes = {population.name: population.size for population in network.populations}
    rates_hz = dict.fromkeys(sizes, 4.0)
    parameters = {name: one.default for name, one in inspect.signature(models.get("pd14")).parameters.items()}
    rates_hz |= declarations.get("pd14").expected_rates_hz(parameters) or {}
    spikes = spikes_per_step(rates_hz, sizes, network.resolution_ms)
    print("PD14, one thread of one rank: deliver in us per step, median (range); bytes per synapse of table and index")
    names = "  ".join(f"{name:>22} {'bytes':>6}" for name in DELIVERIES[1:])
    print(f"{'ranks':>6} {'neurons':>8} {'group':>6}  {names}")
    for ranks in (int(text) for text in options.ranks.split(",")):
        cells = []
        for delivery in DELIVERIES[1:]:
            comm = DryRunCommunicator(0, ranks, spikes)
            with Simulator(network, threads=1, delivery=delivery, comm=comm) as simulator:
                simulator.run(WARMUP_MS)
                runs = [simulator.run(options.time) for _ in range(options.repeats)]
                us = sorted(1e6 * run.phase_s["deliver"][0] / run.steps for run in runs)
                memory = simulator.memory_bytes
                per_synapse = (memory["synapses"] + memory["index"]) / simulator.n_synapses
                rows = make_rows(network, simulator.plan.tables)
                group = mean_group(network, simulator.plan.tables, rows, Placement(network.n_neurons, ranks))
            cells.append(f"{statistics.median(us):8.2f} ({us[0]:.2f}-{us[-1]:.2f})".rjust(22) + f" {per_synapse:6.2f}")
        print(f"{ranks:6} {network.n_neurons // ranks:8} {group:6.2f}  {'  '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
