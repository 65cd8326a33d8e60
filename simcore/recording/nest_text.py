"""Spikes in files of NEST's ``spike_recorder`` with ``record_to: ascii``."""

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError
from simcore.recording.files import PathLike, usable_path
from simcore.recording.spikes import IntArray

FloatArray = npt.NDArray[np.float64]

COLUMNS = 2


def read_nest_spikes(path: PathLike) -> tuple[IntArray, FloatArray]:
    """Read NEST's ids of the senders and times in ms: two columns, after comments and optionally a line of titles.

    Parameters
    ----------
    path
        Text file of one thread and process (``.dat``, ``.gdf``).

    Returns
    -------
    tuple
        Ids, int64, and times, float64, shape (spikes,), in the order of the file.

    Raises
    ------
    InputError
        Naming the file and the wrong spike.
    """
    file = usable_path(path)
    try:
        with open(file, encoding="utf-8") as stream:
            lines = [line for line in stream if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise InputError(f"cannot read {file}: {reason}") from error
    titles = lines[:1] if lines and not lines[0].split()[0].lstrip("+-").isdigit() else []
    if titles and titles[0].split()[:COLUMNS] != ["sender", "time_ms"]:
        expected = "sender and time_ms, as NEST's spike_recorder writes with time_in_steps false"
        raise InputError(f"{file} has the columns {' '.join(titles[0].split())!r}, but must have {expected}")
    columns = [line.split() for line in lines[len(titles) :]]
    for line, words in enumerate(columns, 1):
        try:
            if len(words) != COLUMNS or not -(2**63) <= int(words[0]) < 2**63:
                raise ValueError
            float(words[1])
        except ValueError:
            raise InputError(f"{file}: spike {line} is {' '.join(words)!r}; write an id and a time in ms") from None
    senders = np.array([int(words[0]) for words in columns], dtype=np.int64)
    return senders, np.array([float(words[1]) for words in columns])
