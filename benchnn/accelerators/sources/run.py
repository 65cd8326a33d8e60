"""A workload from the result of an inference: layers, measured densities, exits, and costs on its chips.

Only the record, inference.json, is read.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from benchnn.accelerators.sources.nir import why_not_chained
from benchnn.inference.coding import LATENCY
from benchnn.inference.record_keys import INFERENCE, RECORD, SCHEMA_VERSION
from benchnn.record.reading import read_record
from simcore.accelerators.workloads.workload import Layer, Workload
from simcore.errors import InputError, printable, require

ORIGINAL = "original"
STRETCHED = "latency coding extends over all steps, so the densities apply to {} steps only"
COSTS = ("energy_j", "latency_s", "energy_delay_js")
GEOMETRY = tuple(one.name for one in fields(Layer) if one.name != "input_density")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class RunOnChip:
    """Costs of the mean sample of a run on a chip.

    Parameters
    ----------
    chip, network
        Name of its sheet, and whether the network was the original or adapted to the chip.
    accuracy
        `share`, `low`, `high` and `samples`; None without labels.
    mean_steps
        Mean number of steps until the answer.
    costs
        `energy_j`, `latency_s` and `energy_delay_js`; None if a value is not known, with an entry in `reasons`.
    reasons, lower_bounds
        Key of a cost -> why it is None, or the figures that it leaves out.
    """

    chip: str
    network: str
    accuracy: Mapping[str, float] | None
    mean_steps: float
    costs: Mapping[str, float | None]
    reasons: Mapping[str, str]
    lower_bounds: Mapping[str, str]


@dataclass(frozen=True)
class MeasuredRun:
    """Measurements of a run without noise.

    Parameters
    ----------
    workload
        Layers with the densities of the row with most steps; with an early exit, steps after the last answer are
        omitted.
    exit_entropy
        Threshold of the early exit; None without early exit.
    row_steps
        Number of steps of the row.
    coding
        Coding of the samples; see `benchnn.inference.coding.CODINGS`.
    direct_products
        Number of products of a sample with the weights of the first layer, which direct coding computes outside of a
        chip.
    rows
        Rows of the record without noise and with this threshold.
    """

    workload: Workload
    exit_entropy: float | None
    row_steps: int
    coding: str
    direct_products: int
    rows: Sequence[Row]

    def require_steps(self, steps: int) -> None:
        """Refuse a number of steps to which the densities of the run do not apply.

        Raises
        ------
        InputError
            If the coding extends over all steps, and the run has another number of steps.
        """
        fits = self.coding != LATENCY or steps == self.workload.steps
        require(fits, "steps", steps, STRETCHED.format(self.row_steps))

    @property
    def accuracy(self) -> Mapping[str, float] | None:
        """Accuracy of the original network: `share`, `low`, `high` and `samples`; None without labels."""
        found: Mapping[str, float] | None = self._row(self.row_steps)["accuracy"]
        return found

    def exits(self, steps: int) -> tuple[int, ...]:
        """Number of samples that are answered after each of `steps` steps.

        Raises
        ------
        InputError
            If the run has no row with this number of steps.
        """
        return tuple(self._row(self._steps_of_row(steps))["exits"][:steps])

    def exit_shares(self, steps: int) -> tuple[float, ...] | None:
        """Shares of the samples that are answered after each of `steps` steps; None without early exit.

        Raises
        ------
        InputError
            If the run has no row with this number of steps.
        """
        if self.exit_entropy is None:
            return None
        exits = self.exits(steps)
        return tuple(count / sum(exits) for count in exits)

    def on_chip(self, chip: str, steps: int) -> RunOnChip | None:
        """Costs of `steps` steps on a chip; None if the run has no such row."""
        wanted = self._steps_of_row(steps)
        for row in self.rows:
            if row["steps"] == wanted and row["chip"] is not None and row["chip"].get("name") == chip:
                return _on_chip(row)
        return None

    def _steps_of_row(self, steps: int) -> int:
        return self.row_steps if steps == self.workload.steps else steps

    def _row(self, steps: int) -> Row:
        rows = [row for row in self.rows if row["network"] == ORIGINAL]
        found = [row for row in rows if row["steps"] == steps]
        known = ", ".join(str(value) for value in sorted({row["steps"] for row in rows}))
        require(len(found) > 0, "steps", steps, f"the steps in the record are {known}")
        return found[0]


def measured_run(folder: Path, exit_entropy: float | None = None) -> MeasuredRun:
    """Read the result of `benchnn infer` from a folder.

    Parameters
    ----------
    folder
        Folder with inference.json.
    exit_entropy
        Threshold of an early exit of the run; None for rows without early exit.

    Raises
    ------
    InputError
        If the record cannot be read, has no layers of weights or no row without noise and with this threshold, or is
        damaged; the message names the file and the reason.
    """
    path = folder / RECORD
    record = read_record(path, SCHEMA_VERSION, INFERENCE).values
    if not record.get("weighted_layers"):
        why = (record.get("reasons") or {}).get("weighted_layers") or "an older version wrote it; rerun benchnn infer"
        raise InputError(f"cannot use {path}: it has no layers of weights: {why}")
    model, data, coding = _parts(record, ("model", "data", "coding"), str(path))
    (model_name,), (data_file,) = _parts(model, ("name",), f"{path}: model"), _parts(data, ("file",), f"{path}: data")
    rows = _rows(record, exit_entropy, path)
    row = max((row for row in rows if row["network"] == ORIGINAL), key=lambda row: int(row["steps"]))
    last = max(step for step, count in enumerate(row["exits"], 1) if count)
    samples = sum(row["exits"])
    try:
        layers = tuple(_layer(one, row["input_densities"] or {}, last) for one in record["weighted_layers"])
        workload = Workload(
            printable(Path(model_name).name),
            printable(f"{Path(model_name).name} on {samples:,} samples of {Path(data_file).name}, {coding} coding"),
            layers,
            last,
            {"run": f"{path}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"},
            measured=True,
            why_not_chained=why_not_chained(layers, str(path)),
            note=STRETCHED.format(row["steps"]) if coding == LATENCY else None,
        )
    except InputError as error:
        raise InputError(f"cannot use {path}: {error}") from error
    products = record.get("direct_products") or 0
    return MeasuredRun(workload, exit_entropy, row["steps"], coding, products, rows)


def _parts(values: Any, keys: Sequence[str], where: str) -> list[Any]:
    """Values of keys, which must not be missing or null."""
    absent = next((key for key in keys if not isinstance(values, dict) or values.get(key) is None), None)
    if absent is not None:
        raise InputError(f"cannot use {where}: {absent} is missing")
    return [values[key] for key in keys]


def _rows(record: Mapping[str, Any], exit_entropy: float | None, path: Path) -> list[Row]:
    """Rows without noise and with a threshold, at least one of them of the original network."""
    rows: list[Row] = []
    thresholds = set()
    for place, row in enumerate(record.get("rows") or ()):
        where = f"{path}: rows.{place}"
        network, steps, noise = _parts(row, ("network", "steps", "noise"), where)
        threshold = row.get("exit_entropy")
        if network == ORIGINAL and noise == 0.0:
            thresholds.add(threshold)
        if noise != 0.0 or threshold != exit_entropy:
            continue
        exits, mean_steps = _parts(row, ("exits", "mean_steps"), where)
        if len(exits) != steps or None in exits or not any(exits):
            raise InputError(
                f"cannot use {where}: exits must be the numbers of answered samples, one for each of the {steps} steps"
            )
        optional = {key: row.get(key) for key in ("accuracy", "chip", "input_densities")}
        own = {"network": network, "steps": steps, "exits": exits, "mean_steps": mean_steps}
        rows.append({**optional, **own, "reasons": row.get("reasons") or {}})
    if exit_entropy not in thresholds:
        known = ", ".join(f"{one:g}" for one in sorted(thresholds - {None}))
        allowed = f"the thresholds in {path} are {known}" if known else f"{path} has no early exit"
        require(exit_entropy is None, "exit_entropy", exit_entropy, allowed)
        raise InputError(
            f"cannot use {path}: it contains no row of the original network with neither noise nor early exit"
        )
    return rows


def _layer(geometry: Any, densities: Mapping[str, Any], steps: int) -> Layer:
    """A layer with its densities in the first steps."""
    values = dict(zip(GEOMETRY, _parts(geometry, GEOMETRY, "weighted_layers"), strict=True))
    density = (densities.get(values["name"]) or [])[:steps]
    if len(density) < steps or None in density:
        raise InputError(f"input_densities.{values['name']} must be known for {steps} steps")
    return Layer(**values, input_density=tuple(density))


def _on_chip(row: Row) -> RunOnChip:
    chip = row["chip"]
    begin = "chip."
    reasons = {key.removeprefix(begin): why for key, why in row["reasons"].items() if key.startswith(begin) and why}
    unknown = {key: reasons.get(key, "the run does not state a reason") for key in COSTS if chip.get(key) is None}
    bounds = {key: left_out for key, left_out in (chip.get("lower_bounds") or {}).items() if left_out}
    costs = {key: chip.get(key) for key in COSTS}
    return RunOnChip(chip["name"], row["network"], row["accuracy"], row["mean_steps"], costs, unknown, bounds)
