"""The command line ``benchnn results``, on made-up and on real runs."""

import csv
import io
import json
import subprocess
import sys

import pytest


def results(benchnn, *arguments):
    return benchnn("results", *arguments)


@pytest.fixture
def call(benchnn):
    return lambda *arguments: results(benchnn, *arguments)


def rows(finished):
    assert finished.code == 0, finished.err
    return [line.split() for line in finished.out.splitlines()]


def test_real_runs_are_added_listed_shown_and_compared(run_small, home, call):
    for name, arguments in {"one": (), "two": ("--seed", 2), "three": ()}.items():
        assert run_small(*arguments, out=f"runs/{name}").code == 0
    assert call("add", "runs").out == "results/results.sqlite: 3 added\n"
    assert call("add", "runs", "runs/one", "runs/two/result.json").out.endswith(": 0 added, 5 already known\n")
    listed = rows(call("list", "--where", "seed=1", "--columns", "seed,spike_digest"))
    digest = listed[1][1]
    assert listed[1:] == [["1", digest]] * 2
    heading, *lines = rows(call("list"))
    assert {"run", "model", "seed", "RTF", "digest"} <= set(heading) and len(lines) == 3
    record = json.loads((home / "runs" / "two" / "result.json").read_text())
    for name in (record["run_id"], lines[0][0], "runs/two"):
        assert call("show", name).code == 0
    assert f"spike_digest: {record['spike_digest']}\n" in call("show", record["run_id"]).out
    assert call("show", "runs/two", "--json").record == record
    same = call("compare", "runs/one", "runs/three")
    assert same.code == 0 and f"spikes are equal: digest {digest}" in same.out
    assert "which is allowed: seed differs" in call("compare", "runs/one", record["run_id"]).out
    regressions = call("regressions")
    assert regressions.code == 0 and "cannot tell: no earlier version" in regressions.out


def test_what_cannot_be_added_is_reported_and_the_others_are_added(filled, call, folder_of, record):
    filled(record(1))
    (folder_of(record(2), "broken") / "result.json").write_text("{")
    folder_of(record(3, schema_version=2), "newer")
    folder_of(record(1, seed=5), "other")
    folder_of(record(4))
    finished = call("add", "runs")
    assert finished.code == 2
    assert finished.out == "results/results.sqlite: 1 added, 1 already known, 3 refused\n"
    errors = finished.err.splitlines()
    assert len(errors) == 3 and all(line.startswith("benchnn: error: runs/") for line in errors)
    assert "runs/broken/result.json: not valid JSON" in errors[0]
    assert "runs/newer/result.json: schema_version = 2 is not allowed: must be 1" in errors[1]
    assert (
        "runs/other/result.json: run net-20260101T000000Z-00000001 already exists with different content: seed"
        in errors[2]
    )
    assert len(rows(call("list"))) == 3


def test_energy_is_added_on_request(filled, call, folder_of, record, energetic):
    filled(record(1))
    folder_of(energetic(record(1)))
    assert "pass --replace" in call("add", "runs").err
    assert call("add", "runs", "--replace").out.endswith("0 added, 1 replaced\n")
    assert "energy.propagation_j: 5.0\n" in call("show", "00000001").out


def test_the_latest_runs_come_first(filled, call, record):
    filled(*(record(number, seed=number) for number in (3, 1, 2)))

    def order(*arguments):
        return [int(row[0]) for row in rows(call("list", "--columns", "seed", *arguments))[1:]]

    assert order() == [3, 2, 1] and order("--limit", 2) == [3, 2] and order("--reverse") == [1, 2, 3]
    assert order("--sort", "seed") == [1, 2, 3] and order("--sort", "seed", "--reverse", "--limit", 1) == [3]


def test_default_columns_are_what_tells_the_runs_apart(filled, call, record):
    filled(record(1), record(2, model__parameters__scale=1.0), record(3, backend__precision="float64"))
    heading, *lines = rows(call("list"))
    # The hour of the start is a word of its own, and so are the parts of the layout.
    words = "run started (UTC) model scale precision simulator layout host RTF rate (1/s) digest"
    assert " ".join(heading) == words
    words = "00000003 2026-01-01 00:00 net 0.5 float64 simcore 1 x 2 n1 1 10 aaaaaaaa"
    assert " ".join(lines[0]) == words


def test_csv_is_rfc_4180(filled, call, record):
    filled(record(1, model__name='a,"b"\nc', model__parameters__limit=None), record(2))
    text = call("list", "--csv", "--columns", "run_id,model.name,model.parameters.limit,layout.hosts").out
    assert text.startswith("run_id,model.name,model.parameters.limit,layout.hosts\r\n") and text.endswith("\r\n")
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert found[1:] == [
        [record(2)["run_id"], "net", "", '["n1"]'],
        [record(1)["run_id"], '"a,\\"b\\"\\nc"', "", '["n1"]'],
    ]
    default = list(csv.DictReader(io.StringIO(call("list", "--csv").out, newline="")))
    assert default[0]["spike_digest"] == "aa" * 16


def test_json_has_values_as_they_are(filled, call, record):
    filled(record(1))
    assert call("list", "--json", "--columns", "seed,layout.hosts,energy").record == [
        {"seed": 1, "layout.hosts": ["n1"], "energy": None}
    ]
    assert call("list", "--json", "--where", "seed=2").record == []


def test_wrong_input_is_refused(filled, call, record):
    filled(record(1))
    for arguments, words in {
        ("list", "--where", "sed=1"): "key = 'sed' is unknown: no record has it; did you mean seed",
        ("list", "--columns", "seed,layout.rank"): "key = 'layout.rank' is unknown",
        ("list", "--sort", "nothing_like_it"): "key = 'nothing_like_it' is unknown",
        ("list", "--limit", "0"): "limit = 0 is not allowed",
        ("list", "--csv", "--json"): "not allowed with argument",
        ("list", "--database", "other.sqlite"): "other.sqlite does not exist",
        ("show", "zz"): "run = 'zz' is unknown: no run_id in results/results.sqlite",
        ("compare", "runs", "00000001"): "cannot read runs/result.json",
        ("regressions", "--min-change", "-1"): "min_change = '-1' is not allowed",
        ("regressions", "--level", "2"): "level = '2' is not allowed",
        ("regressions", "--since", "yesterday"): "since = 'yesterday' is not allowed",
        ("add", "nowhere"): "nowhere does not exist",
    }.items():
        assert words in call(*arguments).refusal


def test_hostile_input_finds_nothing_and_changes_nothing(filled, call, record):
    filled(record(1))
    before = call("list", "--json").out
    for text in ("'; DROP TABLE record; --", "1 OR 1=1", "x' OR 'x'='x"):
        assert call("list", "--json", "--where", f"model.name={text}").record == []
        assert "no record has it" in call("list", "--columns", text).refusal
        assert call("show", text).code == call("remove", text).code == 2
    assert call("list", "--json").out == before


def test_an_empty_list_says_so(filled, call, record):
    filled(record(1))
    assert call("list", "--where", "seed=2").out == "no run satisfies the conditions (runs in the database: 1)\n"
    assert call("remove", "00000001").code == 0
    assert call("list").out == call("list", "--where", "seed=2", "--sort", "seed").out == "no runs\n"
    assert call("list", "--json").record == []
    assert call("show", "").code == 2
    assert call("regressions").code == 0


def test_removing_keeps_the_file(filled, call, record, tmp_path):
    filled(record(1), record(2))
    finished = call("remove", "00000001")
    assert finished.out.startswith(
        f"removed {record(1)['run_id']} from results/results.sqlite; its file is kept: {tmp_path}"
    )
    assert len(list(tmp_path.glob("runs/*/result.json"))) == 2
    assert len(rows(call("list"))) == 2


def test_a_regression_is_the_exit_code(filled, call, record):
    old = [record(n, real_time_factor=1.0 + 0.01 * n) for n in range(5)]
    new = [record(50 + n, real_time_factor=1.5 + 0.01 * n, provenance__source_digest="f" * 64) for n in range(5)]
    filled(*old, *new)
    finished = call("regressions")
    assert finished.code == 1 and "REGRESSION" in finished.out
    found = call("regressions", "--json")
    assert found.code == 1 and found.record["groups"][0]["measures"]["real_time_factor"]["verdict"] == "worse"
    assert call("regressions", "--min-change", 60).code == 0
    assert call("regressions", "--where", "real_time_factor<1.2").code == 0
    assert call("regressions", "--baseline", "real_time_factor>1.2").code == 0


def test_spikes_that_must_agree_and_do_not_are_the_exit_code(filled, call, record):
    filled(record(1), record(2, spike_digest="cc" * 16))
    assert call("compare", "00000001", "00000002").code == 1
    assert call("regressions").code == 1


def test_a_listing_loads_nothing_heavy(filled, record):
    filled(record(1))
    code = "import sys\nfrom benchnn.cli import main\nmain(['results', 'list'])\nassert 'numpy' not in sys.modules"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "aaaaaaaa" in finished.stdout


def test_a_failed_addition_leaves_the_database_as_it_was(filled, call, record, file_size_limit, folder_of):
    filled(record(1))
    for number in range(2, 60):
        folder_of(record(number))
    with file_size_limit(30_000):
        finished = call("add", "runs")
    assert finished.code == 1 and "cannot use the database" in finished.err
    assert len(rows(call("list"))) == 2
    assert call("add", "runs").out.endswith("58 added, 1 already known\n")
