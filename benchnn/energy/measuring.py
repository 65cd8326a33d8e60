"""Measures the energy of a run: one rank of every node reads that node's instruments."""

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
"""Where a container finds the host's ``/sys``: the root of the file system in which counters are files."""
CONSTRUCTION, WARMUP, PROPAGATION, IDLE = "construction", "warmup", "propagation", "idle"


@dataclass(frozen=True)
class NodeEnergy:
    """What the instruments of one node measured.

    Parameters
    ----------
    host
        Name of the node.
    measured
        One entry for each instrument.
    reason
        Why there are none, or None.
    """

    host: str
    measured: tuple[Measured, ...]
    reason: str | None


def system_root() -> Path:
    """Root of the file system in which counters are files."""
    return Path(os.environ.get(ROOT_VARIABLE) or "/")


class EnergyMeasurement:
    """The recorder of this rank, and why it has no instruments; a context manager.

    Parameters
    ----------
    names
        As of `meter_names`.
    comm
        Its first rank on each host reads; all ranks make this together.
    idle_s
        For how long all ranks sleep first, if there is something to read, so that the power of the idle nodes is known.
    sample_s
        Length of the intervals whose power is kept; None to keep none.
    """

    def __init__(self, names: str, comm: Communicator, idle_s: float = 0.0, sample_s: float | None = None) -> None:
        self.host = socket.gethostname()
        hosts = comm.gather(self.host)
        self.reads = hosts.index(self.host) == comm.rank
        # A launcher may show each rank another GPU.
        seen = comm.gather(gpus_of_job())
        gpus = tuple(choice for host, choice in zip(hosts, seen, strict=True) if host == self.host)
        found, self.reason = instruments_here(names, system_root(), gpus) if self.reads else ((), None)
        self.recorder = EnergyRecorder(found, sample_s=sample_s)
        self.idle_s = idle_s if any(comm.gather(bool(found))) else 0.0

    def __enter__(self) -> EnergyRecorder:
        self.recorder.__enter__()
        if self.idle_s > 0.0:
            # Ranks that waited for the reading one would spin.
            with self.recorder.window(IDLE):
                time.sleep(self.idle_s)
        return self.recorder

    def __exit__(self, *raised: object) -> None:
        self.recorder.__exit__(None, None, None)

    def node(self) -> NodeEnergy | None:
        """What was measured; None on ranks that do not read."""
        return NodeEnergy(self.host, tuple(self.recorder.measured()), self.reason) if self.reads else None


def instruments_here(
    names: str, root: Path, gpus: tuple[GpuChoice | None, ...] | None = None
) -> tuple[Sequence[Instrument], str | None]:
    """Instruments of this node, or why there are none; `gpus` are those that each rank of the node sees."""
    if names == NONE:
        return (), "not asked for: --meters none"
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
    return found, None if found else f"no meter can be read here ({listed})"


def require_instrument_types(name: str, offered: object) -> None:
    """Refuse what a plug-in offers and is no instrument."""
    allowed = "must return a tuple of Counter and PowerSensor"
    whole = isinstance(offered, tuple | list) and all(isinstance(one, Counter | PowerSensor) for one in offered)
    require(whole, f"instruments of meter {name}", offered, allowed)
    for one in cast(Sequence[Instrument], offered):
        require(isinstance(one.domain, Domain), f"instruments of meter {name}: domain", one.domain, "must be a Domain")


def require_instruments(names: str) -> None:
    """Refuse to go on without something to read on this node.

    Raises
    ------
    UnavailableError
        With the reason of every meter.
    """
    found, reason = instruments_here(names, system_root())
    if not found:
        raise UnavailableError(f"energy cannot be measured: {reason}")
