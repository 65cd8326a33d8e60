"""Progress of a simulator that a script runs."""

import time
from collections.abc import Callable

from benchnn.running.notebook import progress_stream
from benchnn.running.progress import Progress
from simcore.errors import keywords_known, require
from simcore.simulator import Simulator
from simcore.values import whole_steps


@keywords_known
def progress(simulator: Simulator, model_time_ms: float) -> Callable[[int], None]:
    """Return a function that shows the progress of a call of `Simulator.run`, on rank 0.

    Parameters
    ----------
    simulator
        The simulator to run.
    model_time_ms
        Model time of the call, ms.

    Returns
    -------
    function
        The argument `progress` of `Simulator.run`, for one call.

    Raises
    ------
    InputError
        If `simulator` is not a `Simulator`, or the time is not on its grid.

    Examples
    --------
    ``simulator.run(1000.0, progress=benchnn.progress(simulator, 1000.0))``
    """
    require(isinstance(simulator, Simulator), "simulator", simulator, "must be a simcore.Simulator")
    resolution_ms = simulator.network.resolution_ms
    steps = whole_steps(model_time_ms, resolution_ms)
    if simulator.comm.rank > 0:
        return lambda done: None
    shown, start = Progress(progress_stream(), "simulation", steps, resolution_ms), time.perf_counter()

    def show(done: int) -> None:
        shown(done, time.perf_counter() - start)
        if done >= steps:
            shown.close()

    return show
