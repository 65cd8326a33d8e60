"""A comparison of two runs: differences, measurements, and whether their spikes agree and must agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchnn.record.keys import flat, number_of, value_of, value_text
from benchnn.results.configuration import code_version, spike_configuration, whole
from benchnn.results.selection import Record
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

CONFIGURED = ("simulator.", "model.", "seed", "backend.", "layout.", "time.", "provenance.", "interrupted")
OF_EVERY_RUN = (
    "provenance.started_utc",
    "provenance.finished_utc",
    "provenance.slurm_job_id",
    "provenance.options.out",
    "time.propagation_start_unix_s",
    "time.propagation_end_unix_s",
    "time.propagation_clock_step_s",
)
"""Keys below `CONFIGURED` that differ between all runs."""
MEASURES = (
    "real_time_factor",
    "wall_s.preparation.max",
    "wall_s.compile.max",
    "wall_s.construction.max",
    "wall_s.warmup.max",
    "wall_s.propagation.max",
    "phases_s.deliver.mean",
    "phases_s.update.mean",
    "phases_s.communicate.mean",
    "phases_s.record.mean",
    "load_imbalance.deliver",
    "load_imbalance.update",
    "communication.exchange_s.max",
    "spikes",
    "synaptic_events",
    "synaptic_events_per_s",
    "memory_bytes.peak_rss.max",
    "memory_bytes.peak_rss.sum",
    "bytes_per_synapse",
    "energy.propagation_j",
    "energy_per_synaptic_event_uj",
)

WIDEST = 64
"""Maximum characters of a shown value; a digest is not cut."""


@dataclass(frozen=True)
class Agreement:
    """A sentence on the agreement of the spikes of two runs; `broken` if they differ and must not."""

    sentence: str
    broken: bool


def agreement(a: Record, b: Record) -> Agreement:
    """Compare the spike digests of two runs, and determine whether they must be equal."""
    digests = [value_of(record, "spike_digest") for record in (a, b)]
    for name, record, digest in zip("AB", (a, b), digests, strict=True):
        if digest is None:
            why = value_of(record, "reasons.spike_digest") or "the key is missing from the record"
            return Agreement(f"spikes cannot be compared: {name} does not have a spike digest: {why}", False)
    differing = list(_why_spikes_may_differ(a, b))
    if digests[0] == digests[1]:
        weights = [value_of(record, "weight_digest") for record in (a, b)]
        equal = f"spikes are equal: digest {digests[0]}"
        if None in weights or weights[0] == weights[1]:
            return Agreement(equal, False)
        if differing:
            return Agreement(f"{equal}; weights differ, which is allowed: {', '.join(differing)}", False)
        return Agreement(f"{equal}; WEIGHTS DIFFER, which is an error: everything that determines them is equal", True)
    if differing:
        return Agreement(f"spikes differ, which is allowed: {', '.join(differing)}", False)
    networks = [value_of(record, "network_digest") for record in (a, b)]
    where = "in equal networks" if networks[0] == networks[1] is not None else "in different networks"
    code = "including the code" if code_version(a) == code_version(b) else "except the code"
    same = f"everything that determines them is equal, {code}"
    return Agreement(f"SPIKES DIFFER {where}, which is an error: {same}", True)


def _why_spikes_may_differ(a: Record, b: Record) -> Iterator[str]:
    for name, record in zip("AB", (a, b), strict=True):
        if not whole(record):
            yield f"{name} was interrupted"
    if value_of(a, "simulator.name") != value_of(b, "simulator.name"):
        yield "simulator.name differs"
        return
    left, right = dict(spike_configuration(a)), dict(spike_configuration(b))
    yield from (f"{key} differs" for key in {**left, **right} if left.get(key) != right.get(key))


def differences(a: Record, b: Record) -> list[tuple[str, Any, Any]]:
    """List the keys of the configuration in which two runs differ, with both values; a missing value is null."""
    left, right = dict(flat(a)), dict(flat(b))
    keys = [key for key in {**left, **right} if key.startswith(CONFIGURED) and key not in OF_EVERY_RUN]
    pairs = [(key, left.get(key), right.get(key)) for key in keys]
    return [(key, one, other) for key, one, other in pairs if one != other]


def to_text(a: Record, b: Record) -> str:
    """Format the comparison as text."""
    head = aligned([("A", str(a["run_id"])), ("B", str(b["run_id"]))], "ll")
    differing = [(key, _shown(one), _shown(other)) for key, one, other in differences(a, b)]
    configuration = aligned([("differs", "A", "B"), *differing], "lll") if differing else "configuration: equal\n"
    keys = ["network_digest", "spike_digest"]
    if any(value_of(record, "weight_digest") is not None for record in (a, b)):
        keys.append("weight_digest")
    digests = [(key, *(_shown(value_of(record, key)) for record in (a, b))) for key in keys]
    return "\n".join((head, configuration, _measures(a, b), aligned(digests, "lll") + agreement(a, b).sentence + "\n"))


def _measures(a: Record, b: Record) -> str:
    rows: list[Sequence[str]] = [("measured", "A", "B", "B/A")]
    for key in MEASURES:
        one, other = number_of(a, key), number_of(b, key)
        if one is None and other is None:
            continue
        ratio = TEXT.figures(None if one is None or other is None or not one else other / one, 3)
        rows.append((key, _number(one), _number(other), ratio))
    return aligned(rows, "lrrr")


def _number(value: float | None) -> str:
    return TEXT.count(value) if isinstance(value, int) else TEXT.figures(value, 5)


def _shown(value: Any) -> str:
    text = "-" if value is None else value_text(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."
