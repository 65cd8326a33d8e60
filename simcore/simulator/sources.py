"""Other trains or rates for a population with a source, in a network that is being simulated."""

from dataclasses import replace

from simcore.backends import Plan
from simcore.errors import InputError
from simcore.network import Network
from simcore.synapses.multiplicity import largest_multiplicities
from simcore.tables import Tables, prepared_input, with_digest


def tables_of_changed_source(plan: Plan, changed: Network, population: str) -> Tables:
    """The tables of a network whose source of one population is another; all ranks call this together.

    Parameters
    ----------
    plan
        What was built; its network is that before all changes.
    changed
        The network with the new source.
    population
        Whose source it is.

    Raises
    ------
    InputError
        If neurons may send more spikes in a step than there is room for.
    """
    before, after = largest_multiplicities(plan.network), largest_multiplicities(changed)
    for index in (after > before).nonzero()[0][:1].tolist():
        raise InputError(
            f"{population}.source is not allowed: a neuron of {changed.populations[index].name} may then send "
            f"{after[index]} spikes in a step, but the simulator was built for at most {before[index]}; create a "
            "simulator of a network with this source"
        )

    def prepared() -> Tables:
        drives = list(plan.tables.drives)
        for index, _ in changed.inputs_of(population):
            drives[index] = prepared_input(changed, plan.tables.grid, index)
        return with_digest(replace(plan.tables, drives=tuple(drives)), changed)

    return plan.comm.from_root(prepared)
