"""A network on the cores of a chip: which published limits it exceeds. ``benchnn map``."""

from collections.abc import Mapping
from typing import Any

from benchnn.declared_types import from_text
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.text_table import aligned
from simcore.errors import InputError, require
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.constraints import check_limits, chips_needed
from simcore.neuromorphic.demand import core_demand
from simcore.neuromorphic.mapping import make_mapping
from simcore.random import MAX_SEED

USUAL_WEIGHT_BITS = 8


def map_network(
    name: str,
    params: Mapping[str, str],
    chip_name: str,
    mapper: str,
    neurons_per_core: str | None,
    weight_bits: str | None,
    seed: str,
) -> dict[str, Any]:
    """Map a network and check the limits of a chip.

    Parameters
    ----------
    name, params
        The model, and its parameters as text.
    chip_name
        A name of a sheet, or the path of one.
    mapper
        See `simcore.neuromorphic.mapping.make_mapping`.
    neurons_per_core, weight_bits, seed
        Whole numbers, as text; None where not given.

    Raises
    ------
    InputError
        If something is wrong with the user's input.
    """
    chip = load_chip(chip_name)
    model = find_model(name)
    parameters = parameter_values(model, params, {})
    network = describe_network(model, parameters)
    number = _integer(seed, "seed")
    require(0 <= number <= MAX_SEED, "seed", number, f"must lie in [0, {MAX_SEED}]")
    most = chip.count("neurons_per_core")
    if neurons_per_core is None and most is None:
        raise InputError(
            f"neurons_per_core is missing: {chip.name} has no limit ({chip.why_absent('neurons_per_core')}); give "
            "--neurons-per-core N"
        )
    per_core = most if neurons_per_core is None else _integer(neurons_per_core, "neurons_per_core")
    assert per_core is not None  # noqa: S101 - refused above
    widest = chip.count("weight_bits_max") or USUAL_WEIGHT_BITS
    bits = min(widest, USUAL_WEIGHT_BITS) if weight_bits is None else _integer(weight_bits, "weight_bits")
    require(1 <= bits <= 32, "weight_bits", bits, "must lie in [1, 32]")
    mapping = make_mapping(mapper, network.n_neurons, per_core, number)
    demand = core_demand(network, number, mapping, chip.packing, bits)
    checks = check_limits(chip, demand, bits)
    return {
        "model": {"name": name, "parameters": parameters, "neurons": network.n_neurons},
        "chip": chip.name,
        "mapper": mapper,
        "neurons_per_core": per_core,
        "weight_bits": bits,
        "seed": number,
        "synapses": int(demand.synapses.sum()),
        "cores": mapping.cores,
        "chips": chips_needed(chip, demand),
        "limits": [
            {
                "quantity": check.quantity,
                "allowed": check.allowed,
                "largest": check.largest,
                "place": check.place,
                "over": check.over,
                "reason": check.reason,
            }
            for check in checks
        ],
        "exceeded": [check.quantity for check in checks if check.violated],
    }


def _integer(text: str, field: str) -> int:
    value = from_text(text, int, field)
    assert isinstance(value, int)  # noqa: S101 - from_text refuses what is none
    return value


def to_text(record: Mapping[str, Any]) -> str:
    """The limits as a table, and the verdict."""
    chips = "an unknown number of chips" if record["chips"] is None else _count(record["chips"], "chip")
    head = (
        f"{record['model']['name']} on {record['chip']}: {_count(record['model']['neurons'], 'neuron')}, "
        f"{record['synapses']:,} synapses of {record['weight_bits']} bits, {record['mapper']}, at most "
        f"{_count(record['neurons_per_core'], 'neuron')} a core\n{_count(record['cores'], 'core')}, {chips}\n\n"
    )
    rows = [("limit", "allowed", "largest", "at", "verdict")]
    for limit in record["limits"]:
        verdict = limit["reason"] or ("fits" if not limit["over"] else f"EXCEEDED at {_count(limit['over'], 'place')}")
        numbers = ("-" if limit[key] is None else f"{limit[key]:,}" for key in ("allowed", "largest"))
        rows.append((limit["quantity"], *numbers, limit["place"], verdict))
    exceeded = record["exceeded"]
    end = f"does not fit: {', '.join(exceeded)}" if exceeded else "no published limit is exceeded"
    return f"{head}{aligned(rows, 'lrrll')}\n{end}\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
