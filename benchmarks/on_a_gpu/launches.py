"""A few launches of known length for a profiler: python -m on_a_gpu.launches DEVICE SCALE FIRST_MS SECOND_MS.

The program simulates PD14 with Poisson input in two stretches of at most 2,000 steps. Each stretch is one launch of the
step loop or, launch by launch, two launches per step. ``benchnn run`` makes more launches, whose length depends on its
speed.
"""

import sys
from collections.abc import Sequence

from benchnn.models import models
from on_a_gpu.simulate import take
from simcore.simulator import Simulator


def main(words: Sequence[str]) -> None:
    """Simulate both stretches."""
    device, scale, *stretches_ms = words
    with Simulator(models.get("pd14")(scale=float(scale)), seed=1, backend=take(device)) as simulator:
        for stretch_ms in stretches_ms:
            print(f"{simulator.run(float(stretch_ms)).steps} steps")


if __name__ == "__main__":
    main(sys.argv[1:])
