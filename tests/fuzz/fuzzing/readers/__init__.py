"""All readers, by name."""

from collections.abc import Iterable

from fuzzing import planted
from fuzzing.reader import Reader
from fuzzing.readers import (
    accelerators,
    activity,
    chips,
    commands,
    configurations,
    databases,
    edges,
    energy,
    jobs,
    networks,
    recordings,
    records,
    resuming,
    trained,
    workloads,
)

READERS = {
    reader.name: reader
    for module in (
        chips,
        accelerators,
        activity,
        configurations,
        records,
        databases,
        recordings,
        edges,
        networks,
        energy,
        resuming,
        jobs,
        commands,
        trained,
        workloads,
    )
    for reader in module.READERS
}


def readers_of(names: Iterable[str]) -> dict[str, Reader]:
    """The readers of these names, planted ones too."""
    known = READERS | {reader.name: reader for reader in planted.READERS}
    return {name: known[name] for name in names}
