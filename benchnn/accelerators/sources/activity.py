"""Activity of another simulator: shares of the inputs of layers that are not 0, from a CSV file.

The first line names the columns, ``layer,density`` or ``layer,step,density``; steps begin at 1. Lines that begin with
``#`` are comments. A density without a step applies to all steps.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from simcore.accelerators.workloads.workload import Workload
from simcore.errors import InputError, require, shown, suggestion
from simcore.recording.files import PathLike

HEADERS = (["layer", "density"], ["layer", "step", "density"])
MOST_BYTES = 1 << 26
MOST_STEPS = 1_000_000
Activity = Mapping[str, tuple[float, ...]]


def read_activity(path: PathLike) -> dict[str, tuple[float, ...]]:
    """Read the densities of the inputs of layers by step, or one number per layer if the file has no steps.

    Raises
    ------
    InputError
        If the file cannot be read, has other columns, a density outside of [0, 1], duplicate layers or steps, or
        missing steps; the message names file, line and value.
    """
    file = Path(path)
    lines = _lines(file)
    first, header = next(lines, (1, []))
    if header not in HEADERS:
        raise InputError(
            f"{file}, line {first}: {shown(','.join(header))} is not allowed: the first line must be layer,density "
            "or layer,step,density"
        )
    found: dict[str, dict[int, float]] = {}
    line_of: dict[str, int] = {}
    for line, cells in lines:
        where = f"{file}, line {line}"
        if len(cells) != len(header):
            columns = ",".join(header)
            raise InputError(f"{where}: {shown(','.join(cells))} is not allowed: must have the columns {columns}")
        layer, step = cells[0], _step(cells[1], where) if len(header) == 3 else 1
        require(layer != "", f"{where}: layer", layer, "use the name of a layer")
        of_layer = found.setdefault(layer, {})
        again = f"layer {layer}" + (f" already has step {step}" if len(header) == 3 else " already appears")
        if step in of_layer:
            raise InputError(f"{where}: {shown(','.join(cells))} is not allowed: {again} in an earlier line")
        of_layer[step] = _density(cells[-1], where)
        line_of.setdefault(layer, line)
    if not found:
        raise InputError(f"{file}, line {first}: the file has no layers")
    return {
        layer: _without_gaps(of_layer, layer, f"{file}, line {line_of[layer]}") for layer, of_layer in found.items()
    }


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty or a comment."""
    if not file.is_file():
        raise InputError(f"activity = {str(file)!r} does not exist", "activity", str(file))
    try:
        with open(file, encoding="utf-8-sig") as stream:
            text = stream.read(MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error
    if len(text) > MOST_BYTES:
        raise InputError(f"cannot read {file}: it has more than {MOST_BYTES:,} characters")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            (cells,) = csv.reader([line], strict=True)
        except (csv.Error, ValueError) as error:
            raise InputError(f"{file}, line {number}: {shown(line)} is not allowed: {error}") from error
        yield number, [cell.strip() for cell in cells]


def _step(text: str, where: str) -> int:
    allowed = f"must be an integer in [1, {MOST_STEPS}]"
    require(text.isascii() and text.isdigit() and len(text) <= 9, f"{where}: step", text, allowed)
    require(1 <= int(text) <= MOST_STEPS, f"{where}: step", text, allowed)
    return int(text)


def _density(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    # Python accepts underscores in numbers.
    require(0.0 <= value <= 1.0 and "_" not in text, f"{where}: density", text, "must be a number in [0, 1]")
    return value


def _without_gaps(of_layer: Mapping[int, float], layer: str, where: str) -> tuple[float, ...]:
    steps = max(of_layer)
    missing = next((step for step in range(1, steps + 1) if step not in of_layer), None)
    if missing is not None:
        raise InputError(f"{where}: layer {shown(layer)} has step {steps}, but step {missing} is missing")
    return tuple(of_layer[step] for step in range(1, steps + 1))


def with_activity(workload: Workload, activity: Activity) -> Workload:
    """A workload with the given densities of its layers; other layers keep their densities.

    Parameters
    ----------
    workload
        The workload.
    activity
        Densities of layers by step, or one for all steps, as returned by `read_activity`.

    Raises
    ------
    InputError
        If a layer does not belong to the workload, or its density is not known for all steps.
    """
    names = [layer.name for layer in workload.layers]
    for name in activity.keys() - set(names):
        near = suggestion(name, names) or f"; its layers are {', '.join(names[:30]) or 'unknown'}"
        raise InputError(f"activity of layer {shown(name)}: {workload.name} has no layer with this name{near}")
    layers = tuple(
        replace(layer, input_density=activity[layer.name]) if layer.name in activity else layer
        for layer in workload.layers
    )
    measured = workload.measured and not activity
    return replace(workload, layers=layers, measured=measured)
