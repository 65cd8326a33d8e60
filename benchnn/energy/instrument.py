"""Instruments of a meter; each measures one domain of a node."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Coverage = Literal["node", "module", "platform", "package", "dram", "core", "uncore", "gpu"]


@dataclass(frozen=True)
class Domain:
    """The object that an instrument measures.

    Parameters
    ----------
    meter
        Name in the registry of meters.
    name
        Name of the domain on its node, such as ``package-0``.
    covers
        Kind of hardware. ``package``, ``dram`` and ``gpu`` do not overlap, ``core`` and ``uncore`` are parts of a
        package, ``module`` is a package with its memory and GPU, ``node`` is all of them; the extent of a ``platform``
        (psys) differs between machines.
    """

    meter: str
    name: str
    covers: Coverage


@dataclass(frozen=True)
class Counter:
    """Counts energy from an arbitrary time in the past.

    Parameters
    ----------
    domain
        The measured domain.
    read
        Function that returns the count, J, and raises OSError on failure.
    wraps_at_j
        Count at which it restarts at 0; None if it never does.
    """

    domain: Domain
    read: Callable[[], float]
    wraps_at_j: float | None = None


@dataclass(frozen=True)
class PowerSensor:
    """Shows the current power; energy is its integral over time.

    Parameters
    ----------
    domain
        The measured domain.
    read
        Function that returns the power, W, and raises OSError on failure.
    """

    domain: Domain
    read: Callable[[], float]


Instrument = Counter | PowerSensor


class Meter(Protocol):
    """A source of energy readings on this node."""

    def unusable_because(self, root: Path) -> str | None:
        """Reason why it cannot be used, or None; `root` is the root of the file system.

        Parameters
        ----------
        root
            Root of the file system in which the counters are files.

        Returns
        -------
        str or None
            The reason.
        """

    def instruments(self, root: Path) -> tuple[Instrument, ...]:
        """Return all instruments; failures to read are reported when they measure, and are not omitted from sums.

        Parameters
        ----------
        root
            Root of the file system that contains the counters as files.

        Returns
        -------
        tuple of Counter and PowerSensor
            One for each domain of the node.
        """


def read_number(path: Path) -> float:
    """Return the first word of a file as a number.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    float
        The number.

    Raises
    ------
    OSError
        If the file cannot be read or does not begin with a number.
    """
    words = path.read_text(encoding="ascii", errors="replace").split()
    try:
        return float(words[0])
    except (IndexError, ValueError) as error:
        raise OSError(f"{path} does not begin with a number") from error


def why_unreadable(path: Path) -> str | None:
    """Return the reason why a number cannot be read from a file, or None.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str or None
        The reason.
    """
    try:
        read_number(path)
    except PermissionError:
        return f"{path}: permission denied; ask the administrator for read access"
    except OSError as error:
        return str(error) if error.errno is None else f"{path}: {error.strerror}"
    return None
