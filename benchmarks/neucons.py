"""Compare expected packets on links with the analytical model of NeuCoNS for the full-scale microcircuit.

    python benchmarks/neucons.py
    python benchmarks/neucons.py --matrix Cortical_Microcircuit.txt
    python benchmarks/neucons.py --traffic RUN_traffic.json

NeuCoNS (R. Kleijnen et al., Frontiers in Neuroscience 16:958343, 2022) computes the packets on each link from the sizes
of populations, their connection probabilities and rates, without synapses. This script evaluates the formulas, and
compares them with the counts of `simcore` from all drawn synapses. A node holds at most 1,000 neurons of one
population, nodes fill a square mesh row by row, packets go along a row first.

A neuron of population A sends a packet to a node with n neurons of B with probability q = 1 - (1 - p_AB)^n; p_AB is the
probability that a neuron of A has a synapse onto a given neuron of B. With r_A its rate, a link carries

- unicast: the sum of r_A q over all neurons and all nodes whose path uses the link;
- multicast: the sum of r_A (1 - product of 1 - q) over all neurons, the product over these nodes.

`--matrix` writes the populations as an input file of the program; `--traffic` also compares the `_traffic.json` of its
run. Settings: NN generation = matrix, routing = dor, casting = local_mc, mc, algorithm = sequential, neurons per node =
1000, neuron_model = population, topology = Mesh, torus False, degree 4. Its `local_mc` is unicast here, a packet for
each node with targets; its `uc` sends one for each synapse. It draws the nodes that a neuron reaches with these q.
"""

import argparse
import json
import math
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchnn.model_source import describe_network, find_model, parameter_values
from models.pd14.parameters import CONNECTION_PROBABILITIES, POPULATIONS, SIZES
from simcore.display.text_table import aligned
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.neuromorphic.noc.link_loads import link_loads
from simcore.neuromorphic.noc.system import make_system

RATES_HZ = (0.943, 3.026, 4.368, 5.882, 7.733, 8.664, 1.096, 7.851)
"""Mean rates of the populations."""
PER_NODE = 1000
MANY = 1e4
"""Smallest rate of packets of a link that is compared, 1/s."""
SHEET = """
title = "Mesh"
kind = "digital clocked"
neurons = "any"

[sources]
Page = "invented for this comparison"

[network]
topology = {{ value = "mesh", source = "Page" }}
routing = {{ value = "xy", source = "Page" }}
multicast = {{ value = {multicast}, source = "Page" }}
cores_per_router = {{ value = 1, unit = "1", source = "Page", evidence = "derived", note = "invented" }}
mesh_width = {{ value = {side}, unit = "1", source = "Page", evidence = "derived", note = "invented" }}
mesh_height = {{ value = {side}, unit = "1", source = "Page", evidence = "derived", note = "invented" }}
"""


def nodes():
    """Population of each node and its number of neurons."""
    filled = [
        (population, min(PER_NODE, size - first))
        for population, size in enumerate(SIZES)
        for first in range(0, size, PER_NODE)
    ]
    return np.array(filled).T


def way(origin, target, side):
    """Routers on the path of a packet: along its row, then along its column."""
    (y, x), (row, column) = divmod(origin, side), divmod(target, side)
    passed = [origin]
    while x != column:
        x += 1 if column > x else -1
        passed.append(y * side + x)
    while y != row:
        y += 1 if row > y else -1
        passed.append(y * side + x)
    return list(pairwise(passed))


def by_formula(side, multicast):
    """Packets per second on each link, by its two routers."""
    population, neurons = nodes()
    probabilities = np.array(CONNECTION_PROBABILITIES)
    loads = {}
    for origin in range(len(population)):
        fired = RATES_HZ[population[origin]] * neurons[origin]
        missed = (1.0 - probabilities[population, population[origin]]) ** neurons
        product = {}
        for target in range(len(population)):
            for link in way(origin, target, side):
                if multicast:
                    product[link] = product.get(link, 1.0) * missed[target]
                else:
                    loads[link] = loads.get(link, 0.0) + fired * (1.0 - missed[target])
        for link, none in product.items():
            loads[link] = loads.get(link, 0.0) + fired * (1.0 - none)
    return loads


def counted(axons, core_of, rates_hz, side, multicast):
    """Packets per second on each link, from drawn synapses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mesh.toml"
        path.write_text(SHEET.format(multicast=str(multicast).lower(), side=side))
        chip = load_chip(path)
    system = make_system(chip, int(core_of.max()) + 1)
    loads = link_loads(system, axons, core_of, rates_hz).messages_per_s
    return {
        (int(origin), int(target)): float(load)
        for origin, target, load in zip(system.link_origin, system.link_target, loads, strict=True)
        if load
    }


def of_the_program(path, casting, side):
    """Packets per second on each link from the program's file; None if it lacks this casting."""
    record = json.loads(path.read_text())
    (topology,) = record.values()
    (mapping,) = topology.values()
    (routing,) = mapping.values()
    found = routing.get(casting)
    if found is None:
        return None

    def router(text):
        x, y = map(int, text.strip("()").split(",")[:2])
        return y * side + x

    return {
        (router(origin), router(target)): float(link["packets_handled"])
        for origin, node in found.items()
        if origin.startswith("(")
        for target, link in node["edges"].items()
        if link["packets_handled"]
    }


def row(name, loads, reference):
    """Compare loads of links with a reference."""
    links = set(loads) | set(reference)
    busy = [link for link in links if max(loads.get(link, 0.0), reference.get(link, 0.0)) > MANY]
    apart = [abs(loads.get(link, 0.0) / reference[link] - 1.0) if reference.get(link) else math.inf for link in busy]
    total = sum(loads.values())
    change = total / sum(reference.values()) - 1.0
    return name, f"{len(busy):,}", f"{total:,.0f}", f"{change:+.3%}", f"{max(apart):.3%}", f"{np.mean(apart):.3%}"


def matrix():
    """The populations in the program's format: name, neurons, rate, connection probabilities to all populations."""
    columns = np.array(CONNECTION_PROBABILITIES).T
    rows = zip(POPULATIONS, SIZES, RATES_HZ, columns, strict=True)
    return "\n".join("\t".join(map(str, (name, size, rate, *to))) for name, size, rate, to in rows)


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--matrix", type=Path, help="only write the input file of the program")
    parser.add_argument("--traffic", type=Path, help="result of the program")
    arguments = parser.parse_args()
    if arguments.matrix is not None:
        arguments.matrix.write_text(matrix())
        return
    population, neurons = nodes()
    side = math.ceil(math.sqrt(len(population)))
    model = find_model("pd14")
    network = describe_network(model, parameter_values(model, {}, {}))
    core_of = np.repeat(np.arange(len(population)), neurons)
    rates_hz = np.repeat(RATES_HZ, SIZES)
    axons = count_axons(draw_in_edges(network, 1), CoreMapping("by population", len(population), core_of))
    heading = ("", "links above 10^4/s", "packets/s on all links", "change", "largest difference", "mean difference")
    rows = [heading]
    for multicast, casting in ((False, "local_mc"), (True, "mc")):
        own = counted(axons, core_of, rates_hz, side, multicast)
        formula = by_formula(side, multicast)
        name = "multicast" if multicast else "unicast"
        rows.append(row(f"{name}: counted against the formula", own, formula))
        program = None if arguments.traffic is None else of_the_program(arguments.traffic, casting, side)
        if program is not None:
            rows.append(row(f"{name}: the program against the formula", program, formula))
            rows.append(row(f"{name}: counted against the program", own, program))
    sys.stdout.write(
        f"pd14: {network.n_neurons:,} neurons, {len(population)} nodes in a mesh of {side} x {side}\n\n"
        f"{aligned(rows, 'lrrrrr')}"
    )


if __name__ == "__main__":
    main()
