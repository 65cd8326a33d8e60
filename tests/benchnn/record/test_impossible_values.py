"""Each number and text of a real record, changed to what no run can have: refused wherever records are read."""

import json

import pytest

from benchnn.record.allowed import require_allowed
from benchnn.record.run_keys import require_run
from benchnn.studies import record_keys
from simcore.errors import InputError

FREE = ("parameters", "options", "grown", "busiest_link")
"""Parts whose values are the user's, or of any type."""
SIGNED = ("exit_code", "candidate", "reference", "CV of ISI", "correlation", "rate (1/s)")
WRONG_TYPES = (True, [], {}, [1], {"a": 1})
NOWHERE = {
    "number": (-1, -0.5, 2**63, -(2**70), *WRONG_TYPES, "1"),
    "text": (1.5, *WRONG_TYPES),
    "object": (1, "x", [1]),
}


def leaves(value, place=()):
    """Places of numbers, texts and objects, below those that are free."""
    if isinstance(value, dict | list):
        if isinstance(value, dict) and place:
            yield place, "object"
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in FREE:
                yield from leaves(entry, (*place, key))
    elif isinstance(value, str):
        yield place, "text"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, "number"


def changed(record, place, value):
    """A copy of the record with another value in one place."""
    key, *rest = place
    part = record.copy()
    part[key] = changed(record[key], rest, value) if rest else value
    return part


def refusal(require, record):
    """Why a record is refused; empty if it is not."""
    try:
        require(record)
    except InputError as error:
        return str(error)
    return ""


def assert_refused_everywhere(record, require):
    require(record)
    accepted, tried = [], 0
    for place, kind in leaves(record):
        for value in NOWHERE[kind]:
            word_or_number = place[-1] in (*SIGNED, "slurm_job_id", "spread", "threshold") and value not in WRONG_TYPES
            if word_or_number or place == ("schema_version",):
                continue
            tried += 1
            dotted = ".".join(map(str, place))
            message = refusal(require, changed(record, place, value))
            if "cannot use FILE" not in message or dotted not in message:
                accepted.append((dotted, value, message))
    assert not accepted, f"{len(accepted)} of {tried}: {accepted}"
    assert tried > 100


def test_of_a_run(chip_runs):
    record = json.loads((chip_runs / "loihi1" / "result.json").read_text())
    assert_refused_everywhere(record, lambda values: require_run(values, "FILE"))


@pytest.mark.parametrize("kind", ["series", "comparison", "validation"])
def test_of_a_study(kind):
    spread = {"median": 1.0, "min": 1.0, "max": 1.0}
    median = {**spread, "interval_95": {"low": 1.0, "high": 2.0, "confidence": 0.96}}
    estimate = {"mean": 0.5, "low": 0.25, "high": None, "neurons": 3}
    populations = {"E": dict.fromkeys(("coincident_share", "van_rossum", "victor_purpura"), estimate)}
    trains = {
        "coincidence_steps": 1,
        "van_rossum_tau_ms": 10.0,
        "victor_purpura_cost_hz": 100.0,
        "window_ms": 1.0,
        "pairs": [{"candidate": "a", "reference": "b", "populations": populations}],
    }
    records = {
        "series": {
            "kind": "strong",
            "seeds": [1],
            "usable_cpus": 2,
            "rows": [
                {
                    "ranks": 1,
                    "threads": 1,
                    "cores": 1,
                    "network_factor": 1.0,
                    "neurons": 5,
                    "efficiency": 1.0,
                    "real_time_factor": spread,
                    "update_share": spread,
                    "reasons": {"efficiency": "why"},
                    "runs": [{"seed": 1, "real_time_factor": 1.0, "deliver_share": 0.5, "spike_digest": "aa"}],
                }
            ],
        },
        "comparison": {
            "model": {"name": "net", "parameters": {"a": -1}},
            "repeats": 1,
            "threads": 1,
            "seed": 1,
            "time": {"model_time_ms": 1.0, "warmup_ms": 0.0},
            "machine": {"cpu_model": "CPU", "stream_triad_gb_s": [1.0]},
            "simulators": {
                "simcore": {"runs": 1, "real_time_factor": spread, "synapses": median, "ratio_to_first": 1.0}
            },
            "agreement": [{"simulator": "a", "equal_spikes": 3, "first_difference": {"time_ms": 1.0, "neuron": 1}}],
            "train_distances": trains,
            "runs": [{"simulator": "simcore", "repeat": 1, "folder": "a", "real_time_factor": 1.0}],
            "drives": ["poisson"],
            "connectivity": "exact",
            "command": ["benchnn"],
            "interrupted_by": None,
        },
        "validation": {
            "model": {"name": "net", "parameters": {}},
            "level": 0.01,
            "divisions": 6,
            "time": {"model_time_ms": 1.0, "warmup_ms": 0.0},
            **{side: {"simulator": "s", "seeds": [1, None], "spike_digests": ["aa", "bb"]} for side in ("candidate",)},
            "train_distances": trains,
            "findings": [{"population": "E", "statistic": "FR", "metric": "KS", "adjusted_p": 0.5, "spread": 0.1}],
        },
    }
    allowed = {"series": "SERIES", "comparison": "COMPARISON", "validation": "VALIDATION"}[kind]
    assert_refused_everywhere(
        records[kind], lambda values: require_allowed(values, getattr(record_keys, allowed), "FILE")
    )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "neurobench",
            {"activation_sparsity": 1.2},
            "chip.neurobench.activation_sparsity = 1.2 is not allowed: must be <= 1",
        ),
        ("step_time_s", {"min": 2.0, "max": 1.0}, "chip.step_time_s.min = 2 is not allowed: must be at most"),
        ("tick_s", 0, "chip.tick_s = 0 is not allowed: must be > 0"),
    ],
)
def test_shares_orders_and_zeros(key, value, message):
    with pytest.raises(InputError, match=f"cannot use FILE: {message}"):
        require_run({"chip": {key: value}}, "FILE")


def test_nothing_lies_beyond_the_end_of_a_run():
    time = {"model_time_ms": 100.0, "warmup_ms": 10.0}
    require_run({"time": {**time, "timed_ms": 100.0, "resumed_at_ms": 110.0}}, "FILE")
    for name, value in (("timed_ms", 100.1), ("resumed_at_ms", 111.0)):
        with pytest.raises(InputError, match=f"time.{name} = .* the end of the run"):
            require_run({"time": {**time, name: value}}, "FILE")


def test_every_command_that_reads_a_record_refuses_it(run_small, home, benchnn):
    run_small("--record", "spikes")
    path = home / "out" / "result.json"
    right = json.loads(path.read_text())
    path.write_text(json.dumps(changed(right, ("mean_rate_hz", "E"), -3.0)))
    (home / "log.csv").write_text("0,1\n1,1\n")
    for arguments in (
        ("report", "out"),
        ("results", "add", "out"),
        ("results", "show", "out/"),
        ("results", "compare", "out/", "out/"),
        ("energy", "out", "--power-log", "log.csv"),
        ("floorline", "out"),
        ("map", "small.py:small", "--chip", "loihi1", "--rates", "out"),
    ):
        finished = benchnn(*arguments)
        assert finished.code == 2, (arguments, finished)
        assert "out/result.json: mean_rate_hz.E = -3 is not allowed: must be >= 0" in finished.err, arguments
