"""Options of a run on a systolic array, completed from its sheet."""

from dataclasses import dataclass

from simcore.accelerators.answer import DATAFLOWS, WEIGHT_STATIONARY, ModelOptions
from simcore.accelerators.figures import whole, word
from simcore.accelerators.sheets.quantities import ACCOUNTINGS
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.cycles import Array
from simcore.errors import choice


@dataclass(frozen=True)
class Run:
    """An array, and options for running layers on it.

    Parameters
    ----------
    array
        The processing elements.
    dataflow
        One of `simcore.accelerators.answer.DATAFLOWS`.
    accounting
        One of `simcore.accelerators.sheets.quantities.ACCOUNTINGS`; None for the corrected accounting.
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
    """Complete options for an array from its sheet.

    Raises
    ------
    InputError
        If the dataflow of the sheet is not modelled.
    Unpublished
        If the sheet does not state an array, or a word that the options do not determine.
    """
    accounting = None
    if options.as_published:
        accounting = choice(word(accelerator, "accounting"), "accounting", ACCOUNTINGS)
    dataflow = options.dataflow or choice(word(accelerator, "dataflow"), "dataflow", DATAFLOWS)
    array = Array(
        whole(accelerator, "rows"),
        whole(accelerator, "columns"),
        accelerator.count("arrays") or 1,
        dataflow != WEIGHT_STATIONARY,
    )
    return Run(array, dataflow, accounting, options.steps, options.lif_sharing, options.membrane_bits)
