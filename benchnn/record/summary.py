"""The summary at the end of a run, using only the record."""

from collections.abc import Sequence

from benchnn.record.plasticity import plastic_lines
from benchnn.record.ranks import Statistics
from benchnn.record.result import Result
from benchnn.record.waits import waits_text
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted, every

MOST_POPULATIONS = 40
"""Number of populations above which only those with the highest and lowest rates have their own lines."""
EXTREMES = 8
"""Number of populations with the highest, and with the lowest, rates in a short summary."""


def summary(result: Result) -> str:
    """Format network, speed, phases, rates, memory and digests in a few blocks of text."""
    chip = _chip(result)
    speed = [_network(result), _speed(result), _phases(result)]
    blocks = [*speed, chip, _rates(result), _plasticity(result), _memory(result), _digests(result)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _chip(result: Result) -> list[str]:
    if result.chip is None:
        return []
    from benchnn.record.chip_summary import chip_lines

    return chip_lines(result.chip, result.reasons)


def _network(result: Result) -> list[str]:
    model, backend, layout = result.model, result.backend, result.layout
    line = f"{model.name}: {model.neurons:,} neurons, {model.synapses:,} synapses, "
    line += counted(len(model.populations), "population")
    delays = "" if model.min_delay_ms is None else f"delays {model.min_delay_ms:g} to {model.max_delay_ms:g} ms, "
    if model.min_delay_ms is not None and model.min_delay_ms == model.max_delay_ms:
        delays = f"delay {model.min_delay_ms:g} ms, "
    exchange = "" if backend.exchange is None else f", {backend.exchange} exchange"
    hosts = layout["hosts"][0] if len(layout["hosts"]) == 1 else f"{len(layout['hosts'])} hosts"
    return [
        line,
        f"{delays}resolution {model.resolution_ms:g} ms, seed {result.seed}",
        _simulated_by(result),
        f"{counted(layout['ranks'], 'rank')} x {counted(layout['threads_per_rank'], 'thread')} on {hosts}{exchange}",
        *_placement(result),
        *_not_pinned(result),
        *(f"adapted: {adaptation}" for adaptation in backend.adaptations),
        *(f"differs: {difference}" for difference in result.simulator.differences),
    ]


def _placement(result: Result) -> list[str]:
    part = result.layout["placement"]
    if part is None:
        return []
    groups = "" if part["groups"] == 1 else f", {part['groups']} groups of ranks"
    line = f"placement {part['name']}{groups}: expected load imbalance {part['expected_load_imbalance']:.3f}"
    traffic = part["expected_traffic"]
    within, between = (part["exchange_interval_steps"][name] for name in ("within_groups", "between_groups"))
    intervals = []
    if between > within:
        intervals = [f"spikes are exchanged {every(within)} within groups of ranks, {every(between)} between them"]
    if traffic is None:
        return [line, *intervals]
    share, destinations = TEXT.share(traffic["leaving_share"], 1.0), TEXT.figures(traffic["destinations"])
    sent = f"{TEXT.figures(traffic['bytes_per_step'])} bytes of spikes per step"
    line = f"{line}, {share} of the spikes leave their rank, a neuron has targets on {destinations} other ranks, {sent}"
    return [line, *intervals]


def _not_pinned(result: Result) -> list[str]:
    """A warning that threads may share CPUs, which affects times; only for the backend that pins threads."""
    why = result.reasons.get("layout.pinned_cpus")
    return [f"threads are not pinned: {why}"] if why is not None and result.backend.name == "cpu" else []


def _simulated_by(result: Result) -> str:
    simulator, backend = result.simulator, result.backend
    if backend.delivery is None:
        bits = "" if backend.weight_bits is None else f", {backend.weight_bits}-bit weights"
        what = f"{simulator.name} {simulator.version}, {simulator.mode}, {simulator.connectivity} connectivity"
        return f"{what}, {backend.precision}{bits}"
    numbers = f"{backend.precision}, {backend.weight_bits}-bit weights"
    return f"{backend.name} backend, {numbers}, delivery {backend.delivery} ({backend.delivery_reason})"


def _speed(result: Result) -> list[str]:
    if result.real_time_factor is None:
        return [f"real-time factor  not measured: {result.reasons['real_time_factor']}"]
    propagation, time = result.wall_s["propagation"].max, result.time
    before = f"after {time['warmup_ms']:,g} ms of warm-up"
    if time["resumed_at_ms"] is not None:
        before = f"resumed at {time['resumed_at_ms']:,g} ms"
    rows = [
        (
            "real-time factor",
            TEXT.figures(result.real_time_factor),
            f"{propagation:.3f} s for {time['timed_ms']:,g} ms of model time, {before}",
        ),
        ("spikes", TEXT.count(result.spikes), _active(result)),
    ]
    suppressed = sum((result.suppressed_spikes or {}).values())
    if suppressed:
        rows.append(("suppressed", f"{suppressed:,}", "warning: second spikes of a neuron in a step were not sent"))
    if result.synaptic_events is not None:
        rate = result.synaptic_events_per_s or 0.0
        each = _each(result.phases_s["deliver"], round(rate * propagation))
        text = f"{each}{TEXT.scaled(rate)} per second of wall time"
        rows.append(("synaptic events", f"{result.synaptic_events:,}", text))
    updates = round((time["timed_ms"] or 0.0) / result.model.resolution_ms) * result.model.neurons
    skipped = round((result.skipped_update_share or 0.0) * updates)
    per_update = _each(result.phases_s["update"], updates - skipped).removesuffix(", ")
    rows.append(("neuron updates", f"{updates - skipped:,}", per_update))
    if skipped:
        rows.append(
            ("  skipped", f"{skipped:,}", f"{TEXT.share(skipped, updates)} of all updates, of neurons exactly at rest")
        )
    return _lines([*rows, *_energy(result)], "lrl")


def _active(result: Result) -> str:
    """Number of neurons that fired, if known for all populations."""
    active = result.active_neurons or {}
    if set(active) != set(result.model.populations):
        return ""
    return f"of {counted(sum(active.values()), 'active neuron')}"


def _energy(result: Result) -> list[tuple[str, str, str]]:
    """Energy of the state propagation and its coverage, or the reason why it is unknown."""
    part, each_uj = result.energy, result.energy_per_synaptic_event_uj
    rows = []
    if part is None or part.propagation_j is None:
        # The record contains the reason of every meter.
        why = result.reasons["energy_per_synaptic_event_uj"].partition(" (")[0]
        rows.append(("energy per event", "-", f"not measured: {why}"))
    else:
        nodes = "" if len(part.hosts) == 1 else f" of {len(part.hosts)} nodes"
        idle = "" if part.idle_w is None else f", idle {part.idle_w:.4g} W"
        what = f"{TEXT.joules(part.propagation_j)}, {part.mean_power_w:.4g} W of {', '.join(part.covers)}{nodes}{idle}"
        rows.append(("energy per event", "-" if each_uj is None else f"{TEXT.figures(each_uj)} uJ", what))
    estimate = result.energy_estimate
    if estimate is not None:
        each = "-" if estimate.per_synaptic_event_uj is None else f"{estimate.per_synaptic_event_uj:.4g} uJ"
        rows.append(("estimated", each, estimate.basis))
    return rows


def _phases(result: Result) -> list[str]:
    """Mean over threads, as a share of the slowest rank's wall time; time outside of all phases is `other`."""
    propagation = result.wall_s["propagation"]
    rows = [("state propagation", "s", "share", "busiest thread")]
    timed = 0.0
    for phase, seconds in result.phases_s.items():
        if seconds is None:
            continue
        timed += seconds.mean
        rows.append(
            (f"  {phase}", f"{seconds.mean:.3f}", TEXT.share(seconds.mean, propagation.max), f"{seconds.max:.3f} s")
        )
        if phase == "communicate" and result.communication is not None:
            exchange = result.communication["exchange_s"]
            share = TEXT.share(exchange.mean, propagation.max)
            rows.append(("    exchange of ranks", f"{exchange.mean:.3f}", share, f"{exchange.max:.3f} s"))
    if result.real_time_factor is None:
        return []
    if len(rows) == 1:
        return [_before(result)]
    other = max(0.0, propagation.max - timed)
    rows.append(("  other", f"{other:.3f}", TEXT.share(other, propagation.max), ""))
    return [*_lines(rows, "lrrr"), *_imbalance(result), *_waits(result), _before(result)]


def _imbalance(result: Result) -> list[str]:
    """The work of the busiest thread divided by the mean."""
    known = [f"{phase} {ratio:.2f}" for phase, ratio in result.load_imbalance.items() if ratio is not None]
    many = result.layout["ranks"] * result.layout["threads_per_rank"] > 1
    return [f"load imbalance (busiest thread over mean): {', '.join(known)}"] if known and many else []


def _waits(result: Result) -> list[str]:
    waited = waits_text(result.thread_waits_log2_ns or [], TEXT)
    return [] if waited is None else [f"threads waited for each other {waited}"]


def _before(result: Result) -> str:
    construction, preparation, compiling = (result.wall_s[k].max for k in ("construction", "preparation", "compile"))
    routing = result.wall_s["routing"].max
    learned = f"{routing:.3f} s determining the routing, " if routing > 0.0 else ""
    return (
        f"before: {preparation:.3f} s preparation, {compiling:.3f} s loading or compiling kernels, "
        f"{construction:.3f} s network construction, {learned}{result.wall_s['warmup'].max:.3f} s warm-up"
    )


def _rates(result: Result) -> list[str]:
    """Rates of all populations; if there are many, the highest and lowest rates, and the mean of the others."""
    if result.mean_rate_hz is None:
        return []
    rates, active = result.mean_rate_hz, result.active_neurons
    rows = [("population", "neurons", *(() if active is None else ("active",)), "rate (1/s)")]
    names = list(rates)
    if len(names) <= MOST_POPULATIONS:
        rows += [_rate(result, f"  {name}", [name]) for name in names]
    else:
        names.sort(key=lambda name: -rates[name])
        others = names[EXTREMES:-EXTREMES]
        rows += [_rate(result, f"  {name}", [name]) for name in names[:EXTREMES]]
        rows.append(_rate(result, f"  {len(others):,} others", others))
        rows += [_rate(result, f"  {name}", [name]) for name in names[-EXTREMES:]]
        rows.append(_rate(result, "  all", names))
    return _lines(rows, "lrrr" if active else "lrr")


def _rate(result: Result, title: str, names: Sequence[str]) -> tuple[str, ...]:
    """A line about several populations together."""
    rates, active = result.mean_rate_hz or {}, result.active_neurons
    sizes = [result.model.populations[name]["neurons"] for name in names]
    mean = sum(rates[name] * size for name, size in zip(names, sizes, strict=True)) / sum(sizes)
    known = [(active or {}).get(name) for name in names]
    fired = TEXT.count(None if None in known else sum(filter(None, known)))
    return (title, f"{sum(sizes):,}", *(() if active is None else (fired,)), f"{mean:.3f}")


def _plasticity(result: Result) -> list[str]:
    return [] if result.plasticity is None else _lines(plastic_lines(result.plasticity), "llll")


def _memory(result: Result) -> list[str]:
    rows = [("memory", "bytes", "per synapse")]
    for part, size in result.memory_bytes.items():
        if size is None:
            continue
        per_synapse = TEXT.fixed(size.sum / result.model.synapses if result.model.synapses else None, 2)
        rows.append((f"  {part.replace('_', ' ')}", TEXT.size(size.sum), per_synapse))
    if result.bytes_per_synapse is not None:
        rows.append(("  synapses + index", "", f"{result.bytes_per_synapse:.2f}"))
    return [*_lines(rows, "lrr"), *_expected(result)]


def _expected(result: Result) -> list[str]:
    """Expected and used memory by part; parts of less than a thousandth are omitted."""
    parts = {name: (part["expected_bytes"].sum, part["used_bytes"].sum) for name, part in _parts(result).items()}
    least = max((1e-3 * max(pair) for pair in parts.values()), default=0.0)
    rows = [("memory by part", "expected", "used", "used / expected")]
    for name, (expected, used) in parts.items():
        if max(expected, used) > least:
            change = TEXT.change(used / expected - 1.0 if expected else None)
            rows.append((f"  {name}", TEXT.size(expected), TEXT.size(used), change))
    return _lines(rows, "lrrr") if parts else []


def _parts(result: Result) -> dict[str, dict[str, Statistics]]:
    return result.memory_parts or {}


def _digests(result: Result) -> list[str]:
    digests = [("spike digest", result.spike_digest), ("network digest", result.network_digest)]
    digests.append(("weight digest", result.weight_digest))
    return [f"{name:15s} {digest}" for name, digest in digests if digest is not None]


def _each(seconds: Statistics | None, number: int) -> str:
    """Time of a thread for each of `number` operations."""
    if seconds is None or number == 0:
        return ""
    each_ns = 1e9 * seconds.sum / number
    return f"{each_ns:,.0f} ns of thread time each, " if each_ns >= 100 else f"{each_ns:.3g} ns of thread time each, "


def _lines(rows: Sequence[Sequence[str]], alignment: str) -> list[str]:
    return aligned(rows, alignment).splitlines()
