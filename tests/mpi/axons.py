"""A program for several ranks: prints the axons of all ranks, and how they fit a network to a chip, on rank 0."""

import json
import sys
from dataclasses import fields, replace

import numpy as np

from simcore.errors import InputError
from simcore.network import FixedIndegree, FixedOutdegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic import Fact, load_chip
from simcore.neuromorphic.mapping.adaptation import fit
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.neuromorphic.sheets.quantities import QUANTITIES


def network():
    """Several rules and multapses."""
    return Network(
        [Population("E", 40), Population("I", 11)],
        [
            Projection("E", "E", FixedTotalNumber(900), 10.0, 1.5),
            Projection("E", "I", FixedOutdegree(4), 20.0, 0.1),
            Projection("I", "E", FixedIndegree(7), -20.0, 2.0),
        ],
    )


def axons_of_all(comm):
    """Source, core, synapses and repetition of every axon."""
    axons = count_axons(draw_in_edges(network(), 9, comm), CoreMapping("dealt", 7, np.arange(51) % 7), comm)
    sources = np.repeat(axons.sources, np.diff(axons.starts))
    own = np.stack([sources, axons.cores, axons.synapses, axons.repeated], axis=1).tolist()
    return sorted(row for rows in comm.gather(own) for row in rows), comm.gather(axons.sources.tolist())


def loihi_with(**limits):
    """The sheet with other limits."""
    chip = load_chip("loihi1")
    others = (fact for fact in chip.facts if fact.quantity.key not in limits)
    own = (Fact(QUANTITIES[key], "", (), "vendor", value=float(value)) for key, value in limits.items())
    return replace(chip, facts=(*others, *own))


def fitted_to_a_chip(comm):
    """Mapping, demand and adaptation, and how a network is refused, as every rank knows them."""
    options = {"neurons_per_core": 13, "weight_bits": 3, "on_violation": "adapt", "comm": comm}
    fitted = fit(network(), loihi_with(axons_in_per_core=35, axons_out_per_core=50), "random", 9, **options)
    demand = {entry.name: getattr(fitted.demand, entry.name) for entry in fields(fitted.demand)}
    listed = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in demand.items()}
    try:
        fit(network(), loihi_with(fan_in_per_neuron=20), "random", 9, **options)
    except InputError as error:
        refused = str(error)
    return comm.gather([fitted.mapping.core_of.tolist(), listed, fitted.adaptation, refused])


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    axons, sources = axons_of_all(comm)
    results = {"axons": axons, "sources": sources, "fitted": fitted_to_a_chip(comm)}
    if comm.rank == 0:
        sys.stdout.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
