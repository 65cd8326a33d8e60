"""Random words of Poisson counts: one Philox block for each (drive, neuron) and eight steps."""

from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import DriveStream
from simcore.random import Purpose, philox


def random_words(stream: DriveStream, emitted: int, ids: Any) -> npt.NDArray[np.uint32]:
    """Draw uniform 32-bit words of step `emitted` for neurons with these global ids; uint32, of the shape of `ids`."""
    counter = (stream.drive, ids, emitted >> 3, emitted >> 35)
    pair, shift = (emitted & 7) >> 1, np.uint32(16 * (emitted & 1))
    upper = philox(counter, (stream.seed, Purpose.POISSON))[pair] >> shift & np.uint32(0xFFFF)
    lower = philox(counter, (stream.seed, Purpose.POISSON_LOW))[pair] >> shift & np.uint32(0xFFFF)
    return upper << np.uint32(16) | lower
