"""Search for the workload of an argument: a name, a file, or the folder of an inference."""

from dataclasses import dataclass
from pathlib import Path

from benchnn.accelerators.sources.nir import workload_of_nir
from benchnn.accelerators.sources.run import MeasuredRun, measured_run
from benchnn.inference.record_keys import RECORD
from simcore.accelerators.workloads.reader import load_workload, workload_names
from simcore.accelerators.workloads.workload import Workload
from simcore.errors import InputError, require

RUN, NIR, OWN_TABLE, TABLE = "inference", "NIR graph", "file", "published table"


@dataclass(frozen=True)
class FoundWorkload:
    """A workload, the kind of its source in words, and the run that measured its densities, if any."""

    workload: Workload
    origin: str
    run: MeasuredRun | None = None


def find_workload(text: str, exit_entropy: float | None = None) -> FoundWorkload:
    """The workload of a folder with inference.json, of FILE.nir or FILE.toml, or of a name.

    Parameters
    ----------
    text
        Folder, file or name; a folder with a result takes precedence over a name.
    exit_entropy
        Threshold of an early exit; see `benchnn.accelerators.sources.run.measured_run`.

    Raises
    ------
    InputError
        If the workload is not known, its file is wrong, or an early exit is requested without a run.
    """
    path = Path(text)
    table = text in workload_names()
    if path.name == RECORD or (path.is_dir() and not (table and not (path / RECORD).exists())):
        run = measured_run(path.parent if path.name == RECORD else path, exit_entropy)
        return FoundWorkload(run.workload, RUN, run)
    allowed = f"it requires a folder written by benchnn infer --exit-entropy, not {text}"
    require(exit_entropy is None, "exit_entropy", exit_entropy, allowed)
    if path.suffix == ".nir":
        return FoundWorkload(workload_of_nir(path), NIR)
    if path.suffix == ".json":
        raise InputError(f"workload = {text!r} is not allowed: use a folder written by benchnn infer")
    workload = load_workload(text)
    return FoundWorkload(workload, TABLE if table else OWN_TABLE)
