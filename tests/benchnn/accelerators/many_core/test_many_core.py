"""``benchnn many-core``: its record, table, pictures and page, and what it refuses."""

import json
import re
import shlex
from pathlib import Path

import pytest

from benchnn.accelerators.many_core.record_keys import MANY_CORE
from benchnn.report.making import _section
from benchnn.report.page import to_html
from benchnn.report.sources import read_source
from benchnn.report.style import drawing

DOCUMENT = (Path(__file__).parents[4] / "docs" / "many_core.md").read_text()
TEXT = "<script>alert(1)</script>\x1b]52;c;aGk=\x07"
QUICK = ("many-core", "--networks", "resnet50", "--designs", "64,2,2,4;8,4,4,8")
TINY = """
title = "Tiny"
layers = [{ name = "a", kind = "linear", channels = 2, filters = 2 }]
[sources]
Me = "me"
"""


def test_designs_are_ordered_by_throughput_and_the_published_order_comes_out(benchnn):
    record = benchnn("many-core", "--json").record
    means = {design["name"]: design["means"] for design in record["designs"]}
    first = [one[0]["operations_per_s"] for one in means.values()]
    assert first == sorted(first, reverse=True) and next(iter(means)) == "(64,2,2,4)"
    assert [mean["batch"] for mean in means["(64,2,2,4)"]] == ["1", "latency", "256"]
    assert [(claim["holds_in"], claim["rows"]) for claim in record["claims"]] == [(9, 9), (9, 9)]
    peaks = {design["name"]: round(design["peak_operations_per_s"] / 1e12, 2) for design in record["designs"]}
    assert peaks == {
        "(64,2,2,4)": 91.75, "(128,4,1,1)": 91.75, "(256,1,1,1)": 91.75, "(64,4,1,2)": 45.88, "(8,4,4,8)": 11.47,
    }  # fmt: skip
    assert len(record["rows"]) == 5 * 3 * 3
    for row in record["rows"]:
        if row["batch"] is None:
            assert row["asked"] == "latency" and row["latency_s"] is None
            assert re.search(r"one input takes [0-9.]+ ms, more than the limit of 10 ms", row["reasons"]["batch"])
        else:
            assert 0.0 < row["utilisation"] <= 1.0 and row["reasons"] == {}
            assert row["asked"] != "latency" or row["latency_s"] <= 0.010
    assert None in [row["batch"] for row in record["rows"]]
    assert set(record["reasons"]) == {"area_m2", "tdp_w", "timing", "tco"}


def test_every_key_of_the_record_has_allowed_values(benchnn):
    record = benchnn(*QUICK, "--json").record

    def lacking(value, allowed, key):
        if isinstance(allowed, dict) and "*" not in allowed:
            for name, entry in value.items():
                yield from lacking(entry, allowed[name], f"{key}.{name}") if name in allowed else [f"{key}.{name}"]
        elif isinstance(allowed, list):
            for entry in value:
                yield from lacking(entry, allowed[0], key)

    assert list(lacking(record, {**MANY_CORE, "schema_version": None}, "")) == []


def test_components_and_sparse_weights_are_in_the_record(benchnn):
    record = benchnn(*QUICK, "--sparsity", "0.5,0.9,0", "--json").record
    assert record["components"]["ratios"]["area"] == pytest.approx(2.82, abs=0.005)
    assert record["components"]["ratios"]["modelled energy at 400 MHz"] == pytest.approx(1.5, abs=0.01)
    sparsity = record["sparsity"]
    assert sparsity["power_ratio"] == 1.0 and "equal powers" in sparsity["note"]
    assert round(sparsity["break_even"], 3) == 0.502
    assert [(row["cells"], row["sparsity"]) for row in sparsity["rows"]] == [
        (cells, share) for cells in (64, 1024) for share in (0.0, 0.5, 0.9)
    ]
    assert sparsity["units"][0]["names"] == ["TU8", "RT64"]


def test_a_target_sets_the_clocks(benchnn):
    record = benchnn(*QUICK, "--target-tops", "46", "--batch", "4", "--json").record
    assert [design["peak_operations_per_s"] for design in record["designs"]] == [pytest.approx(46e12)] * 2
    clocks = {design["name"]: design["clock_hz"] for design in record["designs"]}
    assert clocks["(8,4,4,8)"] == pytest.approx(8 * clocks["(64,2,2,4)"])
    # With equal peaks the design that is used more yields more.
    assert record["claims"][1]["holds_in"] == 0


def test_exposed_weights_need_more_time(benchnn):
    times = [
        benchnn(*QUICK, "--batch", "1", "--weights", way, "--json").record["rows"][0]["latency_s"]
        for way in ("overlapped", "exposed")
    ]
    assert times[0] < times[1]


def test_all_designs_up_to_the_peak_of_the_sheet(benchnn):
    record = benchnn("many-core", "--networks", "vgg9", "--designs", "all", "--batch", "1", "--json").record
    assert len(record["designs"]) == 127
    table = benchnn("many-core", "--networks", "vgg9", "--designs", "all", "--batch", "1").out
    assert all(table.count(f"\n{design['name']} ") == 1 for design in record["designs"])


def test_the_table_says_what_is_known(benchnn):
    text = benchnn(*QUICK).out
    assert "published: utilisation of (8,4,4,8) above that of (64,2,2,4): holds in 3 of 3 rows" in text
    assert re.search(r"\(64,2,2,4\) +resnet50 +latency +117 ", text)
    assert "break even at a sparsity of 0.502" in " ".join(text.split())
    assert "chip to synthesis: area 2.82" in text and "tco is unknown: " in text
    one = benchnn("many-core", "--networks", "nasnet_a_large", "--designs", "256,1,1,1").out
    assert "nasnet_a_large on (256,1,1,1) has no batch: one input takes" in one


def test_a_network_of_ones_own(benchnn, tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)
    record = benchnn("many-core", "--networks", tmp_path / "tiny.toml", "--batch", "latency", "--json").record
    # More than 65,536 inputs are not tried.
    assert {row["batch"] for row in record["rows"]} == {65_536}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    from benchnn.cli import main

    folder = tmp_path_factory.mktemp("many-core") / "made"
    assert main([*QUICK, "--out", str(folder)]) == 0
    return folder


def test_a_folder_has_the_record_and_the_pictures(made, benchnn, tmp_path):
    assert {path.name for path in made.iterdir()} == {
        "many_core.json", "many-core-designs.svg", "many-core-sparsity.svg"
    }  # fmt: skip
    assert "already contains designs of many cores" in benchnn(*QUICK, "--out", made).refusal
    drawn = (made / "many-core-designs.svg").read_text()
    assert "(64,2,2,4)" in drawn and "mean throughput (TOPS)" in drawn and "mean utilisation (%)" in drawn
    assert "sparsity of the weights (%)" in (made / "many-core-sparsity.svg").read_text()
    page = tmp_path / "page.html"
    assert benchnn("report", made, "--out", page).code == 0
    text = page.read_text()
    for heading in ("Designs", "Networks on designs", "Sparse weights", "Components", "Sources of the numbers"):
        assert f">{heading}</h" in text


def test_pages_show_texts_and_obey_none(made, tmp_path):
    def hostile(value, key=""):
        if isinstance(value, dict):
            named = key in ("reasons", "gains", "energy_j", "ratios", "memory_m2_per_mib")
            return {(f"{TEXT}{name}" if named else name): hostile(entry, name) for name, entry in value.items()}
        if isinstance(value, list):
            return [hostile(entry, key) for entry in value]
        return TEXT if isinstance(value, str) else value

    (tmp_path / "many_core.json").write_text(json.dumps(hostile(json.loads((made / "many_core.json").read_text()))))
    with drawing():
        page = to_html([_section(read_source(tmp_path), None)])
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
    assert not [letter for letter in page if not letter.isprintable() and letter not in "\n\t"]


DAMAGED = {
    "no designs": (lambda record: record | {"designs": None}, "designs is missing"),
    "a share above 1": (lambda record: record | {"rows": [{"utilisation": 1.5}]}, "rows.0.utilisation = 1.5"),
    "a text as a number": (lambda record: record | {"designs": [{"clock_hz": "x"}]}, "designs.0.clock_hz"),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_record_is_refused(made, benchnn, tmp_path, fault):
    damage, message = DAMAGED[fault]
    record = json.loads((made / "many_core.json").read_text())
    (tmp_path / "many_core.json").write_text(json.dumps(damage(record)))
    assert message in benchnn("report", tmp_path, "--out", tmp_path / "page.html").refusal


@pytest.mark.parametrize("throughput", [5e-324, 1e-311])
def test_an_extreme_throughput_makes_a_page(made, benchnn, tmp_path, throughput):
    record = json.loads((made / "many_core.json").read_text())
    record["designs"][0]["means"][0]["operations_per_s"] = throughput
    (tmp_path / "many_core.json").write_text(json.dumps(record))
    assert benchnn("report", tmp_path, "--out", tmp_path / "page.html").code == 0


@pytest.mark.parametrize("emptied", ["designs", "rows", "networks", "claims", "components", "reasons", "options"])
def test_a_record_with_gaps_makes_a_page(made, benchnn, tmp_path, emptied):
    record = json.loads((made / "many_core.json").read_text())
    record[emptied] = type(record[emptied])()
    if emptied == "designs":
        record["designs"] = [{}]
    (tmp_path / "many_core.json").write_text(json.dumps(record))
    assert benchnn("report", tmp_path, "--out", tmp_path / "page.html").code == 0


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--designs", "64,2,2", r"designs: '64,2,2': .* use X,N,Tx,Ty"),
        ("--designs", "48,1,1,1", r"X = 48"),
        ("--designs", "64,2,2,4;(64,2,2,4)", r"\(64,2,2,4\) appears twice"),
        ("--networks", "resnet51", r"workload = 'resnet51' is unknown.*did you mean resnet50"),
        ("--networks", "vgg9,vgg9", r"vgg9 appears twice"),
        ("--networks", "lth_estimated", r"network = 'lth_estimated'"),
        ("--batch", "0", r"batch = '0' is not allowed.*or latency"),
        ("--batch", "1,1", r"batch = '1,1' .* twice"),
        ("--batch", "70000", r"batch = '70000'"),
        ("--latency-ms", "0", r"latency_ms = '0' is not allowed: must be above 0"),
        ("--latency-ms", "nan", r"latency_ms = 'nan'"),
        ("--target-tops", "-1", r"target_tops = '-1'"),
        ("--target-tops", "1e400", r"target_tops = "),
        ("--weights", "hidden", r"weights = 'hidden' is not allowed: use overlapped or exposed"),
        ("--sparsity", "1", r"sparsity = '1' is not allowed: must be in \[0, 1\)"),
        ("--sparsity", "0.5,x", r"sparsity = 'x'"),
        ("--on", "tpu_v1", r"on = 'tpu_v1' is not allowed: use a sheet of kind"),
        ("--on", "neurometre", r"accelerator = 'neurometre' is unknown.*did you mean neurometer"),
    ],
)
def test_wrong_options_are_refused(benchnn, option, text, message):
    assert re.search(message, benchnn("many-core", f"{option}={text}").refusal)


def test_a_sheet_of_ones_own(benchnn, tmp_path):
    from simcore.accelerators.sheets.parser import FOLDER

    text = (Path(FOLDER) / "neurometer.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace('value = 92, unit = "T/s"', 'value = 2, unit = "T/s"'))
    record = benchnn(*QUICK[:3], "--designs", "all", "--on", tmp_path / "mine.toml", "--json").record
    assert 0 < len(record["designs"]) < 127
    assert max(design["peak_operations_per_s"] for design in record["designs"]) <= 2e12


@pytest.mark.parametrize("key", ["clock_hz", "peak_operations_per_s", "dram_bandwidth_bits_per_s"])
def test_a_sheet_without_a_limit_is_refused(benchnn, tmp_path, key):
    from simcore.accelerators.sheets.parser import FOLDER

    text = (Path(FOLDER) / "neurometer.toml").read_text()
    (tmp_path / "mine.toml").write_text(re.sub(rf"\n{key} = .*\n", "\n", text))
    message = benchnn(*QUICK, "--target-tops", "46", "--on", tmp_path / "mine.toml").refusal
    assert f"on = 'mine' cannot be used: mine: {key}: not in the sheet" in message


def test_a_sheet_whose_roof_is_too_high_is_refused(benchnn, tmp_path):
    from simcore.accelerators.sheets.parser import FOLDER

    text = (Path(FOLDER) / "neurometer.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace('value = 700, unit = "GB/s"', 'value = 1e32, unit = "GB/s"'))
    assert "bytes_per_s = 1e+41" in benchnn(*QUICK, "--on", tmp_path / "mine.toml").refusal


def test_the_document_shows_the_designs_that_the_command_prints(benchnn):
    table = re.search(r"<!-- designs -->\n```\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    assert table in benchnn("many-core").out


def test_the_commands_of_the_document_run(benchnn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(TINY)
    block = re.search(r"<!-- many-core -->\n```sh\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert len(commands) == 5
    for program, *arguments in commands:
        assert program == "benchnn" and benchnn(*arguments).code == 0, arguments


def test_the_example_of_the_document_runs(capsys):
    (example,) = re.findall(r"<!-- example -->\n```python\n(.*?)```", DOCUMENT, re.DOTALL)
    names = {}
    exec(compile(example, "many_core.md", "exec"), names)  # noqa: S102 - the documents are ours
    assert capsys.readouterr().out == "0.664, 61.0 TOPS, 126.6 us\n" and names["batch"] == 117
