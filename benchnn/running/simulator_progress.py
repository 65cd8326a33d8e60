"""Progress of a simulator that a script runs itself."""

import time
from collections.abc import Callable

from benchnn.running.notebook import progress_stream
from benchnn.running.progress import Progress
from simcore.errors import keywords_known, require
from simcore.simulator import Simulator
from simcore.values import whole_steps


@keywords_known
def progress(simulator: Simulator, model_time_ms: float) -> Callable[[int], None]:
    """What shows how far a call of `Simulator.run` is, on a terminal, in a notebook or in lines; on rank 0.

    Parameters
    ----------
    simulator
        The one that will run.
    model_time_ms
        For which time.

    Returns
    -------
    function
        The argument `progress` of `Simulator.run`, for one call.

    Raises
    ------
    InputError
        If the first is no simulator, or the time is not on its grid.

    Examples
    --------
    ``simulator.run(1000.0, progress=benchnn.progress(simulator, 1000.0))``
    """
    require(isinstance(simulator, Simulator), "simulator", simulator, "use a simcore.Simulator")
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
