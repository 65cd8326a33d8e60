"""The energy of a run for its record: which domains count, their sums over nodes, and why a sum is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from benchnn.energy.instrument import Domain
from benchnn.energy.measuring import CONSTRUCTION, IDLE, PROPAGATION, WARMUP, NodeEnergy
from benchnn.energy.recorder import Measured, Span

DISJOINT = ("package", "dram", "gpu")
"""Parts of a node that do not overlap."""
WHOLE = ("node", "module")
"""What contains them, the larger one first."""


@dataclass(frozen=True)
class DomainEnergy:
    """Energy of one domain of one node; `counted` says whether it is in the totals, `fault` why it has no values.

    `host` is None for an instrument outside, which measures all nodes. `power_w` is the course of the power in the
    window of `propagation_j`.
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
        Power of the nodes before the network was built, W.
    construction_j, warmup_j, propagation_j
        Energy by window, J.
    mean_power_w
        `propagation_j` over the length of the window, W.
    covers
        Kinds of hardware in the totals.
    hosts
        Nodes.
    domains
        Every domain.
    slurm_job
        What Slurm accounted for the job as a whole, see `benchnn.energy.slurm_accounting`.
    clock
        By which clock the window of `propagation_j` is known: ``"monotonic"``, or ``"wall"`` of a meter outside.
    power_every_ms
        Length of the intervals of `power_w`, ms of wall time.
    power_w
        Mean power of the counted domains in each interval from the begin of the window on, W.
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
    """The record of what all nodes measured, and why values in it are null, by key.

    Parameters
    ----------
    nodes
        One entry for each node.
    outside
        What an instrument measured that is of no node, such as a power meter at the outlet.
    idle_s
        Length of the idle window; 0 if there was none.
    window_s
        Length of the window of the state propagation.
    power_every_ms
        Length of the intervals whose power was kept; None if none was.
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
    """Energy that was not measured but follows from a power that was given; `basis` says how."""

    propagation_j: float
    per_synaptic_event_uj: float | None
    basis: str


@dataclass(frozen=True)
class RunEnergy:
    """What a record says of the energy of a run, and why values in it are null, by dotted key.

    `span` is when its state propagation took place; None if there was none.
    """

    part: EnergyPart | None
    reasons: Mapping[str, str]
    span: Span | None = None

    def times(self) -> dict[str, float | None]:
        """What `time` in a record says of the span."""
        return {
            "propagation_start_unix_s": None if self.span is None else self.span.start_unix_s,
            "propagation_end_unix_s": None if self.span is None else self.span.end_unix_s,
            "propagation_clock_step_s": None if self.span is None else self.span.clock_step_s,
        }


def energy_estimate(power_w: float, nodes: int, propagation_s: float, events: int | None) -> EnergyEstimate:
    """What nodes of a given power need for the state propagation.

    Parameters
    ----------
    power_w
        Of a node, as the user says.
    nodes
        How many there are.
    propagation_s
        Wall time of the state propagation on the slowest rank.
    events
        Synaptic events in that time; None if not known.
    """
    energy_j = power_w * nodes * propagation_s
    basis = f"{power_w:g} W per node, as given by --power-estimate, x {nodes} x {propagation_s:.4g} s; nothing measured"
    return EnergyEstimate(energy_j, 1e6 * energy_j / events if events else None, basis)


def per_event_uj(part: EnergyPart | None, events: int | None) -> float | None:
    """Energy of the state propagation over its synaptic events, microjoule; None where one of them is not known."""
    if part is None or part.propagation_j is None or not events:
        return None
    return 1e6 * part.propagation_j / events


def energy_reasons(energy: RunEnergy, events: int | None, no_estimate: bool) -> dict[str, str]:
    """Why energies are null, by dotted key."""
    reasons = dict(energy.reasons)
    if energy.span is None:
        reasons |= dict.fromkeys((f"time.{name}" for name in energy.times()), ABSENT["propagation_j"])
    if energy.part is None or energy.part.propagation_j is None:
        key = "energy" if energy.part is None else "energy.propagation_j"
        reasons["energy_per_synaptic_event_uj"] = reasons[key]
    elif not events:
        reasons["energy_per_synaptic_event_uj"] = "no synaptic events were counted"
    if no_estimate:
        reasons["energy_estimate"] = "not asked for: --power-estimate W"
    return reasons


def with_outside(
    energy: Mapping[str, Any], outside: DomainEnergy, window_s: float
) -> tuple[EnergyPart, dict[str, str]]:
    """The energy of a record with a domain that covers all nodes; an earlier one of the same meter is replaced.

    Parameters
    ----------
    energy
        Of a record; empty if nothing was measured.
    outside
        What an instrument outside measured.
    window_s
        Length of the window of the state propagation.
    """
    names = [entry.name for entry in fields(DomainEnergy)]
    known = (DomainEnergy(**{name: one.get(name) for name in names}) for one in energy.get("domains") or ())
    domains = [outside, *(replace(one, counted=False) for one in known if one.meter != outside.meter)]
    hosts, every_ms = tuple(energy.get("hosts") or ()), energy.get("power_every_ms")
    return _part(domains, (outside.covers,), hosts, window_s, None, every_ms)


def nothing_measured(why: str) -> tuple[EnergyPart, dict[str, str]]:
    """A part that no meter has measured, for what is known of the job as a whole; `why` is the reason."""
    return _part([], (), (), 0.0, why)


ABSENT = {
    "idle_w": "not measured: no idle time was asked for",
    "construction_j": "the instrument was not read then",
    "warmup_j": "the instrument was not read then",
    "propagation_j": "no model time was simulated",
}
"""Sums, and why they are null if the instruments have no fault."""
OUTSIDE = dict.fromkeys(ABSENT, "a meter outside counts for the state propagation alone") | {
    "propagation_j": ABSENT["propagation_j"]
}
"""The same where a meter outside is counted."""


NO_COURSE = "not asked for: --power-every MS"


def _course(
    domains: Sequence[DomainEnergy], hosts: Sequence[str], every_ms: float | None
) -> tuple[tuple[float, ...] | None, str | None]:
    """Power of the counted domains in each interval, or why it is not known."""
    counted = [one for one in domains if one.counted]
    if every_ms is None:
        return None, NO_COURSE
    if len(hosts) > 1:
        return None, "the hosts begin at different times: energy.domains has the power of each"
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
    """Totals of the counted domains; `nothing` is why there may be none."""
    faulty = (one for one in domains if one.counted and one.fault is not None)
    faults = (f"{one.host or 'outside'}, {one.meter} {one.domain}: {one.fault}" for one in faulty)
    why = next(faults, None) if covers else nothing
    idle_w, construction_j, warmup_j, propagation_j = (
        _sum(domains, name) if covers and why is None else None for name in ABSENT
    )
    if propagation_j == 0.0:
        propagation_j, why = None, "no counter moved: the window was shorter than the time between their updates"
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
    reasons["energy.slurm_job"] = "not asked for: benchnn energy DIR --slurm, after the job"
    return part, reasons


def reasons_of(nodes: Sequence[NodeEnergy]) -> str:
    """Why nothing can be counted: that of the first node that has a reason, with its name if nodes differ."""
    reasons = {node.host: node.reason or "its domains cover no whole part that all nodes have" for node in nodes}
    first = next((host for host, node in zip(reasons, nodes, strict=True) if node.reason), next(iter(reasons)))
    return reasons[first] if len(set(reasons.values())) == 1 else f"{first}: {reasons[first]}"


def _covered(nodes: Sequence[NodeEnergy]) -> tuple[str, ...]:
    """Kinds of hardware that every node has measured: the largest whole, or else its disjoint parts."""
    common = set.intersection(*({one.domain.covers for one in node.measured} for node in nodes))
    whole = next((kind for kind in WHOLE if kind in common), None)
    return (whole,) if whole else tuple(kind for kind in DISJOINT if kind in common)


def _counted(node: NodeEnergy, covers: Sequence[str]) -> set[Domain]:
    """The domains of a node that are summed; of two meters for one kind the first, as they would count it twice."""
    chosen: set[Domain] = set()
    for kind in covers:
        of_kind = [one.domain for one in node.measured if one.domain.covers == kind]
        meters = {domain.meter for domain in of_kind}
        # GPUs of two makers have a meter each.
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
