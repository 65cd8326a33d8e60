"""The tables of ``benchnn crossbar``: one for each property that is varied."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.accelerators.crossbars.record_keys import (
    CYCLES,
    DEVICE_NOISE,
    RATIO,
    READ_NOISE,
    STUCK,
    SWEEPS,
    TIME,
    WIRES,
    WORN_OUT,
)
from simcore.display.numbers import TEXT, Numbers
from simcore.display.text_table import aligned

TITLES = {
    WIRES: "wire resistance",
    RATIO: "resistance ratio",
    DEVICE_NOISE: "device-to-device noise",
    READ_NOISE: "read-to-read noise",
    STUCK: "stuck cells",
    TIME: "time after writing",
    WORN_OUT: "worn-out cells",
    CYCLES: "write cycles",
}
MEASURES = ("current", "worst column", "rms error", "mean error", "worst error", "clipped", "decision accuracy")
WIDTH = 118


def to_text(record: Mapping[str, Any]) -> str:
    """The array, a table for each property, the costs of wear, and reasons for missing values."""
    blocks = [_head(record)]
    for sweep in SWEEPS:
        rows = [row for row in record["rows"] if row["sweep"] == sweep]
        if rows:
            # Size and wires are varied together.
            sides = ("size",) if sweep == WIRES else ()
            lines: list[tuple[str, ...]] = [(TITLES[sweep], *sides, *MEASURES), *map(_line, rows)]
            blocks.append(aligned(lines, "r" * len(lines[0])))
    blocks.append(_notes(record))
    return "\n".join(blocks)


def _head(record: Mapping[str, Any]) -> str:
    array, sheet = record["array"], record["sheet"]
    levels = ", ".join(f"{level:g}" for level in array["levels"])
    return (
        f"{sheet['name']}: {sheet['title']}\n"
        f"{array['size']} x {array['size']} cells with levels {levels}; base resistance "
        f"{TEXT.prefixed(array['base_ohm'], 'Ohm')}, off state {TEXT.prefixed(array['off_ohm'], 'Ohm')}, wires "
        f"{array['wire_ohm']:g} Ohm; read at {array['read_v']:g} V, codes of {array['adc_bits']} bits\n"
        f"means of {record['seeds']} random arrays of {record['reads']} reads; errors in LSB, products of level 1\n"
    )


def shown_value(sweep: str, value: float, numbers: Numbers) -> str:
    """A value of a property, with its unit as `numbers` writes it."""
    if sweep == WIRES:
        return f"{value:g} {numbers.ohm}"
    if sweep == TIME:
        return f"{value:g} s"
    if sweep in (RATIO, CYCLES):
        return numbers.figures(value, 6)
    return f"{100 * value:g} %"


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    sides = (str(row["size"]),) if row["sweep"] == WIRES else ()
    return (shown_value(row["sweep"], row["value"], TEXT), *sides, *measures(row))


def measures(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The means of a row, as `MEASURES`."""
    mean = {key: part["mean"] for key, part in row.items() if isinstance(part, Mapping)}
    return (
        f"{100 * mean['current_share']:.1f} %",
        f"{100 * mean['worst_column_share']:.1f} %",
        *(f"{mean[f'error_{name}_lsb']:.2f}" for name in ("rms", "mean")),
        f"{mean['error_worst_lsb']:.0f}",
        f"{100 * mean['clipped_share']:.1f} %",
        f"{100 * mean['decision_accuracy']:.1f} %",
    )


def _notes(record: Mapping[str, Any]) -> str:
    notes = list(wear_sentences(record["wear"], record["reasons"]))
    notes += [f"{name}: {why}" for name, why in record["reasons"].items() if name == TIME]
    return "".join(f"{textwrap.fill(note, WIDTH, subsequent_indent='  ')}\n" for note in notes)


def shown_cycles(cycles: float) -> str:
    """A number of cycles to three figures, with its noun."""
    return f"{cycles:.3g} cycles" if cycles >= 1.0 else "less than one cycle"


def wear_sentences(wear: Mapping[str, Any], reasons: Mapping[str, str]) -> Sequence[str]:
    """The cost of wear, in sentences."""
    fresh = f"decision accuracy before wear: {100 * wear['fresh_accuracy']:.1f} %"
    lost = f"{100 * wear['loss']:g} %"
    if wear["worn_out_share"] is None:
        return [fresh, f"cycles until a loss of {lost}: {reasons['worn_out_share']}"]
    share = f"{lost} of this accuracy is lost if {100 * wear['worn_out_share']:.2g} % of the cells are worn out"
    cycles = reasons["cycles"] if wear["cycles"] is None else shown_cycles(wear["cycles"])
    return [f"{fresh}; {share}", f"cycles until a loss of {lost}: {cycles}"]
