"""Published results of the cortical microcircuit, and a test whether a run is comparable with them."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from benchnn.model_source import find_model
from benchnn.record.reading import Record

FILE = "published_pd14.toml"
NEURONS, SYNAPSES = 77_169, 298_880_968
FREE = ("input", "record_spikes", "initial_v")
"""Parameters that may differ: the page states the drive, and the others do not change the amount of work."""
LIST = "Senk et al. (2026), Neuromorph. Comput. Eng. 6:012001"
LIST_URL = "https://doi.org/10.1088/2634-4386/ae379a"


@dataclass(frozen=True)
class Published:
    """A published simulation; unpublished values are None.

    Parameters
    ----------
    authors, year, source, doi
        The publication.
    simulator, kind, hardware
        Simulator and machine; `kind` is CPU, GPU, FPGA or neuromorphic.
    drive
        ``dc`` or ``poisson``.
    real_time_factor, energy_uj
        Real-time factor, and energy per synaptic event in microjoules.
    remark
        Particulars of the simulation.
    """

    authors: str
    year: int
    simulator: str
    kind: str
    hardware: str
    drive: str
    real_time_factor: float
    source: str
    remark: str
    energy_uj: float | None = None
    doi: str | None = None


def published_results() -> list[Published]:
    """All published results, sorted by year."""
    text = (files("benchnn.report") / FILE).read_text(encoding="utf-8")
    return sorted((Published(**entry) for entry in tomllib.loads(text)["result"]), key=lambda one: one.year)


def is_published_network(record: Record) -> bool:
    """Whether a run simulated the network of the published results: pd14 at full scale with default parameters."""
    model = record.part("model")
    if (model.text("name"), model.get("neurons"), model.get("synapses")) != ("pd14", NEURONS, SYNAPSES):
        return False
    used = model.part("parameters").values
    declared = find_model("pd14").parameters
    return all(used.get(name) == declared[name].default for name in declared if name not in FREE and name in used)
