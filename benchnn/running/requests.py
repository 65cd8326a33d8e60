"""Requests to record: the values of ``--record``.

``spikes``, ``spikes:POPULATION:IDS`` or ``VARIABLE:POPULATION:IDS`` with ids ``0,1,5-9``, or
``weights:PROJECTION:EVERY_MS``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchnn.running.options import LINK_MESSAGES, WEIGHTS
from simcore.errors import InputError, require
from simcore.memory import require_memory
from simcore.network import Network, SpikeRecorder, TraceRecorder
from simcore.network.recorders import Recorder
from simcore.recording.parts import MAX_STEP

FORM = "must be spikes, or VARIABLE:POPULATION:IDS such as V_m:L4E:0,1,5-9 or spikes:L4E:0-99"
WEIGHTS_FORM = "must be weights:PROJECTION:EVERY_MS such as weights:0:100 or 'weights:E->E:100'"
INTERVAL = re.compile(r"\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?", re.ASCII)
IDS = re.compile(r"(\d+)(?:-(\d+))?", re.ASCII)
BYTES_PER_SAMPLE = 32
"""Bytes of a recorded value: as the backend returns it, as float64, and in the image of the file."""


def with_recorders(network: Network, requests: Sequence[str], steps: int) -> Network:
    """Return the network with its own and the requested recorders, each once.

    Parameters
    ----------
    network
        The description.
    requests
        Values of ``--record``.
    steps
        Number of steps to record.

    Raises
    ------
    InputError
        If a request is malformed or names something that does not exist, or the traces would not fit in memory.
    """
    spikes = [recorder for recorder in network.recorders if isinstance(recorder, SpikeRecorder)]
    traces: dict[tuple[str, str], list[int]] = {}
    for recorder in network.recorders:
        if isinstance(recorder, TraceRecorder):
            for variable in recorder.variables:
                traces.setdefault((recorder.population, variable), []).extend(recorder.ids)
    for request in requests:
        if request == "spikes":
            spikes.append(SpikeRecorder())
            continue
        if request == LINK_MESSAGES or request.startswith(WEIGHTS):
            continue
        variable, _, rest = request.partition(":")
        population, _, ids = rest.partition(":")
        require(bool(variable and population and ids), "record", request, FORM)
        known = f"the populations are {', '.join(network.first_ids)}"
        require(population in network.first_ids, "record", request, known)
        wanted = _ids(request, ids, network.population(population).size)
        if variable == "spikes":
            spikes.append(SpikeRecorder(network.population(population)[sorted(set(wanted))]))
            continue
        traces.setdefault((population, variable), []).extend(wanted)
    everything = any(recorder.population is None for recorder in spikes)
    recorders: list[Recorder] = [SpikeRecorder()] if everything else [*spikes]
    for (population, variable), chosen in traces.items():
        recorders.append(TraceRecorder(population, tuple(sorted(set(chosen))), (variable,)))
    samples = steps * sum(len(recorder.ids) for recorder in recorders if isinstance(recorder, TraceRecorder))
    require_memory({"traces": float(samples * BYTES_PER_SAMPLE)}, "recording")
    return replace(network, recorders=tuple(recorders))


def recorded_weights(network: Network, requests: Sequence[str]) -> dict[int, int]:
    """Return the steps between records of weights, by number of the projection.

    Parameters
    ----------
    network
        The description.
    requests
        Values of ``--record``; requests for other quantities are ignored.

    Raises
    ------
    InputError
        If a request is malformed, does not name a plastic projection with weights, repeats a projection, or is not on
        the time grid.
    """
    every: dict[int, int] = {}
    for request in requests:
        if not request.startswith(WEIGHTS):
            continue
        name, _, text = request.removeprefix(WEIGHTS).rpartition(":")
        require(bool(name and INTERVAL.fullmatch(text)), "record", request, WEIGHTS_FORM)
        projection = _projection(network, request, name)
        resolution_ms = network.resolution_ms
        steps = steps_of(float(text), resolution_ms, f"record = {request!r}: EVERY_MS")
        require(1 <= steps <= MAX_STEP, "record", request, f"EVERY_MS must be in [{resolution_ms:g}, 1e9] ms")
        allowed = f"projection {projection} must have the same interval in all requests"
        require(every.setdefault(projection, steps) == steps, "record", request, allowed)
    return every


def require_recorded_times(every: Mapping[int, int], first: int, last: int, resolution_ms: float) -> None:
    """Require at least one record of each projection's weights in the steps [first, last]."""
    for projection, steps in every.items():
        interval = f"it must have a multiple between {first * resolution_ms:g} and {last * resolution_ms:g} ms"
        where = f"recording interval (ms) of the weights of projection {projection}"
        require(-(-first // steps) * steps <= last, where, steps * resolution_ms, interval)


def _projection(network: Network, request: str, name: str) -> int:
    """Number of the projection with a given number or name SOURCE->TARGET."""
    plastic = {
        index: f"{projection.source}->{projection.target}"
        for index, projection in enumerate(network.projections)
        if projection.plasticity is not None and projection.plasticity.changes_weights
    }
    found = [index for index, sides in plastic.items() if name in (str(index), sides)]
    known = ", ".join(f"{index} ({sides})" for index, sides in plastic.items())
    allowed = f"the plastic projections are {known}" if known else "this network does not have plastic weights"
    require(len(found) == 1, "record", request, allowed)
    return found[0]


def _ids(request: str, text: str, size: int) -> list[int]:
    """Ids of ``0,1,5-9``, checked before they are listed, because a range may be long."""
    ids: list[int] = []
    for part in text.split(","):
        match = IDS.fullmatch(part)
        if match is None:
            raise InputError(f"record = {request!r} is not allowed: {FORM}")
        first, last = int(match[1]), int(match[2] or match[1])
        require(first <= last, "record", request, f"must not contain the empty range {part}")
        require(last < size, "record", request, f"ids must be in [0, {size - 1}]")
        ids.extend(range(first, last + 1))
    return ids


def steps_of(model_time_ms: float, resolution_ms: float, field: str) -> int:
    """Convert a model time to a number of steps.

    Raises
    ------
    InputError
        If the time is not on the time grid.
    """
    steps = int(np.rint(model_time_ms / resolution_ms))
    on_grid = abs(steps * resolution_ms - model_time_ms) < 1e-6 * max(resolution_ms, 1.0)
    require(on_grid, field, model_time_ms, f"must be a multiple of the resolution {resolution_ms} ms")
    return steps
