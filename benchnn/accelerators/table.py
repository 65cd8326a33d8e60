"""The table of ``benchnn accelerate``: energy, latency and area of a workload on each accelerator."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted

COLUMNS = (
    ("on", "l"),
    ("accounting, network", "l"),
    ("steps", "r"),
    ("energy", "r"),
    ("latency", "r"),
    ("energy x latency", "r"),
    ("area", "r"),
    ("largest part", "l"),
)
"""Headings and alignment of the columns."""
NAMES = {"energy_j": "energy", "latency_s": "latency", "area_m2": "area"}
"""Values whose reasons are shown; the reasons for products follow from them."""
WIDTH = 118
RULE = (
    "agrees: the computed value (ours) has the printed digits, or is within 2 % (factors), 1 % (operations, "
    "parameters) or 0.5 % (estimates); yes: reproducible; identity: a ratio of printed figures"
)
PUBLISHED = (
    ("case", "l"), ("quantity", "l"), ("on", "l"), ("printed", "r"), ("ours", "r"), ("deviation", "r"), ("", "l"),
    ("verdict", "l"),
)  # fmt: skip


def to_text(record: Mapping[str, Any]) -> str:
    """The table, the parts that each model includes, and the reasons for missing values."""
    blocks = [_head(record)]
    lines = [tuple(title for title, _ in COLUMNS), *map(_line, record["rows"])]
    if record["rows"]:
        blocks.append(aligned(lines, "".join(side for _, side in COLUMNS)))
    blocks += _training(record["training"])
    blocks.append(_notes(record))
    if record["published"] is not None:
        blocks.append(_published(record["published"]))
    return "\n".join(block for block in blocks if block)


def _head(record: Mapping[str, Any]) -> str:
    workload = record["workload"]
    size = f"{counted(len(workload['layers']), 'layer')}"
    if workload["layers"]:
        size += f", {TEXT.figures(workload['operations'])} products per step"
        size += f", {TEXT.figures(workload['weights'])} weights"
    densities = [layer["input_density"] for layer in workload["layers"] if layer["input_density"] is not None]
    if densities:
        span = f"{min(densities):.3g} to {max(densities):.3g}" if len(set(densities)) > 1 else f"{densities[0]:.3g}"
        size += f"; mean density of the inputs {span}, {workload['densities']}"
    head = f"{workload['name']}: {workload['title']}\n{size}\n"
    if record["accuracy"] is not None:
        accuracy = record["accuracy"]
        bounds = f"{100 * accuracy['low']:.2f} to {100 * accuracy['high']:.2f} %"
        head += f"accuracy {100 * accuracy['share']:.2f} % ({bounds}) of {counted(accuracy['samples'], 'sample')}\n"
    return head


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    parts = row["energy_parts_j"]
    largest = max(parts, key=lambda part: parts[part], default=None)
    share = "" if largest is None else f"{largest} {TEXT.share(parts[largest], row['energy_j'])}"
    return (
        row["on"],
        row["accounting"] or (f"{row['network']} network" if row["network"] else ""),
        _steps(row),
        _bounded(row, "energy_j", TEXT.prefixed(row["energy_j"], "J")),
        _bounded(row, "latency_s", TEXT.prefixed(row["latency_s"], "s")),
        _bounded(row, "energy_delay_js", TEXT.prefixed(row["energy_delay_js"], "Js")),
        TEXT.absent if row["area_m2"] is None else _bounded(row, "area_m2", f"{1e6 * row['area_m2']:,.4g} mm2"),
        share,
    )


def _steps(row: Mapping[str, Any]) -> str:
    """Number of steps of an inference, and with an early exit its mean."""
    mean, steps = row["mean_steps"], row["steps"]
    return f"{steps:,}" if mean == steps else f"{mean:.4g} of {steps:,}"


def _bounded(row: Mapping[str, Any], key: str, text: str) -> str:
    """A value as text, marked if it is a lower bound."""
    return f">= {text}" if key in row["lower_bounds"] else text


def _training(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Energies of training, in multiply-accumulates of 16 bits."""
    blocks = []
    for row in rows:
        head = f"{row['on']}, {row['accounting']}, {row['steps']} steps: {TEXT.figures(row['energy_macs'], 6)}"
        lines: list[tuple[str, ...]] = [(f"training {head} multiply-accumulates of 16 bits", "energy")]
        lines += [
            (f"{phase}, {part}", TEXT.figures(energy, 6))
            for phase, parts in row["energy_parts_macs"].items()
            for part, energy in parts.items()
        ]
        blocks.append(aligned(lines, "lr"))
    return blocks


def _notes(record: Mapping[str, Any]) -> str:
    """The parts that each model covers, cautions, and the reasons for missing values."""
    models: dict[str, list[str]] = {}
    for entry in record["models"]:
        if entry["includes"] is None:
            continue
        text = f"{entry['model']}; includes {entry['includes']}; leaves out {entry['leaves_out']}"
        models.setdefault(text, []).append(entry["on"])
    notes = [f"{', '.join(names)}: {text}" for text, names in models.items()]
    notes += dict.fromkeys(
        f"{row['on']}: the {row['network']} network has an accuracy of {100 * row['accuracy']['share']:.2f} %"
        for row in record["rows"]
        if row["accuracy"] is not None
    )
    notes += record["cautions"]
    notes += [f"{on}: {names}: unknown ({why})" for on, names, why in texts_together(record["rows"], "reasons")]
    bounds = texts_together(record["rows"], "lower_bounds")
    notes += [f"{on}: {names}: a lower bound, without {left_out}" for on, names, left_out in bounds]
    return "".join(f"{textwrap.fill(note, WIDTH, subsequent_indent='  ')}\n" for note in notes)


def texts_together(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, str, str]]:
    """Each distinct text that rows have under a key.

    Parameters
    ----------
    rows
        Rows of the record.
    key
        ``reasons`` or ``lower_bounds``.

    Returns
    -------
    list of (str, str, str)
        The accelerator, with its accounting unless the text applies to all accountings; the values that the text refers
        to; and the text.
    """
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for row in rows:
        for name, text in row[key].items():
            if name in NAMES:
                subjects = found.setdefault((row["on"], text.removeprefix(f"{row['on']}: ")), {})
                subjects.setdefault(NAMES[name], set()).add(row["accounting"] or "")
    together = []
    for (on, text), subjects in found.items():
        everywhere = {row["accounting"] or "" for row in rows if row["on"] == on}
        held = set().union(*subjects.values())
        subject = on if held == everywhere else f"{on}, {', '.join(sorted(held))}"
        together.append((subject, ", ".join(subjects), text))
    return together


def _published(rows: Sequence[Mapping[str, Any]]) -> str:
    """Published figures and ours."""
    if not rows:
        return "no figures of this workload are published for these accelerators\n"
    lines = [tuple(title for title, _ in PUBLISHED)]
    lines += [
        (
            row["case"],
            row["quantity"],
            row["on"] or "",
            f"{row['printed']}{'' if row['unit'] == '1' else ' ' + row['unit']}",
            TEXT.figures(row["ours"], 5),
            TEXT.change(row["deviation"]),
            "" if row["agrees"] is None else ("agrees" if row["agrees"] else "differs"),
            ": ".join(filter(None, (row["verdict"], row["reason"] or row["note"]))),
        )
        for row in rows
    ]
    sources = dict.fromkeys(row["source"] for row in rows)
    cited = "".join(f"{source}\n" for source in (RULE, *sources))
    return aligned(lines, "".join(side for _, side in PUBLISHED)) + cited
