"""Neurons of the node types: NEST's models and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.networks.sonata.attributes import DYNAMICS, Attributes
from benchnn.networks.sonata.configuration import component
from benchnn.networks.sonata.json_file import read_json
from benchnn.networks.sonata.types_table import TypesTable
from simcore.errors import InputError
from simcore.neurons import NeuronModel, neuron_models

VIRTUAL = "virtual"
POINT = ("point_neuron", "point_process")
"""The name in the specification, and the one in older files."""
PREFIX = "nest:"
TEMPLATES = ("iaf_psc_exp", "iaf_psc_alpha", "iaf_psc_delta", "iaf_cond_exp", "izhikevich", "aeif_cond_exp")
SWITCHES = ("refractory_input",)
"""Parameters that are boolean in NEST."""
Value = float | npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Neurons:
    """Neuron model and parameters of nodes.

    Parameters
    ----------
    model
        Name of the neuron model; None for virtual nodes.
    params, initial
        Values of parameters and initial values of state variables: one number, or one for each node.
    """

    model: str | None
    params: Mapping[str, Value]
    initial: Mapping[str, Value]


def models_of(nodes: Attributes) -> dict[int, str | None]:
    """Name of the neuron model of each node type of a population; None for virtual nodes.

    Raises
    ------
    InputError
        If there is no table of types, or a type is not supported.
    """
    if nodes.types is None:
        raise nodes.error("has no table of node types, which gives the neuron models: set node_types_file")
    return {type_id: _model_of(nodes.types, type_id) for type_id in nodes.used_types}


def neurons_of(nodes: Attributes, name: str | None, folder: Path | None, v_init: float | None) -> Neurons:
    """Parameters and initial values of nodes of one model.

    Parameters
    ----------
    nodes
        The nodes.
    name
        Name of the model; None for virtual nodes.
    folder
        Folder of the JSON files with parameters.
    v_init
        Initial potential of nodes whose parameters give none, mV. The default is NEST's: the default of `E_L`, whatever
        the value of `E_L` is.

    Raises
    ------
    InputError
        If a parameter is unknown, or is not a number.
    """
    if name is None or nodes.types is None:
        return Neurons(None, {}, {})
    model = neuron_models.get(name)
    stated = {type_id: _stated(nodes.types, type_id, folder, model) for type_id in nodes.used_types}
    variables = [variable.name for variable in model.variables]
    own = [of.partition("/")[2] for of in nodes.own_names() if of.startswith(f"{DYNAMICS}/")]
    for of in own:
        _require_known(of, model, f"{nodes.file}: {nodes.place}: {DYNAMICS}")
    given = dict.fromkeys([of for values in stated.values() for of in values] + own)
    params = {of: _each(nodes, of, stated, model.parameter(of).default) for of in given if of not in variables}
    start = _start(model, v_init)
    initial = {of: _each(nodes, of, stated, start[of]) for of in variables if of in given or of == "V_m"}
    return Neurons(name, params, initial)


def _model_of(types: TypesTable, type_id: int) -> str | None:
    """Name of the neuron model of a type; None if it is virtual."""
    model_type = types.text(type_id, "model_type")
    if model_type == VIRTUAL:
        return None
    if model_type not in POINT:
        raise types.error(type_id, "model_type", f"use {POINT[0]}, the older {POINT[1]}, or {VIRTUAL}")
    if types.text(type_id, "model_processing") is not None:
        raise types.error(type_id, "model_processing", "functions that create neurons are not supported")
    template = types.text(type_id, "model_template") or ""
    name = template.removeprefix(PREFIX)
    if not template.startswith(PREFIX) or name not in TEMPLATES:
        supported = ", ".join(f"{PREFIX}{one}" for one in TEMPLATES)
        raise types.error(type_id, "model_template", f"use {supported}")
    return name


def _stated(types: TypesTable, type_id: int, folder: Path | None, model: NeuronModel) -> dict[str, float]:
    """Values in the file of parameters of a type."""
    file = types.text(type_id, DYNAMICS)
    if file is None:
        return {}
    needed_by = f"{types.file}, line {types.lines[type_id]}: {DYNAMICS}"
    section = read_json(component(folder, file, needed_by))
    values = {}
    for name, value in section.values.items():
        _require_known(name, model, str(section.file))
        values[name] = float(value) if name in SWITCHES and isinstance(value, bool) else section.number(name)
    return values


def _require_known(name: str, model: NeuronModel, where: str) -> None:
    known = [*(parameter.name for parameter in model.parameters), *(variable.name for variable in model.variables)]
    if name not in known:
        raise InputError(f"{where}: unknown parameter {name!r}: {model.name} has {', '.join(known)}", name)


def _start(model: NeuronModel, v_init: float | None) -> dict[str, float]:
    """Initial values of NEST's neurons; the potential does not depend on E_L."""
    found = {}
    for variable in model.variables:
        of = variable.initial
        default = model.parameter(of).default if isinstance(of, str) else of
        found[variable.name] = float(default)
    return found if v_init is None else {**found, "V_m": v_init}


def _each(nodes: Attributes, name: str, stated: Mapping[int, Mapping[str, float]], default: object) -> Value:
    """One value for all nodes, or one for each node."""
    values = np.full(len(nodes), default, dtype=np.float64)
    for type_id, given in stated.items():
        if name in given:
            values[nodes.type_ids == type_id] = given[name]
    for group in nodes.groups:
        if f"{DYNAMICS}/{name}" in group.values:
            values[group.members] = group.values[f"{DYNAMICS}/{name}"]
    return nodes.one_or_each(values, f"{DYNAMICS}/{name}")
