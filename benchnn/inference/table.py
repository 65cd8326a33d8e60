"""The table of ``benchnn infer``: accuracy, steps, spikes, events and costs of each case."""

from collections.abc import Mapping, Sequence
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted

COLUMNS = ("network", "noise", "steps", "exit below", "accuracy", "95 % interval", "mean steps", "spikes", "events", "")
NEUROBENCH = {
    "footprint_bytes": "footprint, B",
    "parameter_count": "parameters",
    "connection_sparsity": "connection sparsity",
    "activation_sparsity": "activation sparsity",
    "effective_macs": "effective MACs",
    "effective_acs": "effective ACs",
    "dense": "dense",
    "membrane_updates": "membrane updates",
}
"""Keys of metrics and their headings."""
CROSSBARS = {
    "wire, Ohm": "wire_ohm",
    "cell noise": "conductance_noise",
    "read noise": "read_noise",
    "ADC, bit": "adc_bits",
    "adapted with": "adapted_samples",
    "seed": "seed",
}
"""Headings, with keys of the crossbars of a row."""
SILENT = ("exit_entropy", "chip", "neurobench", "crossbar", "input_densities")
"""Keys whose absence is not explained, because they were not requested."""
COSTS = ("chip", "latency", "energy", "events x energy", "energy x latency")


def to_text(record: Mapping[str, Any]) -> str:
    """The table, and the reasons for missing values."""
    data = record["data"]
    how = f"{record['coding']} coding, read out by {record['readout'].replace('_', ' ')}"
    batch = f"{counted(record['batch'], 'sample')} per batch"
    head = f"{record['model']['name']}: {counted(data['samples'], 'sample')} of {data['file']}, {how}, {batch}\n\n"
    on_chip = bool(record["chips"])
    rows = [(*COLUMNS, *(COSTS if on_chip else ())), *(_line(row, on_chip) for row in record["rows"])]
    parts = [aligned(rows, f"lrrrrrrrrl{'lrrrr' if on_chip else ''}")]
    if any(row["on_front"] for row in record["rows"]):
        costs = "latency and energy" if on_chip else "steps and events"
        parts.append(f"*: no other line is at least as good in accuracy, {costs}, and better in one of them\n")
    if record["direct_products"]:
        each = f"{record['direct_products']:,} products per sample with the weights of the first layer"
        parts.append(f"{each} are computed once, outside the network, and are not counted as events\n")
    if on_chip:
        parts.append(
            "latency and energy: for one copy of the network on the chip, one sample after the other; events x energy: "
            "synaptic events times their published energy, without any other energy\n"
        )
    parts += _crossbars(record["rows"])
    parts += _neurobench(record["rows"])
    unknown = dict.fromkeys(
        f"{key} is unknown: {why}"
        for row in record["rows"]
        for key, why in row["reasons"].items()
        if key not in SILENT and not key.startswith("neurobench.")
    )
    bounds = dict.fromkeys(
        f"{key} is a lower bound, without {why}"
        for row in record["rows"]
        if row["chip"] is not None
        for key, why in row["chip"]["lower_bounds"].items()
    )
    speed = f"{record['samples_per_s']:,.4g} samples/s, peak memory {TEXT.size(record['peak_rss_bytes'])}\n"
    return head + "".join(parts) + "".join(f"{line}\n" for line in (*unknown, *bounds)) + speed


def _crossbars(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines of crossbars, if any."""
    found = [row for row in rows if row["crossbar"] is not None]
    if not found:
        return []
    lines = [(*CROSSBARS, "steps", "accuracy", "as original"), *map(_crossbar_line, found)]
    first = found[0]["crossbar"]
    size = f"{first['size']} x {first['size']}"
    head = f"\n{first['sheet']}: {first['crossbars']:,} crossbars of {size}, {first['weight_encoding']} weights\n"
    note = "as original: share of answers that equal those of the simulator\n"
    return [head, aligned(lines, "r" * len(lines[0])), note]


def _crossbar_line(row: Mapping[str, Any]) -> tuple[str, ...]:
    own, accuracy = row["crossbar"], row["accuracy"]
    return (
        *(TEXT.absent if own[key] is None else f"{own[key]:g}" for key in CROSSBARS.values()),
        f"{row['steps']:,}",
        TEXT.absent if accuracy is None else f"{100 * accuracy['share']:.2f} %",
        f"{100 * own['answers_as_original']:.2f} %",
    )


def neurobench_cells(row: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The metrics of a row according to both definitions; empty if they were not requested."""
    found = row.get("neurobench")
    return [] if found is None else [(found["layers"], found["metrics"]), ("simulator", found["ours"])]


def _neurobench(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The metrics of NeuroBench, if they were requested."""
    lines = [
        (
            row["network"],
            f"{row['noise']:g}",
            f"{row['mean_steps']:.4g}",
            name,
            *(TEXT.figures(values[key]) for key in NEUROBENCH),
        )
        for row in rows
        for name, values in neurobench_cells(row)
    ]
    if not lines:
        return []
    head = ("network", "noise", "mean steps", "layers", *NEUROBENCH.values())
    return ["\nNeuroBench metrics of the mean sample\n", aligned([head, *lines], "lrrl" + "r" * len(NEUROBENCH))]


def _line(row: Mapping[str, Any], on_chip: bool) -> tuple[str, ...]:
    accuracy = row["accuracy"]
    interval = TEXT.absent if accuracy is None else f"{100 * accuracy['low']:.2f} to {100 * accuracy['high']:.2f} %"
    line = (
        row["network"],
        f"{row['noise']:g}",
        f"{row['steps']:,}",
        TEXT.absent if row["exit_entropy"] is None else f"{row['exit_entropy']:g}",
        TEXT.absent if accuracy is None else f"{100 * accuracy['share']:.2f} %",
        interval,
        f"{row['mean_steps']:.4g}",
        TEXT.figures(row["spikes"]),
        TEXT.figures(row["synaptic_events"]),
        "*" if row["on_front"] else "",
    )
    if not on_chip:
        return line
    chip = row["chip"] or dict.fromkeys(("name", "latency_s", "energy_j", "estimate_j", "energy_delay_js"))
    costs = [("latency_s", "s"), ("energy_j", "J"), ("estimate_j", "J"), ("energy_delay_js", "Js")]
    return (*line, chip["name"] or TEXT.absent, *(TEXT.prefixed(chip[key], unit) for key, unit in costs))
