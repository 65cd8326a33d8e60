"""The placement of neurons on ranks in the record, and a comparison of placements."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchnn.running.plan import Plan
from benchnn.running.rates import known_rates
from simcore.comm.communicator import DIRECTED
from simcore.display.text_table import aligned
from simcore.network import Network
from simcore.network.exchangeable import why_not_exchangeable
from simcore.placement.comparison import compared, figures_of
from simcore.placement.loads import EQUAL_RATE_HZ, equal_rates
from simcore.simulator import Simulator

EQUAL = f"unknown, {EQUAL_RATE_HZ:g} Hz assumed for all neurons"


def expected_rates(model: str, parameters: Mapping[str, Any], network: Network) -> tuple[dict[str, float], str]:
    """Return the expected mean rate of each population, 1/s, and its source: the model, or equal rates."""
    known = known_rates(model, parameters)
    if known is None or not all(population.name in known[0] for population in network.populations):
        return equal_rates(network), EQUAL
    return known


def placement_part(plan: Plan, simulator: Simulator) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return the record of the placement, and the reasons for null values; all ranks call this together."""
    if simulator.comm.size == 1:
        return None, {}

    within, between = simulator.interval_steps, simulator.between_groups_steps

    def made() -> tuple[dict[str, Any], dict[str, str]]:
        rates_hz, source = expected_rates(plan.options.model, plan.parameters, plan.network)
        figures = figures_of(plan.network, simulator.plan.placement, rates_hz)
        traffic = figures.directed if simulator.exchange == DIRECTED else figures.collective
        part = {
            "name": figures.name,
            "groups": figures.groups,
            "neurons": figures.neurons | {"sum": plan.network.n_neurons},
            "rates_source": source,
            "expected_load_imbalance": figures.load_imbalance,
            "expected_traffic": None if traffic is None else asdict(traffic),
            "exchange_interval_steps": {"within_groups": within, "between_groups": between or within},
            "exchange_interval_reason": simulator.interval_reason,
        }
        why = None if traffic is not None else why_not_exchangeable(plan.network)
        return part, {} if why is None else {"layout.placement.expected_traffic": why}

    return simulator.comm.from_root(made)


def comparison(network: Network, ranks: int, rates_hz: Mapping[str, float]) -> tuple[list[dict[str, Any]], str | None]:
    """Return the expected figures of each placement, and the reason if the directed traffic is null.

    Parameters
    ----------
    network, ranks
        The description, and the number of ranks.
    rates_hz
        Mean rate of the neurons of each population, 1/s.
    """
    return [asdict(figures) for figures in compared(network, ranks, rates_hz)], why_not_exchangeable(network)


def comparison_text(rows: Sequence[Mapping[str, Any]], chosen: str) -> str:
    """Format a table of placements, in which the chosen placement is marked."""
    table = [
        ("", "placement", "groups", "neurons per rank", "load", "destinations", "spikes leaving", "bytes per step"),
        ("", "", "", "min / mean / max", "max / mean", "directed", "directed", "collective / directed"),
    ]
    for row in rows:
        neurons, directed = row["neurons"], row["directed"]
        sent = "-" if directed is None else f"{directed['bytes_per_step']:,.4g}"
        table.append(
            (
                "*" if row["name"] == chosen else "",
                row["name"],
                f"{row['groups']:,}",
                f"{neurons['min']:,} / {neurons['mean']:,.1f} / {neurons['max']:,}",
                f"{row['load_imbalance']:.3f}",
                "-" if directed is None else f"{directed['destinations']:,.4g}",
                "-" if directed is None else f"{100.0 * directed['leaving_share']:.3g} %",
                f"{row['collective']['bytes_per_step']:,.4g} / {sent}",
            )
        )
    return aligned(table, "llrrrrrr")
