"""The energy of a run for its record: counted domains, their sums over nodes, and reasons for unknown sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from benchnn.energy.instrument import Domain
from benchnn.energy.measuring import CONSTRUCTION, IDLE, PROPAGATION, WARMUP, NodeEnergy
from benchnn.energy.recorder import Measured, Span

DISJOINT = ("package", "dram", "gpu")
"""Parts of a node that do not overlap."""
WHOLE = ("node", "module")
"""Wholes that contain these parts, the larger one first."""


@dataclass(frozen=True)
class DomainEnergy:
    """Energy of one domain of one node.

    `counted` is true if the totals include it, and `fault` is the reason for missing values. `host` is None for an
    external instrument, which measures all nodes. `power_w` is the course of the power in the window of
    `propagation_j`.
    """

    host: str | None
    meter: str
    domain: str
    covers: str
    counted: bool
    idle_w: float | None
    construction_j: float | None
    warmup_j: float | None
    propagation_j: float | None
    fault: str | None
    power_w: tuple[float, ...] | None = None


@dataclass(frozen=True)
class EnergyPart:
    """Energy of a run: totals of the counted domains, and every domain.

    Parameters
    ----------
    idle_w
        Power of the nodes before network construction, W.
    construction_j, warmup_j, propagation_j
        Energy by window, J.
    mean_power_w
        `propagation_j` divided by the length of the window, W.
    covers
        Kinds of hardware in the totals.
    hosts
        Names of the nodes.
    domains
        Every domain.
    slurm_job
        Energy that Slurm recorded for the whole job; see `benchnn.energy.slurm_accounting`.
    clock
        Clock that determines the window of `propagation_j`: ``"monotonic"``, or ``"wall"`` for an external meter.
    power_every_ms
        Length of the intervals of `power_w`, ms of wall time.
    power_w
        Mean power of the counted domains in each interval from the start of the window, W.
    """

    idle_w: float | None
    construction_j: float | None
    warmup_j: float | None
    propagation_j: float | None
    mean_power_w: float | None
    covers: tuple[str, ...]
    hosts: tuple[str, ...]
    domains: tuple[DomainEnergy, ...]
    slurm_job: Mapping[str, object] | None = None
    clock: str | None = None
    power_every_ms: float | None = None
    power_w: tuple[float, ...] | None = None


def energy_part(
    nodes: Sequence[NodeEnergy],
    outside: DomainEnergy | None,
    idle_s: float,
    window_s: float,
    power_every_ms: float | None = None,
) -> tuple[EnergyPart | None, dict[str, str]]:
    """Return the record of the measurements of all nodes, and reasons for null values by key.

    Parameters
    ----------
    nodes
        One entry for each node.
    outside
        Measurement of an external instrument, such as a power meter at the outlet.
    idle_s
        Length of the idle window; 0 without an idle window.
    window_s
        Length of the window of the state propagation.
    power_every_ms
        Length of the intervals whose power was kept; None for none.
    """
    if outside is None and not any(node.measured for node in nodes):
        return None, {"energy": reasons_of(nodes)}
    covers = ("node",) if outside is not None else _covered(nodes)
    domains = [outside] if outside is not None else []
    for node in nodes:
        counted = () if outside is not None else _counted(node, covers)
        domains += [_domain(node.host, one, idle_s, one.domain in counted) for one in node.measured]
    hosts = tuple(node.host for node in nodes)
    return _part(domains, covers, hosts, window_s, reasons_of(nodes), power_every_ms)


@dataclass(frozen=True)
class EnergyEstimate:
    """Energy that follows from a given power instead of a measurement; `basis` describes the calculation."""

    propagation_j: float
    per_synaptic_event_uj: float | None
    basis: str


@dataclass(frozen=True)
class RunEnergy:
    """The energy of a run in a record, and reasons for null values, by dotted key.

    `span` is the time of its state propagation; None without propagation.
    """

    part: EnergyPart | None
    reasons: Mapping[str, str]
    span: Span | None = None

    def times(self) -> dict[str, float | None]:
        """Return the values of `time` in a record that describe the span."""
        return {
            "propagation_start_unix_s": None if self.span is None else self.span.start_unix_s,
            "propagation_end_unix_s": None if self.span is None else self.span.end_unix_s,
            "propagation_clock_step_s": None if self.span is None else self.span.clock_step_s,
        }


def energy_estimate(power_w: float, nodes: int, propagation_s: float, events: int | None) -> EnergyEstimate:
    """Estimate the energy of nodes with a given power in the state propagation.

    Parameters
    ----------
    power_w
        Power of a node, from the user.
    nodes
        Number of nodes.
    propagation_s
        Wall time of the state propagation on the slowest rank.
    events
        Synaptic events in that time; None if unknown.
    """
    energy_j = power_w * nodes * propagation_s
    basis = f"{power_w:g} W per node, as given by --power-estimate, x {nodes} x {propagation_s:.4g} s; not measured"
    return EnergyEstimate(energy_j, 1e6 * energy_j / events if events else None, basis)


def per_event_uj(part: EnergyPart | None, events: int | None) -> float | None:
    """Return the energy of the state propagation per synaptic event, microjoule; None if either is unknown."""
    if part is None or part.propagation_j is None or not events:
        return None
    return 1e6 * part.propagation_j / events


def energy_reasons(energy: RunEnergy, events: int | None, no_estimate: bool) -> dict[str, str]:
    """Return reasons for null energies, by dotted key."""
    reasons = dict(energy.reasons)
    if energy.span is None:
        reasons |= dict.fromkeys((f"time.{name}" for name in energy.times()), ABSENT["propagation_j"])
    if energy.part is None or energy.part.propagation_j is None:
        key = "energy" if energy.part is None else "energy.propagation_j"
        reasons["energy_per_synaptic_event_uj"] = reasons[key]
    elif not events:
        reasons["energy_per_synaptic_event_uj"] = "synaptic events were not counted"
    if no_estimate:
        reasons["energy_estimate"] = "not requested: use --power-estimate W"
    return reasons


def with_outside(
    energy: Mapping[str, Any], outside: DomainEnergy, window_s: float
) -> tuple[EnergyPart, dict[str, str]]:
    """Add a domain that covers all nodes to the energy of a record; it replaces an earlier domain of the same meter.

    Parameters
    ----------
    energy
        Energy of a record; empty without measurements.
    outside
        Measurement of an external instrument.
    window_s
        Length of the window of the state propagation.
    """
    names = [entry.name for entry in fields(DomainEnergy)]
    known = (DomainEnergy(**{name: one.get(name) for name in names}) for one in energy.get("domains") or ())
    domains = [outside, *(replace(one, counted=False) for one in known if one.meter != outside.meter)]
    hosts, every_ms = tuple(energy.get("hosts") or ()), energy.get("power_every_ms")
    return _part(domains, (outside.covers,), hosts, window_s, None, every_ms)


def nothing_measured(why: str) -> tuple[EnergyPart, dict[str, str]]:
    """Return a part without measurements, for the energy of a whole job; `why` is the reason."""
    return _part([], (), (), 0.0, why)


ABSENT = {
    "idle_w": "not requested: use --idle MS",
    "construction_j": "the instrument was not read in this window",
    "warmup_j": "the instrument was not read in this window",
    "propagation_j": "no model time was simulated",
}
"""Reasons for null sums if the instruments have no fault."""
OUTSIDE = dict.fromkeys(ABSENT, "an external meter is used only for the state propagation") | {
    "propagation_j": ABSENT["propagation_j"]
}
"""The same reasons if an external meter is counted."""


NO_COURSE = "not requested: use --power-every MS"


def _course(
    domains: Sequence[DomainEnergy], hosts: Sequence[str], every_ms: float | None
) -> tuple[tuple[float, ...] | None, str | None]:
    """Power of the counted domains in each interval, or the reason why it is unknown."""
    counted = [one for one in domains if one.counted]
    if every_ms is None:
        return None, NO_COURSE
    if len(hosts) > 1:
        return None, "the hosts start at different times; energy.domains contains the power of each host"
    if any(one.host is None for one in counted):
        return None, OUTSIDE["idle_w"]
    courses = [one.power_w for one in counted]
    if not courses or None in courses:
        return None, None
    total = tuple(float(sum(values)) for values in zip(*(course or () for course in courses), strict=True))
    return (total, None) if total else (None, f"the state propagation took less than {every_ms:g} ms")


def _part(
    domains: list[DomainEnergy], covers: tuple[str, ...], hosts: tuple[str, ...], window_s: float, nothing: str | None,
    power_every_ms: float | None = None,
) -> tuple[EnergyPart, dict[str, str]]:  # fmt: skip
    """Totals of the counted domains; `nothing` is the reason for missing totals."""
    faulty = (one for one in domains if one.counted and one.fault is not None)
    faults = (f"{one.host or 'external'}, {one.meter} {one.domain}: {one.fault}" for one in faulty)
    why = next(faults, None) if covers else nothing
    idle_w, construction_j, warmup_j, propagation_j = (
        _sum(domains, name) if covers and why is None else None for name in ABSENT
    )
    if propagation_j == 0.0:
        propagation_j, why = None, "the counters did not change: the window was shorter than their update interval"
    power = propagation_j / window_s if propagation_j is not None and window_s > 0.0 else None
    outside = any(one.host is None for one in domains)
    clock = None if not covers else "wall" if outside else "monotonic"
    course, no_course = _course(domains, hosts, power_every_ms)
    part = EnergyPart(
        idle_w,
        construction_j,
        warmup_j,
        propagation_j,
        power,
        covers,
        hosts,
        tuple(domains),
        clock=clock,
        power_every_ms=power_every_ms,
        power_w=course if propagation_j is not None else None,
    )
    absent = OUTSIDE if outside else ABSENT
    reasons = {f"energy.{name}": why or text for name, text in absent.items() if getattr(part, name) is None}
    if clock is None:
        reasons["energy.clock"] = why or ABSENT["propagation_j"]
    if power is None:
        reasons["energy.mean_power_w"] = why or ABSENT["propagation_j"]
    if part.power_w is None:
        reasons["energy.power_w"] = no_course or why or ABSENT["propagation_j"]
    if power_every_ms is None:
        reasons["energy.power_every_ms"] = NO_COURSE
    reasons["energy.slurm_job"] = "not requested: use benchnn energy DIR --slurm after the job"
    return part, reasons


def reasons_of(nodes: Sequence[NodeEnergy]) -> str:
    """Return the reason for missing totals: the reason of the first such node, with its name if nodes differ."""
    reasons = {
        node.host: node.reason or "the domains of this node do not cover a part that all nodes have" for node in nodes
    }
    first = next((host for host, node in zip(reasons, nodes, strict=True) if node.reason), next(iter(reasons)))
    return reasons[first] if len(set(reasons.values())) == 1 else f"{first}: {reasons[first]}"


def _covered(nodes: Sequence[NodeEnergy]) -> tuple[str, ...]:
    """Kinds of hardware that every node measured: the largest whole, or otherwise disjoint parts."""
    common = set.intersection(*({one.domain.covers for one in node.measured} for node in nodes))
    whole = next((kind for kind in WHOLE if kind in common), None)
    return (whole,) if whole else tuple(kind for kind in DISJOINT if kind in common)


def _counted(node: NodeEnergy, covers: Sequence[str]) -> set[Domain]:
    """The domains of a node in the sum; only the first of several meters of one kind, to avoid counting twice."""
    chosen: set[Domain] = set()
    for kind in covers:
        of_kind = [one.domain for one in node.measured if one.domain.covers == kind]
        meters = {domain.meter for domain in of_kind}
        # GPUs of different vendors have different meters.
        apart = kind == "gpu" and meters <= {"hwmon", "nvml"}
        chosen |= {domain for domain in of_kind if apart or domain.meter == of_kind[0].meter}
    return chosen


def _domain(host: str, one: Measured, idle_s: float, counted: bool) -> DomainEnergy:
    known: Mapping[str, float] = {} if one.fault else one.windows_j
    idle_j = known.get(IDLE)
    return DomainEnergy(
        host,
        one.domain.meter,
        one.domain.name,
        one.domain.covers,
        counted,
        idle_j / idle_s if idle_j is not None and idle_s > 0.0 else None,
        known.get(CONSTRUCTION),
        known.get(WARMUP),
        known.get(PROPAGATION),
        one.fault,
        None if one.fault else one.windows_w.get(PROPAGATION),
    )


def _sum(domains: Sequence[DomainEnergy], name: str) -> float | None:
    values = [getattr(one, name) for one in domains if one.counted]
    return None if None in values else float(sum(values))
