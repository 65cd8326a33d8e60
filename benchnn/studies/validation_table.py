"""The record of a validation (``validation.json``) and its text, which uses only the record.

It also shows the published seed-to-seed variability of the cortical microcircuit.

References
----------
Golosio et al. (2021), Front. Comput. Neurosci. 15:627620; Tiddia et al., data of Golosio et al. (2023), Appl. Sci.
13:9598, JoseJVS/ngpu_dynamic_network_creation on GitHub: earth mover's distances of 100 pairs of simulations of
10 s after 500 ms, Poisson input, optimised initial potentials, full scale. Their CV covers neurons with at least two
spikes, and their CC the first 200 neurons: the definitions are similar to those used here, but not the same.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchnn.model_source import find_model
from benchnn.statistics.statistics_set import StatisticsSet
from benchnn.statistics.verdict import Finding, Verdict
from benchnn.studies import train_distances_table
from benchnn.studies.train_distances_table import TrainComparison
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

SCHEMA_VERSION = 1
POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
LARGEST_EMD = {
    "FR": (0.048, 0.075, 0.067, 0.130, 0.319, 0.411, 0.051, 0.232),
    "CV": (0.0156, 0.0099, 0.0058, 0.0082, 0.0098, 0.0147, 0.0112, 0.0089),
    "CC": (2.5e-3, 2.0e-3, 1.6e-3, 1.5e-3, 1.7e-3, 0.85e-3, 1.4e-3, 0.71e-3),
}
"""Largest of the 100 distances for each population; FR in 1/s."""
WINDOW_MS = (500.0, 10_000.0)
TOO_FEW = "too few recordings for a test at this level"
NO_DISTANCE = (
    "the distance is infinite: some recordings do not have this statistic, for example because neurons are silent"
)
OF_NO_EFFECT = ("record_spikes",)


def make_record(
    command: list[str],
    candidate: StatisticsSet,
    reference: StatisticsSet,
    differing: Sequence[str],
    verdict: Verdict,
    trains: TrainComparison,
) -> dict[str, Any]:
    """Return the record of a validation.

    Parameters
    ----------
    command
        The command line.
    candidate, reference
        The compared sets.
    differing
        Parameters that differ in the candidate's network.
    verdict
        All findings.
    trains
        Distances between the spike trains of recordings from files.
    """
    distances, reasons = train_distances_table.to_record(trains)
    published = published_emd(reference.model, reference.parameters, reference.warmup_ms, reference.time_ms)
    findings = [_finding(finding, published) for finding in verdict.findings]
    return {
        "schema_version": SCHEMA_VERSION,
        "command": command,
        "model": {"name": reference.model, "parameters": dict(reference.parameters)},
        "time": {"model_time_ms": reference.time_ms, "warmup_ms": reference.warmup_ms},
        "differing_parameters": {name: candidate.parameters.get(name) for name in differing},
        "candidate": _side(candidate),
        "reference": _side(reference),
        "passed": verdict.passed,
        "level": verdict.level,
        "divisions": verdict.divisions,
        "reasons": _reasons(verdict.passed, findings) | reasons,
        "findings": findings,
        "train_distances": distances,
    }


def published_emd(
    model: str, parameters: Mapping[str, Any], warmup_ms: float, time_ms: float
) -> dict[tuple[str, str], float]:
    """Return the largest published distances by population and statistic; empty for other networks and windows.

    The published network has the default of `benchnn.models.pd14` for every parameter.
    """
    if model != "pd14" or (warmup_ms, time_ms) != WINDOW_MS:
        return {}
    for name, parameter in find_model(model).parameters.items():
        if name not in OF_NO_EFFECT and parameters.get(name) != parameter.default:
            return {}
    return {
        (population, statistic): value
        for statistic, values in LARGEST_EMD.items()
        for population, value in zip(POPULATIONS, values, strict=True)
    }


def _side(statistics: StatisticsSet) -> dict[str, Any]:
    return {
        "simulator": statistics.simulator,
        "seeds": list(statistics.seeds),
        "spike_digests": list(statistics.digests),
        "provenance": dict(statistics.provenance),
    }


def _finding(finding: Finding, published: Mapping[tuple[str, str], float]) -> dict[str, Any]:
    record = {name: _finite(value) for name, value in asdict(finding).items()}
    record["within_threshold"] = finding.within_threshold
    largest = published.get((finding.population, finding.statistic))
    record["published_largest"] = largest if finding.metric == "EMD" else None
    return record


def _finite(value: Any) -> Any:
    """Replace numbers that are not finite by None, and NumPy numbers by Python numbers."""
    if isinstance(value, str) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def _reasons(passed: bool | None, findings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Reasons for null values, by dotted key."""
    reasons = {} if passed is not None else {"passed": TOO_FEW}
    for number, finding in enumerate(findings):
        for name, value in finding.items():
            if value is None:
                reasons[f"findings.{number}.{name}"] = _why_null(name, finding)
    return reasons


def _why_null(name: str, finding: Mapping[str, Any]) -> str:
    if name == "adjusted_p":
        return TOO_FEW
    if name == "published_largest":
        return "no distance is published for this network, window, population and statistic"
    if finding["metric"] == "mean":
        return "the rule applies only to distances"
    return NO_DISTANCE


def to_text(record: Mapping[str, Any]) -> str:
    """Format means, distances, spike trains and verdict as text."""
    trains = train_distances_table.to_text(record)
    blocks = [_head(record), _means(record), _distances(record), trains, _verdict(record)]
    return "\n".join(block for block in blocks if block)


def _head(record: Mapping[str, Any]) -> str:
    sides = [
        f"{side['simulator']} ({len(side['spike_digests'])})" for side in (record["candidate"], record["reference"])
    ]
    time, changed = record["time"], record["differing_parameters"]
    lines = [
        f"{record['model']['name']}: {sides[0]} against {sides[1]}, recordings of {time['model_time_ms']:g} ms after "
        f"{time['warmup_ms']:g} ms\n"
    ]
    lines += [f"the candidate has {name} = {value}\n" for name, value in changed.items()]
    return "".join(lines)


def _means(record: Mapping[str, Any]) -> str:
    rows = [("means", "candidate", "reference", "+-", "difference", "adjusted p")]
    for entry in record["findings"]:
        if entry["metric"] != "mean":
            continue
        own, other = entry["candidate"], entry["reference"]
        share = TEXT.change(own / other - 1.0 if other else None)
        label = f"  {entry['population']} {entry['statistic'].removeprefix('mean ')}"
        rows.append(
            (
                label,
                TEXT.figures(own, 5),
                TEXT.figures(other, 5),
                TEXT.figures(entry["spread"], 2),
                share,
                _p(entry, record),
            )
        )
    return aligned(rows, "lrrrrr") if len(rows) > 1 else ""


def _distances(record: Mapping[str, Any]) -> str:
    """Mean distance to the reference, and the threshold, mean + 2 sd within the reference; an asterisk marks excess."""
    found = [entry for entry in record["findings"] if entry["metric"] != "mean"]
    kinds = list(dict.fromkeys((entry["statistic"], entry["metric"]) for entry in found))
    cells = {(entry["population"], entry["statistic"], entry["metric"]): entry for entry in found}
    rows = [("distance / threshold", *(f"{statistic} {metric}" for statistic, metric in kinds))]
    for population in dict.fromkeys(entry["population"] for entry in found):
        row = [f"  {population}"]
        for kind in kinds:
            entry = cells[(population, *kind)]
            mark = "*" if entry["within_threshold"] is False else ""
            row.append(f"{mark}{_short(entry['candidate'])} / {_short(entry['threshold'])}")
        rows.append(tuple(row))
    text = aligned(rows, "l" + "r" * len(kinds))
    published = [entry for entry in found if entry["published_largest"] is not None]
    if published:
        known = [(entry["candidate"], entry["published_largest"]) for entry in published]
        beyond = [own for own, largest in known if own is None or own > largest]
        text += f"mean EMD above the largest published distance: {len(beyond)} of {len(published)}\n"
    return text


def _short(value: Any) -> str:
    return TEXT.figures(value, 3)


def _p(entry: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    p = entry["adjusted_p"]
    return "-" if p is None else f"{p:.2g}{' *' if p <= record['level'] else ''}"


def _verdict(record: Mapping[str, Any]) -> str:
    findings = record["findings"]
    compared = [entry for entry in findings if entry["within_threshold"] is not None]
    within = sum(entry["within_threshold"] for entry in compared)
    rule = f"{within} of {len(compared)} distances are within mean + 2 sd of the distances within the reference\n"
    if record["passed"] is None:
        return f"{rule}no verdict: {record['reasons']['passed']}\n"
    level = f"an equal candidate fails with a probability of at most {record['level']:g}"
    if record["passed"]:
        return f"{rule}PASS: none of {len(findings)} statistics differs ({level})\n"
    failed = [entry for entry in findings if entry["adjusted_p"] <= record["level"]]
    names = [f"{entry['population']} {entry['statistic']} ({entry['metric']})" for entry in failed]
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"{rule}FAIL: {len(failed)} of {len(findings)} statistics differ ({level}): {listed}\n"
