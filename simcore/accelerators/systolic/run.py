"""How a systolic array runs a workload: the options, and the sheet where they leave something open."""

from dataclasses import dataclass

from simcore.accelerators.answer import DATAFLOWS, WEIGHT_STATIONARY, ModelOptions
from simcore.accelerators.figures import whole, word
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.cycles import Array
from simcore.accelerators.systolic.geometry import ACCOUNTINGS
from simcore.errors import choice, integer, truth

MOST = 2**31


@dataclass(frozen=True)
class Run:
    """What the counts of a workload follow from, its layers apart.

    Parameters
    ----------
    array
        The processing elements.
    dataflow
        One of `simcore.accelerators.answer.DATAFLOWS`.
    accounting
        One of `ACCOUNTINGS`; None for the corrected account.
    steps, lif_sharing, membrane_bits
        As in `simcore.accelerators.answer.ModelOptions`.
    """

    array: Array
    dataflow: str
    accounting: str | None
    steps: int
    lif_sharing: int
    membrane_bits: int | None


def run_of(accelerator: Accelerator, options: ModelOptions) -> Run:
    """How an array runs a workload with these options.

    Raises
    ------
    InputError
        If an option is not allowed.
    Unpublished
        If the sheet states no array, or not the word that the options leave open.
    """
    steps = integer(options.steps, "steps", 1, MOST)
    lif_sharing = integer(options.lif_sharing, "lif_sharing", 1, MOST)
    membrane_bits = options.membrane_bits
    if membrane_bits is not None:
        membrane_bits = integer(membrane_bits, "membrane_bits", 1, MOST)
    dataflow = options.dataflow
    if dataflow is not None:
        dataflow = choice(dataflow, "dataflow", DATAFLOWS)
    accounting = None
    if truth(options.as_published, "as_published"):
        accounting = choice(word(accelerator, "accounting"), "accounting", ACCOUNTINGS)
    dataflow = dataflow or choice(word(accelerator, "dataflow"), "dataflow", DATAFLOWS)
    array = Array(
        whole(accelerator, "rows"),
        whole(accelerator, "columns"),
        accelerator.count("arrays") or 1,
        dataflow != WEIGHT_STATIONARY,
    )
    return Run(array, dataflow, accounting, steps, lif_sharing, membrane_bits)
