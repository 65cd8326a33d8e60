"""PyNN's functions that set up, run and end a simulation."""

import logging
from typing import Any

from pyNN import common
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.recording import get_io

from benchnn.pynn import simulator
from simcore.backends import backends
from simcore.errors import choice, integer, number, require
from simcore.quantisation import WEIGHT_BITS
from simcore.random import MAX_SEED

logger = logging.getLogger("PyNN")

OWN = ("seed", "threads", "backend", "precision", "weight_bits")
"""Parameters of `setup` in addition to PyNN's."""


def setup(timestep: float = DEFAULT_TIMESTEP, min_delay: float | str = DEFAULT_MIN_DELAY, **extra_params: Any) -> int:
    """Start a new simulation and discard the previous one.

    Parameters
    ----------
    timestep
        Time step, ms; a multiple of 0.001 ms.
    min_delay
        Smallest allowed delay, ms; ``"auto"`` for the smallest delay of the network.
    extra_params
        `max_delay`, the largest allowed delay in the same form, and options of this simulator: `seed` (1), `threads` of
        each process, `backend` (``"cpu"``), `precision` (``"float64"``) and `weight_bits` (32; 16 for plastic
        synapses). Other parameters, which are meant for other simulators, are ignored with a warning in PyNN's log.

    Returns
    -------
    int
        Rank of this process.
    """
    for name, value in (("min_delay", min_delay), ("max_delay", extra_params.get("max_delay", DEFAULT_MAX_DELAY))):
        if value != "auto":
            number(value, name)
    tics = number(timestep, "timestep") * 1000.0
    on_grid = tics >= 0.5 and abs(tics - round(tics)) < 1e-6
    require(on_grid, "timestep", timestep, "must be a multiple of 0.001 ms")
    common.setup(timestep, min_delay, **extra_params)
    max_delay = extra_params.pop("max_delay", DEFAULT_MAX_DELAY)
    given = {name: extra_params.pop(name) for name in OWN if name in extra_params}
    for name in extra_params:
        logger.warning("setup: %s is ignored by benchnn.pynn", name)
    options = simulator.Options(**given)
    integer(options.seed, "seed", 0, MAX_SEED)
    if options.threads is not None:
        integer(options.threads, "threads", 1)
    choice(options.precision, "precision", ("float32", "float64"))
    require(options.weight_bits in (None, *WEIGHT_BITS), "weight_bits", options.weight_bits, "use 8, 16 or 32")
    choice(options.backend, "backend", list(backends.names()))
    simulator.state.clear(timestep, min_delay, max_delay, options)
    return simulator.state.mpi_rank


def end(compatible_output: bool = True) -> None:
    """Write the files requested with `record`, and release the simulator; recorded data can still be read."""
    state = simulator.state
    for population, variables, filename in state.write_on_end:
        population.write_data(get_io(filename), variables)
    state.write_on_end = []
    for projection in state.projections:
        projection.present("weight")
    state.close()


run, run_until = common.build_run(simulator)
run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
(
    get_current_time,
    get_time_step,
    get_min_delay,
    get_max_delay,
    num_processes,
    rank,
) = common.build_state_queries(simulator)
