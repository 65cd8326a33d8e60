"""A network of a few neurons that needs the same kernels as another one: building it compiles them."""

from dataclasses import replace
from typing import Any, cast

import numpy as np

from simcore.backends.backend import Plan
from simcore.backends.cpu.build import SynapseBuilder
from simcore.comm import LocalCommunicator
from simcore.drives import Drive, EventDrive
from simcore.jit.aside import Wanted, compiled_aside, nothing_kept
from simcore.network import Network, Population, Projection
from simcore.placement import Placement
from simcore.plasticity import Stdp
from simcore.space import GridPositions
from simcore.synapses.layout import Layout, make_layout
from simcore.synapses.plastic import plastic_projections
from simcore.synapses.rows import make_rows
from simcore.tables import make_tables
from simcore.values import plain_text


def miniature_of(plan: Plan) -> tuple[Plan, Layout]:
    """The plan of the miniature, and the layout of its synapses, whose words are as wide as in the network itself."""
    chosen = representatives(plan.network)
    models = {p.name: p.neuron_model for p in chosen.values()}
    populations = [
        Population(
            p.name,
            4,
            p.model,
            models[p.name].example_params(),
            source=None if p.source is None else p.source.example(),
            positions=GridPositions((2, 2)),
        )
        for p in chosen.values()
    ]
    receivers = [population.name for population in populations if population.source is None]
    acting = [one.drive for one in plan.network.inputs if one.drive.target in receivers]
    drives = [everywhere(drive.example()) for drive in acting]
    name = receivers[0] if receivers else populations[0].name
    receptor = None if models[name].sign_chooses_receptor else models[name].receptors[0]
    rules = {type(projection.rule): projection.rule.example() for projection in plan.network.projections}
    projections = [Projection(name, name, rule, 1.0, receptor=receptor) for rule in rules.values()]
    if plastic_projections(plan.tables) and receivers:
        changing = [population for population in receivers if not models[population].relays]
        target = changing[0]
        receptor = None if models[target].sign_chooses_receptor else models[target].receptors[0]
        rule = next(iter(rules.values()))
        # The same kernels serve all rules.
        projections.append(Projection(target, target, rule, 1.0, receptor=receptor, plasticity=Stdp()))
    network = Network(populations, projections, drives, (), plan.network.resolution_ms)
    tables = make_tables(network, plan.tables.grid.bits, accept_quantisation=True)
    placement = Placement(network.n_neurons)
    miniature = replace(plan, network=network, tables=tables, placement=placement, comm=LocalCommunicator(), traces=())
    rows = make_rows(plan.network, plan.tables)
    layout = make_layout(plan.network, plan.tables, rows, plan.placement, plan.delivery)
    n_delays = tables.max_delay - tables.min_delay + 1
    return miniature, replace(layout, min_delay=tables.min_delay, n_delays=n_delays)


def everywhere(drive: Drive) -> Drive:
    """The drive for all neurons of its population, even if it acts on only some of them."""
    other: Any = drive
    return cast(Drive, replace(other, target=plain_text(drive.target)))


def representatives(network: Network) -> dict[str, Population]:
    """First of the populations with the same model and kinds of inputs, which need the same kernels, by name."""
    first: dict[tuple[str, bool, frozenset[str]], Population] = {}
    for population in network.populations:
        kinds = frozenset(one.drive.name for _, one in network.inputs_of(population.name))
        first.setdefault((population.model, population.relays, kinds), population)
    return {population.name: population for population in first.values()}


def compile_in_two_processes(
    plan: Plan, miniature: Plan, layout: Layout, accumulator: type[np.signedinteger[Any]]
) -> None:
    """On a first start with two CPUs, compile the drawing of synapses here, and neurons and drives in another process.

    Parameters
    ----------
    plan
        Plan of the network itself, which defines the resources of the run.
    miniature, layout
        See `miniature_of`.
    accumulator
        Expected type of the inputs.
    """
    # MPI libraries warn of programs that start processes.
    if plan.comm.size > 1 or plan.placement.threads == 1 or not nothing_kept():
        return
    with compiled_aside(neurons_and_drives(miniature, np.dtype(accumulator).name)):
        builder = SynapseBuilder(miniature, make_rows(miniature.network, miniature.tables), layout, 0)
        builder.count()
        builder.fill()


def neurons_and_drives(plan: Plan, accumulator: str) -> list[Wanted]:
    """Kernels whose types are known before construction, except those of plug-ins."""
    found = [(population.neuron_model.cpu_kernels, "UPDATE") for population in plan.network.populations]
    drives = (one.drive for one in plan.network.inputs)
    found += [(drive.cpu_kernels, "DELIVER") for drive in drives if isinstance(drive, EventDrive)]
    real = np.dtype(plan.real).name
    return [
        Wanted(module, name, real, accumulator)
        for module, name in dict.fromkeys(found)
        if module.startswith("simcore.")
    ]
