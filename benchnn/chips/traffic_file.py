"""The file ``traffic.h5``: what happened on cores and links of a chip, step by step."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.chips.emulation import ChipEmulation
from benchnn.chips.record import ChipMeasurement
from simcore.recording.files import replaced_file
from simcore.recording.hdf5 import LIBVER, SparseImage, write_dataset

CHUNK = 1 << 18
"""Numbers that are compressed together."""


def write_traffic(
    path: Path,
    emulation: ChipEmulation,
    measured: ChipMeasurement,
    link_messages: npt.NDArray[np.int32] | None,
    about: Mapping[str, str | float | int],
) -> None:
    """Write the file; it holds nothing that depends on ranks, threads or time.

    Parameters
    ----------
    path
        Of the file; replaced if it exists.
    emulation, measured
        The chip, and what was counted on it.
    link_messages
        Load of every link in every step, int32 (steps, links); None if it was not kept.
    about
        Attributes of the file: model, resolution, first step.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    import h5py

    system, counts, times = emulation.system, measured.counts, measured.times
    steps = {entry.name: getattr(measured.summary, entry.name) for entry in fields(measured.summary)}
    steps |= {name: getattr(times, name) for name in ("memory_s", "compute_s", "traffic_s", "barrier_s", "total_s")}
    routers = system.router_of_core
    groups = {
        "steps": steps,
        "cores": {
            "router": routers,
            "chip": system.chip_of_router[routers],
            **{name: getattr(counts, name) for name in ("neurons", "synops", "messages_in", "messages_out", "spikes")},
        },
        "links": {
            "origin": system.link_origin,
            "target": system.link_target,
            "kind": system.link_kind,
            "crosses_chip": system.link_crosses_chip,
            "messages": counts.link_messages,
            "messages_max": counts.link_messages_max,
        },
        "routers": {"position": system.position, "chip": system.chip_of_router},
    }
    image = SparseImage()
    with h5py.File(image, "w", libver=LIBVER) as file:
        file.attrs.update({"chip": emulation.chip.name, **about})
        for group, datasets in groups.items():
            made = file.create_group(group)
            for name, values in datasets.items():
                if values is not None:
                    write_dataset(made, name, values, "s" if name.endswith("_s") else None)
        if link_messages is not None and link_messages.size:
            rows = min(len(link_messages), max(1, CHUNK // link_messages.shape[1]))
            file.create_dataset(
                "link_messages",
                data=link_messages.view(np.uint32),
                chunks=(rows, link_messages.shape[1]),
                compression="gzip",
                shuffle=True,
                track_times=False,
            )
    with replaced_file(path) as aside:
        image.save(aside)
