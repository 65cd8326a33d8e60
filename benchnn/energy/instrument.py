"""What a meter offers: instruments, each of which measures one domain of a node."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Coverage = Literal["node", "module", "platform", "package", "dram", "core", "uncore", "gpu"]


@dataclass(frozen=True)
class Domain:
    """What an instrument measures.

    Parameters
    ----------
    meter
        Name in the registry of meters.
    name
        Name of the domain on its node, such as ``package-0``.
    covers
        Kind of hardware. ``package``, ``dram`` and ``gpu`` do not overlap, ``core`` and ``uncore`` are parts of a
        package, ``module`` is a package with its memory and GPU, ``node`` is all of them; what a ``platform`` (psys)
        is differs between machines.
    """

    meter: str
    name: str
    covers: Coverage


@dataclass(frozen=True)
class Counter:
    """Counts energy since some time in the past.

    Parameters
    ----------
    domain
        What it measures.
    read
        Returns the count, J; raises OSError.
    wraps_at_j
        Count at which it begins at 0 again; None if it never does.
    """

    domain: Domain
    read: Callable[[], float]
    wraps_at_j: float | None = None


@dataclass(frozen=True)
class PowerSensor:
    """Shows the present power; energy is its integral over time.

    Parameters
    ----------
    domain
        What it measures.
    read
        Returns the power, W; raises OSError.
    """

    domain: Domain
    read: Callable[[], float]


Instrument = Counter | PowerSensor


class Meter(Protocol):
    """A source of energy readings on this node."""

    def unusable_because(self, root: Path) -> str | None:
        """Why it cannot be used here, or None; `root` is the root of the file system."""

    def instruments(self, root: Path) -> tuple[Instrument, ...]:
        """What it measures; what cannot be read is told as a fault when it is measured, not left out of a sum.

        Parameters
        ----------
        root
            Root of the file system in which the counters are files.
        """


def read_number(path: Path) -> float:
    """First word of a file as a number.

    Raises
    ------
    OSError
        If the file cannot be read or does not begin with a number; names the file.
    """
    words = path.read_text(encoding="ascii", errors="replace").split()
    try:
        return float(words[0])
    except (IndexError, ValueError) as error:
        raise OSError(f"{path} does not begin with a number") from error


def why_unreadable(path: Path) -> str | None:
    """Why a number cannot be read from a file, or None if it can."""
    try:
        read_number(path)
    except PermissionError:
        return f"{path}: permission denied; ask the administrator for read access"
    except OSError as error:
        return str(error) if error.errno is None else f"{path}: {error.strerror}"
    return None
