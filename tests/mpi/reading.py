"""A program for several ranks of a node: rank 0 prints how many CUDA sources each rank opened until it was built.

Only the key of the kernel cache needs them. With the argument ``chip`` the network is laid on a chip first.
"""

import json
import sys

from benchnn.chips.emulation import emulate
from simcore.comm.mpi import MpiCommunicator
from simcore.network import Network, Population
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions
from simcore.simulator import Simulator

opened = []


def note(event, arguments):
    if event == "open" and str(arguments[0]).endswith((".cu", ".cuh")):
        opened.append(arguments[0])


sys.addaudithook(note)
comm = MpiCommunicator()
network = Network([Population("E", 8, "parrot_neuron")])
if "chip" in sys.argv:
    emulate(network, load_chip("loihi1"), FitOptions(), comm, threads=1)
Simulator(network, threads=1, comm=comm)
results = comm.gather(len(opened))
if comm.rank == 0:
    print(json.dumps(results))
