"""The chapter of a page about the chip that a network was mapped onto."""

from collections.abc import Iterator

from benchnn.accelerators.roofline.chip import chip_roofline
from benchnn.chips.floorline import ChipRun
from benchnn.chips.traffic_file import Traffic, read_traffic
from benchnn.record.folder import TRAFFIC
from benchnn.record.reading import Record
from benchnn.report.figures.chip_course import course_picture
from benchnn.report.figures.chip_energy import energy_picture
from benchnn.report.figures.chip_map import cores_picture, links_picture
from benchnn.report.figures.floorline import floorline_picture
from benchnn.report.figures.roofline import Roofed, roofline_picture
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, value_or_reason
from benchnn.report.sources import RunSource
from simcore.accelerators.roofline.roofs import placed
from simcore.display.markup import Markup, element, note, pairs, table
from simcore.display.numbers import HTML
from simcore.neuromorphic.costs.floorline import STATES, FloatArray, IntArray

UNKNOWN = "unknown"
ENERGIES = {
    "synop": "synaptic events",
    "plasticity": "updates of plastic synapses",
    "update": "neuron updates",
    "spike": "spikes",
    "message": "messages",
    "hop": "hops",
    "barrier": "barriers",
    "static": "static",
    "total": "total",
}
"""Parts of the energy of a chip, and their names on the page."""
ADAPTED = {
    "cores_before": "cores before",
    "neurons_moved": "neurons moved",
    "synapses_quantised": "synapses with a changed weight",
    "delays_clamped": "synapses with a changed delay",
}
"""Changes that made the network fit onto the chip, and their names on the page."""
TIMES = {
    "mean": "mean step",
    "min": "shortest step",
    "max": "longest step",
    "memory": "memory, mean",
    "compute": "computation, mean",
    "traffic": "traffic, mean",
    "plasticity": "plasticity, mean",
    "barrier": "barrier, mean",
}
"""Durations of a step and of its parts, and their names on the page."""


def chip_chapters(source: RunSource) -> list[Chapter]:
    """The chapter of the chip of a run; empty if the run did not use a chip.

    Raises
    ------
    InputError
        If the record or the file of the traffic is damaged.
    """
    record, path = source.record, source.folder / TRAFFIC
    if record.get("chip") is None:
        return []
    advice = record.text("chip.floorline.advice")
    content: list[Picture | Markup] = [note(advice)] if advice else []
    content += [_mapping(record), _network(record), _times(record)]
    if path.is_file():
        content += _pictures(source, read_traffic(path))
    else:
        content.append(note(f"Figures of steps, cores and links are missing: the folder does not contain {TRAFFIC}."))
    title = record.text("chip.title") or record.text("chip.name") or HTML.absent
    return [Chapter(f"On the chip: {title}", [*content, _energy(record), *_limits(record), *_basis(record)])]


def _pictures(source: RunSource, traffic: Traffic) -> Iterator[Picture]:
    record, profile, steps = source.record, traffic.profile, traffic.per_step
    if profile.timed:
        yield floorline_picture([("this run", profile)])
        if profile.synops.any():
            machine, point = chip_roofline(ChipRun(source.folder, record.values, traffic))
            picture = roofline_picture([Roofed(machine, [placed(machine, point)])])
            yield from () if picture is None else (picture,)
    if profile.steps:
        values: dict[str, IntArray | FloatArray] = {
            "synaptic events in the busiest core": profile.synops_max,
            "messages": steps["messages"],
            "messages on the busiest link": profile.link_messages_max,
        }
        if profile.total_s is not None:
            values["duration of the step (µs)"] = 1e6 * profile.total_s
        yield course_picture(values, traffic.times_ms)
    torus = (record.text("chip.network_on_chip.topology") or "").endswith("torus")
    ends = profile.link_origin, profile.link_target
    links = links_picture(traffic.router_position, *ends, profile.link_messages, torus)
    if links is not None:
        yield links
    yield cores_picture(traffic.router_position, traffic.core_router, profile.core_synops)
    parts = {name: record.number(f"chip.energy_j.{part}") for part, name in ENERGIES.items() if part != "total"}
    if any(parts.values()):
        yield energy_picture({name: energy for name, energy in parts.items() if energy is not None})


def _mapping(record: Record) -> Markup:
    part = record.part("chip")
    rows = [
        ("chip", part.text("name") or HTML.absent),
        ("chips", HTML.count(part.number("chips"))),
        ("tiles", HTML.count(part.number("tiles"))),
        ("cores", HTML.count(part.number("cores"))),
        ("mapper", part.text("mapper") or HTML.absent),
        ("place", part.text("place") or HTML.absent),
        ("maximum neurons per core", HTML.count(part.number("neurons_per_core"))),
        ("weights", f"{part.text('weight_bits') or HTML.absent} bits"),
    ]
    adapted = record.part("chip.adaptation")
    rows += [(f"adapted: {name}", HTML.count(adapted.number(key))) for key, name in ADAPTED.items() if adapted.values]
    return pairs("Mapping", rows)


def _network(record: Record) -> Markup:
    part = record.part("chip.network_on_chip")
    link = " → ".join(map(str, part.list("busiest_link"))) or HTML.absent
    rows = [
        ("topology", f"{part.text('topology') or HTML.absent}, {'multicast' if part.flag('multicast') else 'unicast'}"),
        ("routers", HTML.count(part.number("routers"))),
        ("links", HTML.count(part.number("links"))),
        ("messages sent", HTML.count(part.number("messages_out"))),
        ("messages received", HTML.count(part.number("messages_in"))),
        ("hops", HTML.count(part.number("hops"))),
        ("mean hops per message", HTML.figures(part.number("mean_hops"))),
        ("hops between chips", HTML.count(part.number("chip_crossings"))),
        ("busiest link", link),
        ("maximum messages on a link in one step", HTML.count(part.number("link_messages_max"))),
    ]
    return pairs("Network on chip", rows)


def _times(record: Record) -> Markup:
    caption, key = "Duration of a step on the chip", "chip.step_time_s"
    step, steps = record.part(key), record.part("chip.floorline.steps")
    if not step.values:
        return pairs(caption, [("step", value_or_reason(record, key, absent=UNKNOWN))])
    rows: list[tuple[str, str]] = []
    # Records of earlier versions lack plasticity.
    for time, name in ((time, name) for time, name in TIMES.items() if time in step.values):
        bound = f"step_time_s.{time}" if time in (*STATES, "plasticity") else "step_time_s"
        rows.append((name, _known(record, f"step_time_s.{time}", HTML.prefixed(step.number(time), "s"), bound)))
    factor = HTML.figures(record.number("chip.emulated_real_time_factor"))
    rows.append(("real-time factor", _known(record, "emulated_real_time_factor", factor, "step_time_s")))
    rows.append(("steps longer than the tick", value_or_reason(record, "chip.missed_deadlines", absent=UNKNOWN)))
    rows += [
        (f"steps in state {state}", HTML.count(number)) for state in steps.values if (number := steps.number(state))
    ]
    return pairs(caption, rows)


def _energy(record: Record) -> Markup:
    total = record.number("chip.energy_j.total")
    rows = []
    known = record.part("chip.energy_j").values
    for part, name in ((part, name) for part, name in ENERGIES.items() if part in known):
        joules = record.number(f"chip.energy_j.{part}")
        share = "" if joules is None or part == "total" else HTML.share(joules, total)
        key = f"energy_j.{part}"
        rows.append((name, _known(record, key, HTML.prefixed(joules, "J"), key), share))
    key = "energy_per_synaptic_event_pj"
    each = f"{HTML.figures(record.number(f'chip.{key}'))} pJ"
    rows.append(("per synaptic event", _known(record, key, each, "energy_j.total"), ""))
    return table("Energy of the chip over the run", ("part", "energy", "share of the known energy"), rows, (2,))


def _known(record: Record, key: str, text: str, bound: str) -> Markup:
    """A value of the chip, or why it is null; "at least" if the record lists the key `bound` as a lower bound."""
    partial = bound in record.part("chip.lower_bounds").values
    return value_or_reason(record, f"chip.{key}", f"at least {text}" if partial else text, UNKNOWN)


def _limits(record: Record) -> list[Markup]:
    rows = [
        (
            limit.text("quantity") or HTML.absent,
            HTML.count(limit.number("allowed")),
            HTML.count(limit.number("largest")),
            limit.text("place") or "",
            _verdict(limit),
        )
        for limit in record.parts("chip.limits")
    ]
    head = ("limit", "allowed", "largest", "place", "verdict")
    return [table("Limits of the chip", head, rows, (1, 2))] if rows else []


def _verdict(limit: Record) -> Markup:
    over = limit.number("over")
    if over:
        return element("span", f"exceeded at {HTML.count(over)} place{'s' if over > 1 else ''}", class_="bad")
    if limit.get("allowed") is None:
        return element("span", "no published limit", class_="null")
    return element("span", limit.text("reason") or "fits")


def _basis(record: Record) -> list[Markup]:
    """Assumptions, and the numbers that are lower bounds."""
    part = record.part("chip")
    assumed = [("assumed", str(sentence)) for sentence in part.list("assumptions")]
    bounds = part.part("lower_bounds")
    rows = [*assumed, *((f"{name}, lower bound", bounds.text(name) or HTML.absent) for name in bounds.values)]
    return [pairs("Assumptions and lower bounds", rows)] if rows else []
