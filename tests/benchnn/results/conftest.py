"""Records as ``benchnn run`` leaves them, made up."""

import copy
import json

import pytest

RECORD = {
    "schema_version": 1,
    "run_id": "net-20260101T000000Z-00000000",
    "command": ["benchnn", "run", "net"],
    "interrupted": False,
    "simulator": {"name": "simcore", "version": "0.1.0", "mode": None, "connectivity": "exact", "differences": []},
    "model": {
        "name": "net",
        "parameters": {"scale": 0.5, "input": "poisson", "limit": None},
        "neurons": 100,
        "synapses": 1000,
        "resolution_ms": 0.1,
        "populations": {"E": {"neuron_model": "iaf_psc_exp", "neurons": 100}},
    },
    "seed": 1,
    "backend": {"name": "cpu", "precision": "float32", "weight_bits": 16, "delivery": "just_in_time"},
    "layout": {"ranks": 1, "threads_per_rank": 2, "hosts": ["n1"]},
    "time": {"model_time_ms": 1000.0, "warmup_ms": 500.0, "resumed_at_ms": None, "timed_ms": 1000.0},
    "real_time_factor": 1.0,
    "wall_s": {"construction": {"min": 2.0, "mean": 2.0, "max": 2.0, "sum": 2.0}},
    "spikes": 1000,
    "spike_digest": "aa" * 16,
    "network_digest": "bb" * 16,
    "memory_bytes": {"peak_rss": {"min": 1e9, "mean": 1e9, "max": 1e9, "sum": 1e9}},
    "energy": None,
    "energy_per_synaptic_event_uj": None,
    "provenance": {
        "started_utc": "2026-01-01T00:00:00+00:00",
        "options": {"record": [], "delivery": "auto"},
        "host": "n1",
        "os": "Linux 6",
        "python": "CPython 3.11",
        "packages": {"numba": "0.60"},
        "git_commit": "c" * 40,
        "source_digest": "d" * 64,
        "model_digest": "e" * 64,
        "cpu_model": "CPU",
        "cpu_governor": None,
        "affinity": "0-1",
    },
    "reasons": {"energy": "no meter", "energy_per_synaptic_event_uj": "no meter", "time.resumed_at_ms": "not resumed"},
}


def make(number=0, /, **changes):
    """A record whose keys are changed: ``make(3, layout__ranks=2)``; the number names the run and is its second."""
    record = copy.deepcopy(RECORD)
    record["run_id"] = f"net-20260101T000000Z-{number:08x}"
    record["provenance"]["started_utc"] = (
        f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}+00:00"
    )
    for key, value in changes.items():
        *groups, name = key.split("__")
        part = record
        for group in groups:
            part = part[group]
        part[name] = value
    return record


@pytest.fixture
def record():
    """Make a record: ``record(3, layout__ranks=2)``."""
    return make


@pytest.fixture
def energetic():
    """Add energy to a record, as is done after a run."""

    def add(record, joules=5.0):
        changed = copy.deepcopy(record)
        changed["energy"] = {"propagation_j": joules, "idle_w": None}
        changed["energy_per_synaptic_event_uj"] = joules * 1e-3
        changed["reasons"] = {"energy.idle_w": "not known", "time.resumed_at_ms": "not resumed"}
        return changed

    return add


@pytest.fixture
def folder_of(tmp_path):
    """Write a record into a folder as a run does; returns the folder."""

    def write(record, name=None):
        folder = tmp_path / "runs" / (name or record["run_id"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_text(json.dumps(record))
        return folder

    return write


@pytest.fixture
def filled(tmp_path, monkeypatch, benchnn, folder_of):
    """Add records to the default database of an empty working folder: ``filled(record(1), record(2))``."""
    monkeypatch.chdir(tmp_path)

    def fill(*records):
        for entry in records:
            folder_of(entry)
        assert benchnn("results", "add", "runs").code == 0

    return fill
