"""A digest of a network from its description, without drawing synapses."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from simcore.connectivity import EdgeFiles
from simcore.network import Network
from simcore.selection import Selection

PIECE = 1 << 20
"""Numbers of an array that are copied at a time."""


def network_sha256(network: Network) -> str:
    """SHA-256 of names, sizes and models of the populations, and of all that determines the synapses except the seed.

    Parameters, initial values, drives and recorders are not part of it: mappings do not depend on them.
    """
    sha = hashlib.sha256()
    _add(sha, network.resolution_ms)
    for population in network.populations:
        _add(sha, (population.name, population.size, str(population.model)))
        # Populations without positions add nothing, so that the digests of older networks do not change.
        if population.positions is not None:
            _add(sha, population.positions)
    for projection in network.projections:
        _add(sha, (projection.source, projection.target, projection.receptor))
        _add(sha, (projection.rule, projection.weight, projection.delay_ms))
    return sha.hexdigest()


def _add(sha: Any, value: Any) -> None:
    """Add a value, preceded by its kind and length, so that different descriptions yield different texts."""
    if isinstance(value, EdgeFiles):
        # Files may have other paths on another machine; only their contents matter.
        _head(sha, "files", 5)
        for part in (value.source, value.target, value.part, value.unique, list(value.facts().sha256.values())):
            _add(sha, part)
    elif is_dataclass(value) and not isinstance(value, type):
        entries = [entry for entry in fields(value) if entry.init]
        _head(sha, type(value).__name__, len(entries))
        for entry in entries:
            _add(sha, entry.name)
            _add(sha, getattr(value, entry.name))
    elif isinstance(value, Selection):
        _head(sha, "selection", 2)
        _add(sha, value.population)
        _add(sha, np.asarray(value.ids))
    elif isinstance(value, np.ndarray):
        kind = np.dtype(np.int64 if value.dtype.kind in "biu" else np.float64)
        _head(sha, f"{kind}{value.shape}", kind.itemsize * value.size)
        flat = value.reshape(-1)
        for first in range(0, len(flat), PIECE):
            sha.update(np.ascontiguousarray(flat[first : first + PIECE].astype(kind)).data)
    elif isinstance(value, Mapping):
        _add(sha, sorted(value.items()))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        _head(sha, "list", len(value))
        for one in value:
            _add(sha, one)
    else:
        text = str(value) if isinstance(value, str) else repr(value.item() if isinstance(value, np.generic) else value)
        content = text.encode(errors="surrogatepass")
        _head(sha, "text" if isinstance(value, str) else "number", len(content))
        sha.update(content)


def _head(sha: Any, kind: str, length: int) -> None:
    sha.update(f"{kind} {length}:".encode())
