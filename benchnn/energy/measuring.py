"""Measure the energy of a run: one rank of every node reads the instruments of its node."""

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchnn.energy import NONE, meter_names, meters
from benchnn.energy.instrument import Counter, Domain, Instrument, PowerSensor
from benchnn.energy.nvml import Nvml
from benchnn.energy.recorder import EnergyRecorder, Measured
from simcore.comm import Communicator
from simcore.errors import UnavailableError, require
from simcore.job.gpus import GpuChoice, gpus_of_job
from simcore.registry.files import failures_of

ROOT_VARIABLE = "BENCHNN_SYSTEM_ROOT"
"""Variable with the root of the file system that contains the counters, for the host's ``/sys`` in a container."""
CONSTRUCTION, WARMUP, PROPAGATION, IDLE = "construction", "warmup", "propagation", "idle"


@dataclass(frozen=True)
class NodeEnergy:
    """Measurements of the instruments of one node.

    Parameters
    ----------
    host
        Name of the node.
    measured
        One entry for each instrument.
    reason
        Reason for missing measurements, or None.
    """

    host: str
    measured: tuple[Measured, ...]
    reason: str | None


def system_root() -> Path:
    """Return the root of the file system that contains the counters."""
    return Path(os.environ.get(ROOT_VARIABLE) or "/")


class EnergyMeasurement:
    """The recorder of this rank, or the reason why it has no instruments; a context manager.

    Parameters
    ----------
    names
        See `meter_names`.
    comm
        The ranks, of which the first on each host reads; all ranks create this object together.
    idle_s
        Time for which all ranks sleep first, if a meter is usable, to measure the power of the idle nodes.
    sample_s
        Length of the intervals whose power is kept; None for none.
    """

    def __init__(self, names: str, comm: Communicator, idle_s: float = 0.0, sample_s: float | None = None) -> None:
        self.host = socket.gethostname()
        hosts = comm.gather(self.host)
        self.reads = hosts.index(self.host) == comm.rank
        # A launcher may show a different GPU to each rank.
        seen = comm.gather(gpus_of_job())
        gpus = tuple(choice for host, choice in zip(hosts, seen, strict=True) if host == self.host)
        found, self.reason = instruments_here(names, system_root(), gpus) if self.reads else ((), None)
        self.recorder = EnergyRecorder(found, sample_s=sample_s)
        self.idle_s = idle_s if any(comm.gather(bool(found))) else 0.0

    def __enter__(self) -> EnergyRecorder:
        self.recorder.__enter__()
        if self.idle_s > 0.0:
            # Ranks that wait for the reading rank would spin.
            with self.recorder.window(IDLE):
                time.sleep(self.idle_s)
        return self.recorder

    def __exit__(self, *raised: object) -> None:
        self.recorder.__exit__(None, None, None)

    def node(self) -> NodeEnergy | None:
        """Return the measurements; None on ranks that do not read."""
        return NodeEnergy(self.host, tuple(self.recorder.measured()), self.reason) if self.reads else None


def instruments_here(
    names: str, root: Path, gpus: tuple[GpuChoice | None, ...] | None = None
) -> tuple[Sequence[Instrument], str | None]:
    """Return the instruments of this node, or the reason for none; `gpus` are the GPUs that each rank sees."""
    if names == NONE:
        return (), "not requested: --meters none"
    found: list[Instrument] = []
    reasons: dict[str, str] = {}
    for name in meter_names(names):
        meter = meters.get(name)
        if isinstance(meter, Nvml):
            meter = Nvml(gpus)
        with failures_of(meter):
            why = meter.unusable_because(root)
            offered = meter.instruments(root) if why is None else ()
        require_instrument_types(name, offered)
        found += offered
        if why is not None:
            reasons[name] = str(why)
    listed = "; ".join(f"{name}: {why}" for name, why in reasons.items())
    return found, None if found else f"no meter can be read ({listed})"


def require_instrument_types(name: str, offered: object) -> None:
    """Refuse instruments of a plug-in that are of another type."""
    allowed = "must be a tuple of Counter or PowerSensor objects"
    whole = isinstance(offered, tuple | list) and all(isinstance(one, Counter | PowerSensor) for one in offered)
    require(whole, f"instruments of meter {name}", offered, allowed)
    for one in cast(Sequence[Instrument], offered):
        require(isinstance(one.domain, Domain), f"instruments of meter {name}: domain", one.domain, "must be a Domain")


def require_instruments(names: str) -> None:
    """Refuse to continue without instruments on this node.

    Raises
    ------
    UnavailableError
        If no meter can be read; the message contains the reason of each meter.
    """
    found, reason = instruments_here(names, system_root())
    if not found:
        raise UnavailableError(f"energy cannot be measured: {reason}")
