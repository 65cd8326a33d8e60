"""A program for several ranks: prints a digest of the axons of all ranks, in order of the source, on rank 0."""

import json
import sys

import numpy as np

from simcore.network import FixedIndegree, FixedOutdegree, FixedTotalNumber, Network, Population, Projection
from simcore.neuromorphic.axons import draw_axons
from simcore.neuromorphic.mapping import CoreMapping


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
    axons = draw_axons(network(), 9, CoreMapping("dealt", 7, np.arange(51) % 7), comm)
    sources = np.repeat(axons.sources, np.diff(axons.starts))
    own = np.stack([sources, axons.cores, axons.synapses, axons.repeated], axis=1).tolist()
    return sorted(row for rows in comm.gather(own) for row in rows), comm.gather(axons.sources.tolist())


def main():
    from simcore.comm.mpi import MpiCommunicator

    comm = MpiCommunicator()
    axons, sources = axons_of_all(comm)
    if comm.rank == 0:
        sys.stdout.write(json.dumps({"axons": axons, "sources": sources}) + "\n")


if __name__ == "__main__":
    main()
