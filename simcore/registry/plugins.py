"""Plug-ins of installed distributions, and their identity."""

import importlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcore.errors import InputError, UnavailableError
from simcore.registry.files import sources_of, sources_sha256, surroundings_kept

if TYPE_CHECKING:
    from importlib.metadata import Distribution


@dataclass(frozen=True)
class PlugIn:
    """Identity of a plug-in that a run uses.

    Parameters
    ----------
    kind, name
        For example ``neuron model`` and ``leaky``; for a file, the name without its folder, ``mine.py:MODEL``.
    distribution, version
        Name and version of the distribution; None for a file.
    source_sha256
        SHA-256 of all sources that determine its behaviour.
    """

    kind: str
    name: str
    distribution: str | None
    version: str | None
    source_sha256: str

    @property
    def exactly(self) -> str:
        """Distribution, version and sources as one string."""
        origin = "" if self.distribution is None else f"{self.distribution} {self.version}, "
        return f"{origin}sources {self.source_sha256[:16]}"


@dataclass(frozen=True, order=True)
class Offer:
    """An entry point of an installed distribution: ``location`` is ``module:attribute``."""

    name: str
    distribution: str
    version: str
    location: str

    @property
    def origin(self) -> str:
        """Distribution and version."""
        return f"{self.distribution} {self.version}"


def offers_of(group: str) -> tuple[Offer, ...]:
    """Return the entry points of installed distributions in a group, in order of the names."""
    # Reading the metadata of all installed distributions takes time, which is spent only if a plug-in is needed.
    from importlib.metadata import distribution, distributions

    # importlib.metadata.entry_points is not used, because it fails if any distribution has a malformed line.
    offering = {_metadata(one, "Name"): one for one in distributions() if _lines_of(one, group)}
    offers = []
    for name, one in offering.items():
        # The first distribution on the path counts.
        first = distribution(name) if name else one
        for line in _lines_of(first, group):
            offered, _, location = line.partition("=")
            location = location.partition("[")[0].strip()
            offers.append(Offer(offered.strip(), name or "unknown", _metadata(first, "Version"), location))
    return tuple(sorted(offers))


def _lines_of(distribution: "Distribution", group: str) -> list[str]:
    """Return the entries ``NAME = MODULE:NAME`` of a group in a distribution's file, including malformed ones."""
    try:
        text = distribution.read_text("entry_points.txt") or ""
    except (OSError, ValueError):
        return []
    found, inside = [], False
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("[") and line.endswith("]"):
            inside = line.strip("[]") == group
        elif inside and not line.startswith("#"):
            found.append(line)
    return found


def _metadata(distribution: "Distribution", field: str) -> str:
    """Return name or version in a distribution's metadata; empty if it is missing."""
    try:
        return str(distribution.metadata[field] or "")
    # Versions of Python raise different errors for missing metadata.
    except Exception:  # noqa: BLE001
        return ""


def imported(offer: Offer, kind: str) -> Any:
    """Import the object of an entry point.

    Raises
    ------
    UnavailableError
        If the import fails; names the distribution and the error.
    """
    module, _, attribute = offer.location.partition(":")
    refused = f"{kind} {offer.name} of {offer.origin} cannot be used here"
    if not (module and attribute) or module.startswith("."):
        raise UnavailableError(f"{refused}: its entry point {offer.location!r} is not MODULE:NAME", kind, offer.name)
    try:
        with surroundings_kept():
            return getattr(importlib.import_module(module), attribute)
    except (UnavailableError, InputError) as error:
        raise UnavailableError(f"{refused}: {error}", kind, offer.name) from error
    except (Exception, SystemExit) as error:
        raise UnavailableError(f"{refused}: {type(error).__name__}: {error}", kind, offer.name) from error


def sha256_of(file: Path, implementation: object) -> str:
    """Return the SHA-256 of an implementation's sources, and of its kernels for CPUs, which may be in another file."""
    files = sources_of(file)
    kernels = getattr(implementation, "cpu_kernels", None)
    if isinstance(kernels, str) and (other := file_of(kernels)) is not None:
        files |= sources_of(other)
    return sources_sha256(files)


def file_of(module: str) -> Path | None:
    """Return the file of a module; None if the module does not exist or has no file."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin)
