"""The output of ``benchnn models``: the registered models, or one of them in detail."""

import inspect
import re
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from benchnn.declared_types import Declared, in_words
from benchnn.model_source import Model, describe_network, find_model, parameter_values
from simcore.display.text_table import aligned
from simcore.drives import Drive
from simcore.errors import InputError
from simcore.network import Dc, Network
from simcore.quantisation import WEIGHT_BITS
from simcore.registry.named import network_file


def model_list() -> str:
    """All registered models with their parameters."""
    from benchnn.models import descriptions, models

    blocks = []
    for name in models.names():
        why = models.unusable_because(name)
        if why is not None:
            blocks.append(f"{name}: {descriptions[name]}\n  not usable here: {why}\n")
            continue
        blocks.append(f"{name}: {descriptions[name]}\n{_parameters(find_model(name))}")
    for plug_in in models.plug_ins():
        if plug_in.problem is not None:
            blocks.append(f"{plug_in.name}: plug-in of {plug_in.origin}\n  not usable here: {plug_in.problem}\n")
            continue
        try:
            model = find_model(plug_in.name)
        except InputError as error:
            blocks.append(f"{plug_in.name}: plug-in of {plug_in.origin}\n  not usable here: {error}\n")
            continue
        heading = f"{plug_in.name}: {_summary(model)} (plug-in of {plug_in.origin})"
        blocks.append(f"{heading}\n{_parameters(model)}")
    blocks.append("benchnn models MODEL [--param KEY=VALUE ...] shows the populations and sizes of a network\n")
    return "\n".join(blocks)


def described(name: str, params: Mapping[str, str]) -> tuple[Model, dict[str, Any], Network]:
    """Return a model, its parameters, and the network that it describes with the given parameters.

    Raises
    ------
    InputError
        If the model or a parameter is unknown or wrong.
    """
    model = find_model(name)
    values = parameter_values(model, params, {})
    return model, values, describe_network(model, values)


def model_page(model: Model, given: Iterable[str], values: Mapping[str, Any], network: Network) -> str:
    """Describe one model, and its network with the given parameters, whose values are in `values`."""
    heading = f"{model.name}: {_summary(model)}".removesuffix(": ")
    chosen = ", ".join(f"{key}={values[key]}" for key in given)
    title = f"network with {chosen}" if chosen else "network"
    rounding = _rounding(network) if network_file(model.name) is not None else ""
    return f"{heading}\n{_parameters(model)}\n{title}\n{_network(network)}{rounding}"


def _summary(model: Model) -> str:
    """First line of the function's docstring."""
    return (inspect.getdoc(model.function) or "").partition("\n")[0]


def parameter_meanings(docstring: str) -> dict[str, str]:
    """Read the meaning of each parameter, in one line, from the section "Parameters" of a numpydoc docstring.

    Of parameters that share an entry, the first has the meaning, and the others refer to it.
    """
    match = re.search(r"^Parameters\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", docstring, re.DOTALL | re.MULTILINE)
    meanings: dict[str, str] = {}
    names: list[str] = []
    for line in match[1].splitlines() if match else []:
        if line and not line[0].isspace():
            names = [name.strip(" *") for name in line.partition(":")[0].split(",")]
        elif line.strip():
            meanings[names[0]] = f"{meanings.get(names[0], '')} {line.strip()}".strip()
            meanings |= dict.fromkeys(names[1:], f"See {names[0]}.")
    return meanings


def _parameters(model: Model) -> str:
    meanings = parameter_meanings(inspect.getdoc(model.function) or "")
    rows = []
    for name, parameter in model.parameters.items():
        default = "required" if parameter.required else f"= {_as_typed(parameter.default)}"
        rows.append((f"  {name}", default, f"{meanings.get(name, '')}{_choices(parameter)}"))
    return aligned(rows, "lll") if rows else "  no parameters\n"


def _as_typed(value: object) -> str:
    """A default value as the user types it after ``--param KEY=``."""
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _choices(parameter: Declared) -> str:
    """The choices of a `Literal`; the default shows other types."""
    return f" ({in_words(parameter.type)})" if typing.get_origin(parameter.type) is Literal else ""


def _drive(drive: Drive) -> str:
    """Name of a drive, with its current if this is one number."""
    if isinstance(drive, Dc) and not drive.arrays():
        return f"{drive.name} {drive.constant_current():g} pA"
    return drive.name


def _network(network: Network) -> str:
    total = network.expected_synapses()
    in_degrees = dict.fromkeys(network.first_ids, 0.0)
    for index, projection in enumerate(network.projections):
        in_degrees[projection.target] += projection.rule.expected_synapses(network.wiring(index))
    rows = [("  population", "neurons", "neuron model", "mean in-degree", "drives")]
    for population in network.populations:
        in_degree = in_degrees[population.name] / population.size
        given = [] if population.source is None else [f"source: {population.source.summary()}"]
        words = ", ".join([*given, *(_drive(drive) for _, drive in network.drives_of(population.name))])
        rows.append((f"  {population.name}", f"{population.size:,}", population.model, f"{in_degree:,.1f}", words))
    line = (
        f"  {network.n_neurons:,} neurons, {total:,.0f} synapses, {len(network.projections)} projections, "
        f"resolution {network.resolution_ms:g} ms\n"
    )
    return line + aligned(rows, "lrlrl")


def _rounding(network: Network) -> str:
    """A table of the changes of weights when they are rounded to integers."""
    from benchnn.networks.rounding import rounding_of

    rows: dict[tuple[str, str], list[str]] = {}
    for one in rounding_of(network):
        row = rows.setdefault((one.source, one.target), [f"  {one.source} -> {one.target}", f"{one.weights:,}"])
        row += [f"{100.0 * one.largest_move:.2g} %", f"{one.zeros:,}"]
    if not rows:
        return ""
    heads = [word for bits in WEIGHT_BITS for word in (f"{bits} bits", "become 0")]
    title = (
        "\nrounding of weights: the largest change, in percent of the largest weight, and how many weights become 0\n"
    )
    return title + aligned([("  projection", "weights", *heads), *map(tuple, rows.values())], "lrrrrrrr")
