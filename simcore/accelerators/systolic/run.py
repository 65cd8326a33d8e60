"""How a systolic array runs a workload: the options, and the sheet where they leave something open."""

from dataclasses import dataclass

from simcore.accelerators.answer import DATAFLOWS, WEIGHT_STATIONARY, ModelOptions
from simcore.accelerators.figures import whole, word
from simcore.accelerators.sheets.quantities import ACCOUNTINGS
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.cycles import Array
from simcore.errors import choice


@dataclass(frozen=True)
class Run:
    """An array, and how it runs layers.

    Parameters
    ----------
    array
        The processing elements.
    dataflow
        One of `simcore.accelerators.answer.DATAFLOWS`.
    accounting
        One of `simcore.accelerators.sheets.quantities.ACCOUNTINGS`; None for the corrected account.
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
        If the sheet states a dataflow that has no model.
    Unpublished
        If the sheet states no array, or not the word that the options leave open.
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
