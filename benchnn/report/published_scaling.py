"""Published scaling of networks, on other hardware, for comparison with a prediction."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

FILE = "published_scaling.toml"


@dataclass(frozen=True)
class PublishedPoint:
    """A published simulation; unpublished values are None.

    Parameters
    ----------
    units
        Number of nodes or GPUs.
    real_time_factor, construction_s
        Real-time factor, and wall time of the network construction in seconds.
    """

    units: int
    real_time_factor: float | None = None
    construction_s: float | None = None


@dataclass(frozen=True)
class PublishedCurve:
    """A published scaling series.

    Parameters
    ----------
    network, kind
        The model that describes the same network, and ``strong`` or ``weak``.
    simulator, hardware
        Simulator and machine.
    unit, cores_per_unit
        ``node`` or ``GPU``, and the number of cores at which a figure places one of them.
    source, url
        The publication.
    points
        Results, sorted by the number of units.
    """

    network: str
    kind: str
    simulator: str
    hardware: str
    unit: str
    cores_per_unit: int
    source: str
    url: str
    points: tuple[PublishedPoint, ...]


def published_curves(network: str, kind: str) -> list[PublishedCurve]:
    """Published scaling series of a network in the order of the file; empty if none is known.

    Parameters
    ----------
    network
        Name of a model.
    kind
        ``strong`` or ``weak``.
    """
    text = (files("benchnn.report") / FILE).read_text(encoding="utf-8")
    curves = [
        PublishedCurve(**{**entry, "points": tuple(PublishedPoint(**point) for point in entry["points"])})
        for entry in tomllib.loads(text)["curve"]
    ]
    return [curve for curve in curves if (curve.network, curve.kind) == (network, kind)]
