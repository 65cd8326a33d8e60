"""Overview of a simulator on one screen."""

from simcore.backends import Construction, Plan
from simcore.display.numbers import TEXT
from simcore.display.overview import Overview
from simcore.display.words import counted
from simcore.network import Network


def simulator_overview(network: Network, plan: Plan, own: Construction, step: int) -> Overview:
    """Return an overview of network, options, model time and memory of this rank, without communication."""
    described, placement = network.overview(), plan.placement
    numbers = f"{plan.precision}, {plan.tables.grid.bits}-bit weights, delivery {own.delivery}"
    layout = f"{counted(placement.ranks, 'rank')} x {counted(placement.threads, 'thread')}"
    whose = f"rank {plan.rank}" if placement.ranks > 1 else "built"
    memory = ", ".join(f"{name} {TEXT.size(size)}" for name, size in own.memory_bytes.items())
    lines = [
        f"{numbers}, seed {plan.seed}, {layout}",
        f"{whose}: {counted(own.synapses, 'synapse')}; {memory}",
        *described.lines,
    ]
    title = f"Simulator at {step * network.resolution_ms:g} ms: {described.title}"
    return Overview(title, lines, described.tables)
