"""Output of ``benchnn accelerators``, and that the document on accelerators says the same."""

import json
import re
import subprocess
import sys
from pathlib import Path

from simcore.accelerators.sheets.parser import accelerator_names, load_accelerator
from simcore.accelerators.sheets.quantities import EVIDENCE, KINDS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "accelerators.md").read_text()


def rows(text):
    return {line.split()[0]: re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip()}


def test_the_list_has_a_line_for_each_accelerator(benchnn):
    finished = benchnn("accelerators")
    assert finished.code == 0 and finished.err == ""
    listed = rows(finished.out)
    assert list(listed)[:-1] == ["name", *accelerator_names()]
    assert listed["sata"][2:] == ["systolic array", "28 nm", "400 MHz", "16 x 8"]
    assert listed["sata_training"][2:] == ["systolic array, training", "-", "-", "-"]
    assert listed["spikesim_65nm"][2:] == ["in-memory crossbar", "65 nm, RRAM", "250 MHz", "64 x 64"]
    assert listed["tpu_v2"][2:] == ["systolic array", "16 nm", "700 MHz", "2 of 128 x 128"]


def test_a_page_has_every_number_with_evidence_and_node(benchnn):
    sata = load_accelerator("sata")
    finished = benchnn("accelerators", "show", "sata")
    assert finished.code == 0
    assert finished.out.startswith(f"sata: {sata.title}\nsystolic array\n")
    assert "  dram_access_j  0.468762 nJ  [simulated, 32 nm, marginal, voltage unknown, SATA_Sim]" in finished.out
    assert "  and_m2         6.72 um2 at 8, 13.44 um2 at 16 bits  [simulated, 28 nm, SATA_Sim]\n" in finished.out
    assert "  dataflow                   tick_batched  [SATA_Sim]" in finished.out
    for key in [fact.quantity.key for fact in sata.facts] + list(dict(sata.unpublished)):
        assert finished.out.count(f"\n  {key} ") == 1, key
    one_line = " ".join(finished.out.split())
    for key, text in sata.sources:
        assert f"{key} {text}" in one_line


def test_json_of_an_accelerator_is_in_si_with_null_for_what_is_absent(benchnn):
    record = benchnn("accelerators", "show", "sata", "--json").record
    assert list(record) == ["name", "title", "kind", "words", "quantities", "unpublished", "sources"]
    quantities = record["quantities"]
    assert quantities["and_w"] == {
        "table": [[8, 2.35e-6], [16, 4.74e-6]],
        "over": "bits",
        "unit": "W",
        "written": "0.00235 mW at 8, 0.00474 mW at 16 bits",
        "evidence": "simulated",
        "node": "28 nm",
        "scope": None,
        "voltage_v": None,
        "includes": [],
        "sources": ["SATA_Sim"],
        "note": "dynamic",
    }
    assert quantities["rows"]["value"] == 16 and quantities["lif_register_bits"]["values"] == [4, 8]
    assert quantities["dram_bandwidth_bits_per_s"] is None and "dram_bandwidth_bits_per_s" in record["unpublished"]
    assert "adc_j" not in quantities
    assert record["words"]["dataflow"]["value"] == "tick_batched" and record["words"]["corner"] is None
    spikesim = benchnn("accelerators", "--json", "show", "spikesim_65nm").record
    assert spikesim["quantities"]["adc_j"]["value"] == 2.03084e-12 and "rows" not in spikesim["quantities"]
    assert "dataflow" not in spikesim["words"]


def test_json_of_all_accelerators(benchnn):
    records = json.loads(benchnn("accelerators", "--json").out)
    assert [record["name"] for record in records] == accelerator_names()


def test_an_unknown_accelerator_is_refused_with_near_names(benchnn):
    refusal = benchnn("accelerators", "show", "sata_2025").refusal
    assert "accelerator = 'sata_2025' is unknown" in refusal and "did you mean sata_2024" in refusal
    assert "does not exist" in benchnn("accelerators", "show", "none.toml").refusal


def test_the_sheet_of_the_document_is_shown(benchnn, tmp_path):
    sheet = re.search(r"<!-- sheet -->\n```toml\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    (tmp_path / "mine.toml").write_text(sheet)
    finished = benchnn("accelerators", "show", tmp_path / "mine.toml")
    assert finished.code == 0
    assert "  adder_w  14 uW at 8, 30.5 uW at 16 bits  [simulated, 22 nm, 0.8 V, Thesis]\n" in finished.out
    (tmp_path / "mine.toml").write_text(sheet.replace('"uW"', '"pJ"'))
    refusal = benchnn("accelerators", "show", tmp_path / "mine.toml").refusal
    assert "mine.toml: power.adder_w.unit = 'pJ' is not allowed" in refusal


def test_the_document_has_each_accelerator_and_kind():
    table = re.findall(r"^\| `(\w+)` \|", DOCUMENT.partition("## Accelerators\n")[2], re.MULTILINE)
    assert sorted(table[: len(accelerator_names())]) == accelerator_names()
    assert all(f'"{kind}"' in DOCUMENT for kind in KINDS)
    assert f"`{EVIDENCE[-1]}`" in DOCUMENT


def test_help_loads_no_numpy():
    code = "from benchnn.cli import main\ntry: main(['accelerators', '--help'])\nexcept SystemExit: pass"
    program = f"import sys\n{code}\nassert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
