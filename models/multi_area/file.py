"""Read a user's file of a network of areas: JSON with populations, and a row of numbers for each connection."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from simcore.network import InputError, require

from .connectome import Connectome, FloatArray

FORMAT = "benchnn areas 1"
KEYS = ("format", "external_rate_hz", "populations", "connections")
LARGEST = 1e12
"""Largest allowed number."""
POPULATION = ("area", "name", "neurons", "external_in_degree", "external_weight_pa", "rate_hz")
"""Keys of a population; a file has rate_hz for all of them or for none."""
CONNECTION = ("target", "source", "synapses", "weight_pa", "weight_sd_pa", "delay_ms", "delay_sd_ms")
"""The numbers of a row, in this order."""


def read_connectome(path: str) -> Connectome:
    """Read a file.

    Raises
    ------
    InputError
        If it cannot be read or is wrong; the message names the population or row, and the value.
    """
    content = _parsed(path)
    for key in KEYS:
        require(key in content, f"{path}: keys", sorted(content), f"{key} is missing")
    unknown = sorted(set(content) - set(KEYS))
    require(not unknown, f"{path}: keys", unknown, f"use {', '.join(KEYS)}")
    require(content["format"] == FORMAT, f"{path}: format", content["format"], f"use {FORMAT!r}")
    rate = _number(content["external_rate_hz"], f"{path}: external_rate_hz", 0.0)
    populations = content["populations"]
    listed = isinstance(populations, list) and len(populations) > 0
    require(listed, f"{path}: populations", populations, "must be a list of at least one population")
    for number, population in enumerate(populations):
        _check_population(population, f"{path}: populations[{number}]")
    labels = [f"{population['area']}-{population['name']}" for population in populations]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    require(not twice, f"{path}: populations", twice, "each AREA-NAME must occur only once")
    rated = [population for population in populations if "rate_hz" in population]
    allowed = "give rate_hz for all populations or for none"
    require(len(rated) in (0, len(populations)), f"{path}: populations with rate_hz", len(rated), allowed)
    columns = _connections(content["connections"], labels, f"{path}: connections")

    def of(key: str) -> FloatArray:
        return np.array([population[key] for population in populations], dtype=np.float64)

    return Connectome(
        tuple(population["area"] for population in populations),
        tuple(population["name"] for population in populations),
        of("neurons").astype(np.int64),
        of("external_in_degree"),
        of("external_weight_pa"),
        rate,
        of("rate_hz") if rated else None,
        columns[0].astype(np.int64),
        columns[1].astype(np.int64),
        *columns[2:],
    )


def _parsed(path: str) -> dict[str, Any]:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"file = {path!r} cannot be read: {error.strerror}", "file", path) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"file = {path!r} is not valid JSON: {' '.join(str(error).split())}", "file", path) from None
    require(isinstance(content, dict), f"{path}: content", type(content).__name__, "must be a JSON object")
    return dict(content)


def _check_population(population: Any, where: str) -> None:
    require(isinstance(population, dict), where, population, f"must be an object with {', '.join(POPULATION)}")
    for key in POPULATION[:-1]:
        require(key in population, where, population, f"{key} is missing")
    for key in population:
        require(key in POPULATION, where, key, f"use {', '.join(POPULATION)}")
    for key in ("area", "name"):
        text = population[key]
        require(isinstance(text, str) and text != "", f"{where}.{key}", text, "must be a non-empty string")
    for key, low in (("neurons", 1.0), ("external_in_degree", 0.0), ("external_weight_pa", -LARGEST), ("rate_hz", 0.0)):
        if key in population:
            _number(population[key], f"{where}.{key}", low)
    whole = float(population["neurons"]).is_integer()
    require(whole, f"{where}.neurons", population["neurons"], "must be a whole number")


def _number(value: Any, where: str, low: float) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    allowed = f"must be a number of at most {LARGEST:g}" if low < 0.0 else f"must be in [{low:g}, {LARGEST:g}]"
    require(plain and max(low, -LARGEST) <= value <= LARGEST, where, value, allowed)
    return float(value)


def _connections(rows: Any, labels: list[str], where: str) -> list[FloatArray]:
    """Columns of the connections; the first two are indices of populations."""
    require(isinstance(rows, list), where, rows, "must be a list of rows")
    for number, row in enumerate(rows):
        whole = isinstance(row, list) and len(row) == len(CONNECTION)
        require(whole, f"{where}[{number}]", row, f"must have {len(CONNECTION)} numbers: {', '.join(CONNECTION)}")
        for name, value in zip(CONNECTION, row, strict=True):
            _number(value, f"{where}[{number}], {name}", -LARGEST if name == "weight_pa" else 0.0)
    table = np.array(rows, dtype=np.float64).reshape(-1, len(CONNECTION))
    for column, name in enumerate(CONNECTION[:2]):
        values = table[:, column]
        wrong = np.flatnonzero((values >= len(labels)) | (values != np.floor(values)))
        first = int(wrong[0]) if len(wrong) else 0
        allowed = f"must be the index of a population, from 0 to {len(labels) - 1}"
        require(not len(wrong), f"{where}[{first}], {name}", rows[first][column] if rows else None, allowed)
    pairs = table[:, 0] * len(labels) + table[:, 1]
    _, firsts = np.unique(pairs, return_index=True)
    repeated = sorted(set(range(len(rows))) - set(firsts.tolist()))
    if repeated:
        require(False, f"{where}[{repeated[0]}]", rows[repeated[0]], "a pair of populations must have only one row")
    return list(np.ascontiguousarray(table.T))
