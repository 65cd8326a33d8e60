"""Maps a network on all ranks and prints one line: what rank 0 has, if all ranks have the same."""

import hashlib
import sys

import numpy as np

from simcore.comm.mpi import MpiCommunicator
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions, fit_on_chip

NETWORK = Network([Population("A", 120)], [Projection("A", "A", FixedIndegree(6), 1.0)])

comm = MpiCommunicator()
mapper, objective = sys.argv[1:]
options = FitOptions(mapper, 3, 10, on_violation="adapt", objective=objective, effort=5000)
fitted, _ = fit_on_chip(NETWORK, load_chip("loihi1"), options, comm)
digests = comm.gather(hashlib.sha256(fitted.mapping.core_of.astype(np.int64).tobytes()).hexdigest())
if comm.rank == 0:
    print(fitted.mapping.cores, *sorted(set(digests)))
