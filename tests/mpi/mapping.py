"""Maps a network on all ranks with some mappers, and prints a line for each: the mapping, if all ranks have the same.

Arguments: "MAPPER,OBJECTIVE".
"""

import hashlib
import sys

import numpy as np

from simcore.comm.mpi import MpiCommunicator
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions, fit_on_chip

NETWORK = Network([Population("A", 120)], [Projection("A", "A", FixedIndegree(6), 1.0)])

comm = MpiCommunicator()
for words in sys.argv[1:]:
    mapper, objective = words.split(",")
    options = FitOptions(mapper, 3, 10, on_violation="adapt", objective=objective, effort=5000)
    fitted, _ = fit_on_chip(NETWORK, load_chip("loihi1"), options, comm)
    digests = comm.gather(hashlib.sha256(fitted.mapping.core_of.astype(np.int64).tobytes()).hexdigest())
    if comm.rank == 0:
        print(fitted.mapping.cores, *sorted(set(digests)))
