"""What ``benchnn chips`` tells, and that the document on chips says the same."""

import json
import re
import subprocess
import sys
from pathlib import Path

from simcore.neuromorphic import chip_names, load_chip
from simcore.neuromorphic.sheets.quantities import QUANTITIES

DOCUMENT = (Path(__file__).parents[3] / "docs" / "chips.md").read_text()


def rows(text):
    return {line.split()[0]: re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip()}


def test_the_list_has_a_line_for_each_chip(benchnn):
    finished = benchnn("chips")
    assert finished.code == 0 and finished.err == ""
    listed = rows(finished.out)
    assert list(listed)[:-1] == ["name", *chip_names()]
    assert listed["loihi1"][2:] == ["14 nm", "128", "1,024", "128 KiB", "mesh", "23.6 pJ, marginal, simulated"]
    assert listed["odin"][2:] == ["28 nm FDSOI", "1", "256", "32 KiB", "-", "8.43 pJ, marginal, measured"]
    assert listed["akida1000"][2:] == ["28 nm", "80", "-", "-", "mesh", "-"]


def test_a_page_has_every_number_with_its_evidence(benchnn):
    chip = load_chip("loihi1")
    finished = benchnn("chips", "show", "loihi1")
    assert finished.code == 0
    assert "  synop_j            23.6 pJ  [simulated, marginal, 0.75 V, Davies2018]  the smallest\n" in finished.out
    assert "  static_w_per_chip  104.4 mW  [derived, Frady2020]  3.34 W of 32 chips" in finished.out
    assert "  barrier_s          113 ns at 1, 465 ns at 32 tiles  [simulated, Davies2018]\n" in finished.out
    assert "  multicast                    no  [Davies2018]" in finished.out
    assert "packing of synapses: loihi\n" in finished.out
    for key in [fact.quantity.key for fact in (*chip.facts, *chip.packing.facts)] + list(dict(chip.unpublished)):
        assert finished.out.count(f"\n  {key} ") == 1, key
    printed = " ".join(finished.out.split())
    for key, text in chip.sources:
        assert f"{key} {text}" in printed


def test_a_page_of_a_chip_without_energies(benchnn):
    out = benchnn("chips", "show", "akida1000").out
    assert "\nenergies\n" not in out and "packing" not in out
    assert "\nunpublished\n" in out and "energies of operations are not public" in out


def test_a_voltage_that_is_not_known_is_reported(benchnn):
    assert "1.0 nJ  [vendor, marginal, voltage unknown, SpiNNMachine]" in benchnn("chips", "show", "spinnaker1").out


def test_json_of_a_chip_is_in_si_with_null_for_what_is_absent(benchnn):
    record = benchnn("chips", "show", "odin", "--json").record
    assert record["quantities"]["synop_j"] == {
        "value": 8.43e-12,
        "unit": "J",
        "written": "8.43 pJ",
        "evidence": "measured",
        "scope": "marginal",
        "voltage_v": 0.55,
        "includes": [
            "update_active_j",
            "update_inactive_j",
            "spike_out_j",
            "message_in_j",
            "message_out_j",
            "within_tile_j",
        ],
        "sources": ["Power"],
        "note": "a coefficient of the formula",
    }
    assert record["quantities"]["synapses_per_core"]["value"] == 65536
    assert list(record["quantities"]) == list(QUANTITIES)
    assert record["quantities"]["update_active_j"] is None and "update_active_j" in record["unpublished"]
    assert record["words"]["topology"] is None
    assert record["packing"]["rule"] == "dense_crossbar" and record["packing"]["rows"]["value"] == 256
    loihi = benchnn("chips", "--json", "show", "loihi1").record
    assert loihi["quantities"]["barrier_s"]["table"] == [[1, 113e-9], [32, 465e-9]]
    assert loihi["packing"]["weight_bits"]["values"] == [0, 1, 2, 3, 4, 5, 6, 8]
    assert loihi["words"]["multicast"]["value"] is False


def test_json_of_all_chips(benchnn):
    records = json.loads(benchnn("chips", "--json").out)
    assert [record["name"] for record in records] == chip_names()
    assert records[0]["packing"] is None


def test_an_unknown_chip_is_refused_with_near_names(benchnn):
    assert "chip = 'truenort' is unknown" in benchnn("chips", "show", "truenort").refusal
    assert "did you mean truenorth?" in benchnn("chips", "show", "truenort").refusal
    assert "does not exist" in benchnn("chips", "show", "none.toml").refusal


def test_the_sheet_of_the_document_is_shown(benchnn, tmp_path):
    sheet = re.search(r"<!-- sheet -->\n```toml\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    (tmp_path / "mine.toml").write_text(sheet)
    finished = benchnn("chips", "show", tmp_path / "mine.toml")
    assert finished.code == 0
    assert "synop_j  9.1 pJ  [measured, marginal, 0.8 V, Thesis]" in finished.out
    (tmp_path / "mine.toml").write_text(sheet.replace('"pJ"', '"pW"'))
    assert (
        "mine.toml: energies.synop_j.unit = 'pW' is not allowed"
        in benchnn("chips", "show", tmp_path / "mine.toml").refusal
    )


def test_the_document_has_each_chip_with_its_energy():
    table = dict(re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", DOCUMENT, re.MULTILINE))
    assert sorted(table) == chip_names()
    for name, cell in table.items():
        energy = load_chip(name).fact("synop_j")
        if energy is None:
            assert not cell.strip(), name
        else:
            assert cell.startswith(f" {energy.written}, {energy.scope}, "), name
            assert energy.evidence in cell or energy.evidence == "derived"


def test_help_loads_no_numpy():
    code = "from benchnn.cli import main\ntry: main(['chips', '--help'])\nexcept SystemExit: pass"
    program = f"import sys\n{code}\nassert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
