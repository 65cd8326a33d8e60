"""All readers, by name."""

from collections.abc import Iterable

from fuzzing import planted
from fuzzing.reader import Reader
from fuzzing.readers import (
    accelerators,
    activity,
    areas,
    chips,
    commands,
    configurations,
    databases,
    edges,
    energy,
    interconnects,
    jobs,
    many_core,
    networks,
    recordings,
    records,
    resuming,
    rooflines,
    trained,
    workloads,
)

READERS = {
    reader.name: reader
    for module in (
        chips,
        accelerators,
        activity,
        areas,
        configurations,
        records,
        databases,
        recordings,
        edges,
        networks,
        energy,
        interconnects,
        resuming,
        jobs,
        many_core,
        commands,
        trained,
        workloads,
        rooflines,
    )
    for reader in module.READERS
}


def readers_of(names: Iterable[str]) -> dict[str, Reader]:
    """The readers of these names, planted ones too."""
    known = READERS | {reader.name: reader for reader in planted.READERS}
    return {name: known[name] for name in names}
