"""Published seed-to-seed noise of the cortical microcircuit, to be shown beside one's own.

References
----------
Golosio et al. (2021), Front. Comput. Neurosci. 15:627620; Tiddia et al., data of Golosio et al. (2023), Appl. Sci.
13:9598, JoseJVS/ngpu_dynamic_network_creation on GitHub: earth mover's distances of 100 pairs of simulations of
10 s after 500 ms, Poisson input, optimised initial potentials, full scale. There the CV is of neurons with at least two
spikes, and the CC of the first 200 neurons: close to, not the same as, the definitions used here.
"""

from collections.abc import Mapping
from typing import Any

from benchnn.model_source import find_model

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
LARGEST_EMD = {
    "FR": (0.048, 0.075, 0.067, 0.130, 0.319, 0.411, 0.051, 0.232),
    "CV": (0.0156, 0.0099, 0.0058, 0.0082, 0.0098, 0.0147, 0.0112, 0.0089),
    "CC": (2.5e-3, 2.0e-3, 1.6e-3, 1.5e-3, 1.7e-3, 0.85e-3, 1.4e-3, 0.71e-3),
}
"""Largest of the 100 distances for each population; FR in 1/s."""
WINDOW_MS = (500.0, 10_000.0)
OF_NO_EFFECT = ("record_spikes",)


def published_emd(
    model: str, parameters: Mapping[str, Any], warmup_ms: float, time_ms: float
) -> dict[tuple[str, str], float]:
    """(population, statistic) -> largest published distance; empty unless network and window are the published ones.

    They are if every parameter has the default of `benchnn.models.pd14`.
    """
    if model != "pd14" or (warmup_ms, time_ms) != WINDOW_MS:
        return {}
    for name, parameter in find_model(model).parameters.items():
        if name not in OF_NO_EFFECT and parameters.get(name) != parameter.default:
            return {}
    return {
        (population, statistic): value
        for statistic, values in LARGEST_EMD.items()
        for population, value in zip(POPULATIONS, values, strict=True)
    }
