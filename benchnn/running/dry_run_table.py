"""The summary of a dry run as text."""

from collections.abc import Mapping
from typing import Any

from benchnn.running.placed import comparison_text
from simcore.display.text_table import aligned
from simcore.display.words import every


def to_text(record: Mapping[str, Any]) -> str:
    """Format the summary of a dry run, using only its record."""
    model, played, measured, predicted = (record[key] for key in ("model", "played", "measured", "predicted"))
    communication, step_us = record["communication"], 1e6 * measured["wall_s"] / measured["steps"]
    lines = [
        f"{model['name']}: {model['neurons']:,} neurons; rank {played['rank']:,} of {played['ranks']:,} x "
        f"{played['threads']} threads was simulated on {record['host']}: {measured['neurons']:,} neurons, "
        f"{measured['synapses']:,} synapses, delivery {measured['delivery']}",
        f"rates of the other ranks' neurons: {_rates(record['rates_hz'])} ({record['rates_source']})",
        "",
    ]
    rows = [
        ("measured", "", ""),
        ("  network construction", f"{measured['construction_s']:.2f} s", "this rank"),
        ("  deliver", f"{1e6 * measured['deliver_s_per_step']:.2f} us", "per step, busiest thread"),
        ("  update", f"{1e6 * measured['update_s_per_step']:.2f} us", "per step, busiest thread"),
        ("  unpack", f"{1e6 * measured['unpack_s_per_exchange']:.3g} us", "per exchange, blocks of all other ranks"),
        ("  step", f"{step_us:.2f} us", "includes drawing the spikes of other ranks"),
        ("  peak memory", f"{measured['memory_bytes']['peak_rss'] / 1e9:.3f} GB", "this rank"),
    ]
    if communication is not None:
        rows += [
            ("communication model", "", communication["source"].partition(";")[0]),
            *_link(communication),
            *([] if communication["inside_node"] is None else _inside(communication)),
            ("  exchange", f"{predicted['exchange_us']:.3g} us", f"{record['exchange']}, {_intervals(record)}"),
        ]
    rows += [
        ("predicted", "", f"for {played['ranks']:,} ranks, if each needs as much time and memory as this rank"),
        ("  real-time factor", f"{predicted['real_time_factor']:.4g}", "without overlap of exchange and delivery"),
        ("  ", f"{predicted['real_time_factor_hidden']:.4g}", "with as much overlap as possible"),
        ("  memory", f"{predicted['memory_bytes'] / 1e9:,.1f} GB", "all ranks"),
    ]
    placements = comparison_text(record["placements"], record["placement"])
    return "\n".join(lines) + aligned(rows, "lrl") + f"\nplacements\n{placements}"


def _link(link: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        ("  latency", f"{link['latency_us']:.3g} us", ""),
        ("  bandwidth", f"{link['bandwidth_gb_s']:.3g} GB/s", ""),
    ]


def _inside(communication: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    inside = communication["inside_node"]
    heading = f"{communication['ranks_per_node']:,} ranks per node; {inside['source'].partition(';')[0]}"
    return [("  within a node", "", heading), *_link(inside)]


def _rates(rates_hz: Mapping[str, float]) -> str:
    values = set(rates_hz.values())
    if len(values) == 1:
        return f"{values.pop():g} Hz"
    return ", ".join(f"{name} {rate:g}" for name, rate in rates_hz.items()) + " Hz"


def _intervals(record: Mapping[str, Any]) -> str:
    measured = record["measured"]
    between = measured["between_groups"]
    if between is None:
        return every(measured["interval_steps"])
    within = f"{every(measured['interval_steps'])} within groups of ranks, " if between["group_ranks"] > 1 else ""
    return f"{within}{every(between['interval_steps'])} between them"
