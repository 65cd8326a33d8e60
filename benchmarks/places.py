"""Compare placements of a network on a chip: expected hops, the busiest link, and CPU time of the placer.

    python benchmarks/places.py --model pd14 --chip loihi1 --lift
    python benchmarks/places.py --model pd14 --param scale=0.1 --chip spinnaker1 --neurons-per-core 64

Nothing is simulated. `--lift` leaves out the chip's limits of memory and axons, which full-scale PD14 exceeds. Seconds
are CPU time of the placer, after its kernels are compiled; the time to add up the messages between cores beforehand,
and to examine the links of the result afterwards, is not included.
"""

import argparse
import sys
import time
from dataclasses import replace

import numpy as np

from benchnn.chips.map import read_rates
from benchnn.model_source import describe_network, find_model, parameter_values, split_params
from simcore.display.text_table import aligned
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions, examine_on_chip
from simcore.neuromorphic.mapping.core_mapping import rates_of_neurons
from simcore.neuromorphic.noc.link_loads import link_loads
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.places.core_traffic import core_traffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import PLACE_OBJECTIVES, PlaceOptions, make_place, places

LIFTED = ("synapse_memory_bits_per_core", "axons_in_per_core", "axons_out_per_core")


def lifted(chip):
    """Return a chip without limits of memory and axons."""
    return replace(chip, facts=tuple(fact for fact in chip.facts if fact.quantity.key not in LIFTED))


def main():
    """Print a row for each placement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="pd14")
    parser.add_argument("--param", action="append", default=[])
    parser.add_argument("--chip", default="loihi1")
    parser.add_argument("--lift", action="store_true")
    parser.add_argument("--mapper", default="in_order")
    parser.add_argument("--neurons-per-core", type=int)
    parser.add_argument("--rates", default="1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--objective", choices=PLACE_OBJECTIVES, default="hops")
    arguments = parser.parse_args()
    model = find_model(arguments.model)
    network = describe_network(model, parameter_values(model, split_params(arguments.param), {}))
    chip = load_chip(arguments.chip)
    chip = lifted(chip) if arguments.lift else chip
    rates = rates_of_neurons(network, read_rates(arguments.rates, network))
    fitted = examine_on_chip(network, chip, FitOptions(arguments.mapper, 1, arguments.neurons_per_core), rates)
    mapping, axons = fitted.mapping, fitted.axons
    start = time.process_time()
    traffic, system = core_traffic(axons, mapping, rates), make_system(chip, mapping.cores)
    adding_s = time.process_time() - start
    sent = float(traffic.flows_hz.sum())
    geometry = Geometry(system)
    first, rows = None, [("place", "hops/s", "change", "hops a message", "busiest link, messages/s", "placer, CPU s")]
    for name in places.names():
        make_place(name, traffic, geometry, PlaceOptions(arguments.seed, arguments.objective, effort=100))
        start = time.process_time()
        slots = make_place(name, traffic, geometry, PlaceOptions(arguments.seed, arguments.objective))
        placing_s = time.process_time() - start
        loads = link_loads(make_system(chip, mapping.cores, slots), axons, mapping.core_of, rates).messages_per_s
        hops = float(loads.sum())
        first = first or hops
        share, each = f"{hops / first - 1.0:+.1%}", f"{hops / sent:.3f}"
        rows.append((name, f"{hops:,.0f}", share, each, f"{loads.max(initial=0.0):,.0f}", f"{placing_s:.2f}"))
    sys.stdout.write(
        f"{arguments.model} on {chip.name}: {network.n_neurons:,} neurons, {mapping.cores:,} cores, "
        f"{len(np.unique(system.router_of_core)):,} routers, {'multicast' if system.multicast else 'unicast'}, "
        f"{sent:,.0f} messages/s; messages added up in {adding_s:.2f} CPU s\n\n{aligned(rows, 'lrrrrr')}"
    )


if __name__ == "__main__":
    main()
