"""Builds, simulates and measures one network: ``benchnn run``."""

import secrets
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from benchnn import __version__
from benchnn.model_source import Model, describe_network, find_model, parameter_values
from benchnn.options import RunOptions
from benchnn.progress import Progress
from benchnn.propagation import propagate
from benchnn.provenance import make_provenance
from benchnn.record_requests import steps_of, with_recorders
from benchnn.result import BackendPart, Counts, ModelPart, RankMeasurement, Result, make_result, to_json
from benchnn.result_folder import made_folder, recorded_traces, refuse_result, write_result
from benchnn.stopping import Stop
from simcore.backends import backends
from simcore.comm import Communicator, LocalCommunicator
from simcore.errors import UnavailableError
from simcore.memory import peak_rss_bytes
from simcore.network import Network, SpikeRecorder
from simcore.recording.spikes import Spikes, step_times_ms
from simcore.simulator import Propagation, Simulator


@dataclass(frozen=True)
class Plan:
    """A run whose options are checked, before anything is built."""

    run_id: str
    options: RunOptions
    model: Model
    parameters: dict[str, Any]
    network: Network
    warmup_steps: int
    steps: int
    folder: Path


@dataclass(frozen=True)
class Measured:
    """A run that is over."""

    result: Result
    spikes: Spikes | None
    traces: dict[Any, Any]
    start_step: int
    stopped_by: str | None


def plan_run(options: RunOptions) -> Plan:
    """Find the model, describe the network, check every option that is checked without building.

    Raises
    ------
    InputError
        If something is wrong with the user's input.
    UnavailableError
        If the backend cannot be used here.
    """
    folder = None if options.out is None else Path(options.out)
    if folder is not None:
        refuse_result(folder, options.overwrite)
    why = backends.unusable_because(options.backend)
    if why is not None:
        raise UnavailableError(f"backend {options.backend} cannot be used here: {why}; see benchnn doctor")
    model = find_model(options.model)
    parameters = parameter_values(model, options.text_params, options.typed_params)
    network = describe_network(model, parameters)
    warmup_steps = steps_of(options.warmup_ms, network.resolution_ms, "warmup_ms")
    steps = steps_of(options.time_ms, network.resolution_ms, "time_ms")
    network = with_recorders(network, options.record, warmup_steps + steps)
    run_id = f"{model.label}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    return Plan(
        run_id, options, model, parameters, network, warmup_steps, steps, folder or Path("results") / run_id
    )
