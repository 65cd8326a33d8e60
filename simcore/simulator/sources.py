"""Changes of trains or rates of a population with a source during a simulation."""

from dataclasses import replace

from simcore.backends import Plan
from simcore.errors import InputError
from simcore.network import Network
from simcore.synapses.multiplicity import largest_multiplicities
from simcore.tables import Tables, prepared_input, with_digest


def tables_of_changed_source(plan: Plan, changed: Network, population: str) -> Tables:
    """Return the tables of a network after a change of one source; all ranks call this together.

    Parameters
    ----------
    plan
        Plan of the simulator, with the network before all changes.
    changed
        The network with the new source.
    population
        Name of the population.

    Raises
    ------
    InputError
        If neurons may send more spikes in a step than the simulator allows.
    """
    before, after = largest_multiplicities(plan.network), largest_multiplicities(changed)
    for index in (after > before).nonzero()[0][:1].tolist():
        raise InputError(
            f"{population}.source is not allowed: a neuron of {changed.populations[index].name} can then send "
            f"{after[index]} spikes in a step, but the simulator was built for at most {before[index]}; create a "
            "simulator of a network with this source"
        )

    def prepared() -> Tables:
        drives = list(plan.tables.drives)
        for index, _ in changed.inputs_of(population):
            drives[index] = prepared_input(changed, plan.tables.grid, index)
        return with_digest(replace(plan.tables, drives=tuple(drives)), changed)

    return plan.comm.from_root(prepared)
