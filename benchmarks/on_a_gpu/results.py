"""The JSON file of a call, complete after every value: measurements, agreements, and reasons for null values."""

import json
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

NOT_REACHED = "the call ended before this measurement"
SAME = ("network_digest", "spike_digest", "synaptic_events")
"""Keys of records that must be equal for two runs to agree."""


class Results:
    """Measured values and agreements of a call.

    Parameters
    ----------
    path
        The JSON file; the plain records of all runs are in another file, ``..._runs.json``.
    described
        Values that are known at the start.
    figures
        Dotted keys of all figures of this call: null until they are measured.
    agreements
        Names of all comparisons of this call: null until they are made.
    """

    def __init__(
        self, path: Path, described: Mapping[str, Any], figures: Iterable[str] = (), agreements: Iterable[str] = ()
    ) -> None:
        self._path, self._runs_path = path, path.with_name(f"{path.stem}_runs.json")
        self._start = time.monotonic()
        self._runs: dict[str, Any] = {}
        self._reasons: dict[str, str] = {}
        self._agreements: dict[str, bool | None] = {}
        self._spared: set[str] = set()
        self._content = {**described, "finished": False, "figures": {}}
        self.mode, self._emulated = str(described["mode"]), bool(described["emulated"])
        for key in figures:
            self._set(key, None, NOT_REACHED)
        for name in agreements:
            self._agree(name, None, NOT_REACHED)
        self._write()

    def put(self, key: str, value: Any, null_because: str = "it was not measured") -> None:
        """Store a value, and the reason for members of an object that are None."""
        self._set(key, value, None)
        for member, each in _leaves(value) if isinstance(value, Mapping) else ():
            self._explain(f"figures.{key}.{member}", null_because if each is None else None)
        self._write()

    def lacks(self, key: str, why: str) -> None:
        """Store the reason why a value is null."""
        self._set(key, None, why)
        self._write()

    def agree(self, name: str, agrees: bool | None, why: str | None = None) -> None:
        """Store whether something agreed, or None and the reason if it was not compared."""
        self._agree(name, agrees, why)
        self._write()

    def spare(self, name: str, why: str) -> None:
        """Store the reason why something is not compared on this machine; this is not a failure."""
        self._spared.add(name)
        self.agree(name, None, why)

    def same_spikes(self, name: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Compare runs of one network over the same time: digests and counts must be equal, and neurons must fire."""
        found = {key: [record[key] for record in records] for key in SAME}
        differing = [f"{key}: {', '.join(map(str, values))}" for key, values in found.items() if len({*values}) > 1]
        if not differing and not records[0]["spikes"]:
            self.agree(name, None, "no neuron fired, so equal digests are not meaningful")
        else:
            self.agree(name, not differing, "; ".join(differing) or None)

    def keep_run(self, name: str, record: Mapping[str, Any]) -> None:
        """Store the record of a run."""
        self._runs[name] = record
        _replace(self._runs_path, {"emulated": self._emulated, "runs": self._runs})

    def finish(self, stopped: str | None) -> int:
        """Mark the results as complete, or store the reason why they are not, and return the exit code.

        Code 0 means that all comparisons that this machine allows were made and agreed, that all figures were tried,
        and that nothing stopped the call. A figure that this machine does not provide is not a failure.
        """
        self._content["finished"] = stopped is None
        self._content["stopped"] = stopped
        self._write()
        late = NOT_REACHED in self._reasons.values()
        agreed = all(agrees for name, agrees in self._agreements.items() if name not in self._spared)
        return 0 if stopped is None and not late and agreed else 1

    def summary(self) -> list[str]:
        """Lines of plain text."""
        words = {True: "agree", False: "DIFFER", None: "not compared"}
        device = "emulated on the CPU; the values do not apply to a GPU" if self._emulated else "on this GPU"
        lines = [f"{self._content['mode']}, {device}"]
        for name, agrees in self._agreements.items():
            why = self._reasons.get(f"agreements.{name}")
            lines.append(f"  {words[agrees]:<13} {name}" + (f": {why}" if why else ""))
        for key, value in _leaves(self._content["figures"]):
            why = self._reasons.get(f"figures.{key}")
            lines.append(f"  {key}: not measured: {why}" if value is None else f"  {key} = {_shown(value)}")
        stopped = self._content.get("stopped")
        return [*lines, *([f"  stopped: {stopped}"] if stopped else []), f"written to {self._path}"]

    def _agree(self, name: str, agrees: bool | None, why: str | None) -> None:
        self._agreements[name] = agrees
        self._explain(f"agreements.{name}", why)

    def _set(self, key: str, value: Any, why: str | None) -> None:
        *outer, last = key.split(".")
        place = self._content["figures"]
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
        self._explain(f"figures.{key}", why)

    def _explain(self, key: str, why: str | None) -> None:
        if why is None:
            self._reasons.pop(key, None)
        else:
            self._reasons[key] = why

    def _write(self) -> None:
        wall_s = round(time.monotonic() - self._start, 1)
        content = {**self._content, "wall_s": wall_s, "agreements": self._agreements, "reasons": self._reasons}
        _replace(self._path, content)


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, smallest, largest and all values of repeats."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "values": list(values)}


def _leaves(figures: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Dotted keys and their values; repeats count as one value."""
    for key, value in figures.items():
        if isinstance(value, Mapping) and "values" not in value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _shown(value: Any) -> str:
    """A value as text; long lists are abbreviated."""
    if isinstance(value, Mapping):
        return f"{value['median']:.5g} ({value['min']:.5g} - {value['max']:.5g}, {len(value['values'])} runs)"
    if isinstance(value, list):
        return f"{len(value)} entries"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _replace(path: Path, content: Mapping[str, Any]) -> None:
    aside = path.with_suffix(".partial")
    aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)
