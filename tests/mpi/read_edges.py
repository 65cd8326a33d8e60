"""A program for several ranks: runs a network whose edges are drawn, then the same read from files.

Arguments: threads, and for each rule a file of edges. Prints on rank 0 what each yields.
"""

import json
import sys
from dataclasses import replace

from edge_networks import NETWORKS

from simcore.comm.mpi import MpiCommunicator
from simcore.simulator import Simulator
from simcore.synapses.edge_files import read_projections


def main():
    comm = MpiCommunicator()
    for argument in sys.argv[2:]:
        name, path = argument.split("=")
        drawn = NETWORKS[name]()
        for network in (drawn, replace(drawn, projections=read_projections(path))):
            with Simulator(network, threads=int(sys.argv[1]), comm=comm) as simulator:
                digest = simulator.run(50.0).spike_digest
                results = [name, digest, simulator.network_digest, simulator.synapse_digest, simulator.n_synapses]
            if comm.rank == 0:
                sys.stdout.write(json.dumps(results) + "\n")


main()
