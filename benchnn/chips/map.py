"""A network on the cores of a chip: limits and expected messages, for ``benchnn map``."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchnn.chips.expected import bound_record, bound_text
from benchnn.chips.expected_links import expected_on_links
from benchnn.chips.expected_step import step_record, step_text
from benchnn.chips.mapping_files import GIVEN_BY_MAPPING, given_mapping, mapping_of
from benchnn.declared_types import from_text
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.record.reading import read_run
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.errors import InputError, require
from simcore.network import Network
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions, examine_on_chip
from simcore.neuromorphic.mapping.adaptation import Fitted, may_adapt
from simcore.neuromorphic.mapping.chip_bound import chip_bound
from simcore.neuromorphic.mapping.core_mapping import OBJECTIVES, rates_of_neurons
from simcore.neuromorphic.mapping.files import write_mapping
from simcore.neuromorphic.mapping.limits import Check, chips_needed
from simcore.neuromorphic.places.placing import IN_ORDER
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.expected import expected_traffic
from simcore.random import MAX_SEED
from simcore.values import usable_path

USUAL_RATE_HZ = "1"
AIMS = ("cores", "objective", "effort")
"""Options of mappers that have no meaning with a mapping file."""
USUAL_MAPPERS = {"hops": "anneal", "link": "anneal", "step_time": "balanced"}
"""Default mapper of each objective; in_order for all others."""


@dataclass(frozen=True)
class MapOptions:
    """Options of ``benchnn map``, as text; None where not given."""

    chip: str
    mapper: str | None
    neurons_per_core: str | None
    weight_bits: str | None
    rates: str | None
    on_violation: str
    seed: str
    place: str | None = None
    mapping: str | None = None
    mapping_out: str | None = None
    cores: str | None = None
    objective: str | None = None
    effort: str | None = None


@dataclass(frozen=True, eq=False)
class PlannedMap:
    """A network and a chip, before anything is mapped.

    Parameters
    ----------
    chip, network, parameters
        The sheet, the description, and the parameters of the model.
    rates
        Expected mean rate of each population, 1/s.
    how
        Options for mapping the network onto the chip.
    """

    chip: Chip
    network: Network
    parameters: dict[str, Any]
    rates: dict[str, float]
    how: FitOptions


def plan_map(name: str, params: Mapping[str, str], options: MapOptions) -> PlannedMap:
    """Read chip, network, rates and mapping file.

    Raises
    ------
    InputError
        If an input is wrong.
    """
    may_adapt(options.on_violation)
    asked = {name: getattr(options, name) for name in GIVEN_BY_MAPPING}
    if options.mapping is not None:
        for field in AIMS:
            value = getattr(options, field)
            require(value is None, field, value, "omit it, because the mapping file (--mapping) determines it")
    if options.mapping_out is not None:
        usable_path(options.mapping_out, "mapping_out")
    chip = load_chip(options.chip)
    model = find_model(name)
    parameters = parameter_values(model, params, {})
    network = describe_network(model, parameters)
    seed = _integer(options.seed, "seed")
    assert seed is not None  # noqa: S101 - it has a default
    require(0 <= seed <= MAX_SEED, "seed", seed, f"must be in [0, {MAX_SEED}]")
    rates = read_rates(options.rates or USUAL_RATE_HZ, network)
    how = FitOptions(
        options.mapper or USUAL_MAPPERS.get(options.objective or "", "in_order"),
        seed,
        _integer(options.neurons_per_core, "neurons_per_core"),
        _integer(options.weight_bits, "weight_bits"),
        options.on_violation,
        place=options.place or IN_ORDER,
        given=given_mapping(options.mapping, asked),
        cores=_integer(options.cores, "cores"),
        objective=options.objective or OBJECTIVES[0],
        effort=_integer(options.effort, "effort"),
    )
    return PlannedMap(chip, network, parameters, rates, how)


def map_network(name: str, params: Mapping[str, str], options: MapOptions) -> dict[str, Any]:
    """Map a network, check the limits of a chip, and compute the messages that the cores would send.

    Parameters
    ----------
    name, params
        The model, and its parameters as text.
    options
        Options of the mapping.

    Raises
    ------
    InputError
        If an input is wrong.
    """
    planned = plan_map(name, params, options)
    chip, network, rates, how = planned.chip, planned.network, planned.rates, planned.how
    fitted = examine_on_chip(network, chip, how, rates_of_neurons(network, rates))
    made = mapping_of(network, chip, how, fitted)
    if options.mapping_out is not None:
        write_mapping(options.mapping_out, made)
    return {
        "model": {"name": name, "parameters": planned.parameters, "neurons": network.n_neurons},
        "chip": chip.name,
        "mapper": made.mapping.mapper,
        "place": made.place or None,
        "neurons_per_core": fitted.neurons_per_core,
        "weight_bits": fitted.weight_bits,
        "seed": how.seed,
        "on_violation": options.on_violation,
        "synapses": int(fitted.demand.synapses.sum()),
        "cores": fitted.mapping.cores,
        "chips": chips_needed(chip, fitted.mapping.cores),
        "least_chips": _least_chips(chip, network, fitted),
        "published": next((asdict(known) for known in chip.networks if known.model == name), None),
        "limits": [limit_record(check) for check in fitted.checks],
        "exceeded": [check.quantity for check in fitted.checks if check.violated],
        "refusal": fitted.refusal,
        "adaptation": fitted.adaptation,
        "expected": {"rates_hz": rates, **_traffic(fitted, network, chip, rates, how.seed)},
        "network_sha256": made.network_sha256,
        "sheet_sha256": made.sheet_sha256,
    }


def _least_chips(chip: Chip, network: Network, fitted: Fitted) -> dict[str, Any]:
    """The fewest chips that the published capacities allow, for a record."""
    synapses = int(fitted.demand.synapses.sum())
    bound = chip_bound(chip, network.n_neurons, synapses, fitted.weight_bits)
    capacities = [{**asdict(capacity), "chips": capacity.chips} for capacity in bound.capacities]
    return {"chips": bound.chips, "capacities": capacities, "unknown": bound.unknown}


def limit_record(check: Check) -> dict[str, Any]:
    """One limit, as for a record."""
    return {
        "quantity": check.quantity,
        "allowed": check.allowed,
        "largest": check.largest,
        "place": check.place,
        "over": check.over,
        "places": check.places,
        "reason": check.reason,
        "merging": None if check.merging is None else asdict(check.merging),
    }


def _traffic(fitted: Fitted, network: Network, chip: Chip, rates: Mapping[str, float], seed: int) -> dict[str, Any]:
    rates_hz = rates_of_neurons(network, rates)
    expected = expected_traffic(fitted.demand, rates_hz)
    bound, reasons = bound_record(network, rates_hz, int(fitted.demand.neurons.max()))
    step, step_reasons = step_record(fitted.network, chip, fitted, rates_hz, seed)
    links, link_reasons = expected_on_links(chip, fitted, rates_hz)
    return {
        "messages_per_s": expected.messages_per_s,
        "messages_per_step": expected.messages_per_s * network.resolution_ms / 1000.0,
        "synaptic_events_per_s": expected.synaptic_events_per_s,
        "own_core_events_per_s": expected.own_core_events_per_s,
        "messages_bound_per_s": bound,
        "neurons_of_fullest_core": int(fitted.demand.neurons.max()),
        **links,
        **step,
        "reasons": reasons | link_reasons | step_reasons,
    }


def _integer(text: str | None, field: str) -> int | None:
    value = None if text is None else from_text(text, int, field)
    assert value is None or isinstance(value, int)  # noqa: S101 - from_text refuses what is none
    return value


def to_text(record: Mapping[str, Any]) -> str:
    """The limits as a table, the expected traffic, the adaptations, and the verdict."""
    chips = "an unknown number of chips" if record["chips"] is None else counted(record["chips"], "chip")
    head = (
        f"{record['model']['name']} on {record['chip']}: {counted(record['model']['neurons'], 'neuron')}, "
        f"{record['synapses']:,} synapses of {record['weight_bits']} bits, "
        f"{record['mapper']}{_placed(record)}, at most "
        f"{counted(record['neurons_per_core'], 'neuron')} per core\n{counted(record['cores'], 'core')}, {chips}\n\n"
    )
    rows = [("limit", "allowed", "largest", "at", "verdict")]
    for limit in record["limits"]:
        over = f"EXCEEDED at {limit['over']:,} of {counted(limit['places'], 'place')}"
        verdict = limit["reason"] or (over if limit["over"] else "fits") + _merging_text(limit["merging"])
        numbers = (TEXT.count(limit[key]) for key in ("allowed", "largest"))
        rows.append((limit["quantity"], *numbers, limit["place"], verdict))
    parts = [aligned(rows, "lrrll"), _expected_text(record["expected"]), *_adapted_text(record["adaptation"])]
    end = record["refusal"] or "no published limit is exceeded"
    return head + "\n".join((*parts, _least_text(record), f"{end}\n"))


def _least_text(record: Mapping[str, Any]) -> str:
    """The fewest chips with the reason, the capacities that are not known, and the published number of chips."""
    least = record["least_chips"]
    lines = []
    if least["chips"] is not None:
        binding = max(least["capacities"], key=lambda one: one["demanded"] / one["per_chip"])
        share = TEXT.share(binding["demanded"], binding["per_chip"])
        lines.append(
            f"at least {counted(least['chips'], 'chip')}, whatever the mapping: {binding['demanded']:,} "
            f"{binding['counted']}, {share} of {binding['quantity']}"
        )
        others = (f"{one['quantity']} {one['chips']:,}" for one in least["capacities"] if one is not binding)
        lines.append(f"  chips by the other published capacities: {', '.join(others) or 'none'}")
    if least["unknown"]:
        lines.append(f"  unknown and therefore not considered: {', '.join(least['unknown'])}")
    if record["published"] is not None:
        published = record["published"]
        note = "" if published["note"] is None else f"; {published['note']}"
        sources = ", ".join(published["sources"])
        lines.append(f"published: {counted(published['chips'], 'chip')} [{sources}]{note}")
    return "".join(f"{line}\n" for line in lines)


def _merging_text(merging: Mapping[str, int] | None) -> str:
    if merging is None:
        return ""
    return f"; {merging['unmerged']:,} before merging, {counted(merging['different_routes'], 'different route')}"


def _expected_text(expected: Mapping[str, Any]) -> str:
    rates = sorted(set(expected["rates_hz"].values()))
    fired = f"{rates[0]:g}" if len(rates) == 1 else f"{rates[0]:g} to {rates[-1]:g}"
    events, own = expected["synaptic_events_per_s"], expected["own_core_events_per_s"]
    share = f", {TEXT.share(own, events)} of them in the core of the source neuron" if events else ""
    links = ""
    if expected["mean_hops"] is not None:
        links = (
            f"{expected['hops_per_s']:,.0f} hops/s between routers, {expected['mean_hops']:.4g} per message; "
            f"{expected['busiest_link_messages_per_s']:,.0f} messages/s on the busiest link\n"
        )
    return (
        f"expected at {fired} spikes/s per neuron: {expected['messages_per_s']:,.0f} messages/s between cores "
        f"({expected['messages_per_step']:,.4g} per step), {events:,.0f} synaptic events/s{share}\n"
        f"{bound_text(expected)}{links}{step_text(expected)}"
    )


def _placed(record: Mapping[str, Any]) -> str:
    """The placement of the cores, if they are not in order."""
    return "" if record["place"] in (IN_ORDER, None) else f", cores placed by {record['place']}"


def _adapted_text(adaptation: Mapping[str, Any] | None) -> list[str]:
    if adaptation is None:
        return []
    before, after = adaptation["cores_before"], adaptation["cores_after"]
    changes = []
    if after > before:
        moved = counted(adaptation["neurons_moved"], "neuron")
        changes.append(f"{counted(before, 'core')} split into {after:,}, {moved} moved")
    if adaptation["weights"]:
        shares = (TEXT.share(adaptation[key]) for key in ("mean_change_max", "sd_change_max"))
        changed = "mean changed by at most {}, standard deviation by at most {}".format(*shares)
        weights = counted(adaptation["synapses_quantised"], "weight")
        changes.append(f"{weights} rounded to {adaptation['weight_bits']} bits ({changed})")
    if adaptation["delays_clamped"]:
        delays = counted(adaptation["delays_clamped"], "delay")
        changes.append(f"{delays} shortened to {counted(adaptation['delay_steps_max'], 'step')}")
    return [f"adapted: {'; '.join(changes)}\n"]


def read_rates(text: str, network: Network) -> dict[str, float]:
    """Expected mean rate of each population, 1/s.

    Parameters
    ----------
    text
        One number for all populations, or the folder of a result, whose measured rates are used.
    network
        The network; the result must have a rate for each of its populations.

    Raises
    ------
    InputError
        If the text is neither a number nor a result with rates of these populations.
    """
    names = list(network.first_ids)
    try:
        given = dict.fromkeys(names, float(text))
    except ValueError:
        given = _measured(Path(text))
    for name in names:
        rate = given.get(name)
        allowed = "must be a finite rate >= 0, in 1/s"
        plain = isinstance(rate, int | float) and not isinstance(rate, bool) and math.isfinite(rate) and rate >= 0.0
        require(plain, f"rate of {name}", rate, allowed)
    return {name: float(given[name]) for name in names}


def _measured(folder: Path) -> dict[str, float]:
    require(folder.exists(), "rates", str(folder), "use a number in 1/s, or the folder of a result")
    try:
        rates = read_run(folder).get("mean_rate_hz")
    except InputError as error:
        raise InputError(f"rates = {str(folder)!r} cannot be used: {error}") from error
    require(isinstance(rates, dict), "rates", str(folder), "use a result whose record contains mean_rate_hz")
    assert isinstance(rates, dict)  # noqa: S101 - refused above
    return rates
