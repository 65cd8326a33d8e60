"""The pages on models: everything that is registered has a section, with tables that Markdown can read."""

import importlib.util
import re
from pathlib import Path

import pytest

from benchnn.models import models
from simcore.accelerators.sheets.parser import accelerator_names
from simcore.drives import drives
from simcore.neuromorphic import chip_names
from simcore.neurons import neuron_models

DOCS = Path(__file__).parents[1] / "docs"


def model_pages():
    """The extension of Sphinx that fills the pages, which Sphinx need not be installed for."""
    spec = importlib.util.spec_from_file_location("model_pages", DOCS / "model_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages():
    filled = model_pages().filled
    return {page.stem: filled(page.read_text()) for page in sorted((DOCS / "models").glob("*.md"))}


def sections(page):
    """Title -> text of the sections of a page."""
    _, *parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("neurons", neuron_models.names()),
        ("drives", [drives.get(name).__name__ for name in drives.names()]),
        ("rules", ["AllToAll", "EdgeFiles", "FixedIndegree", "SpatialPairwiseBernoulli"]),
        ("plasticity", ["Stdp", "StdpPowerLaw", "Tsodyks2"]),
        ("networks", models.names()),
        ("chips", chip_names()),
        ("accelerators", accelerator_names()),
    ],
)
def test_everything_has_a_section_with_a_table(pages, page, names):
    found = sections(pages[page])
    assert set(names) <= set(found)
    # It has no parameters.
    assert {name for name in names if "| --- |" not in found[name]} <= {"parrot_neuron"}


def test_rows_have_as_many_cells_as_the_heads_of_their_tables(pages):
    for name, page in pages.items():
        for table in re.findall(r"(?:^\|.*\n?)+", page, re.MULTILINE):
            rows = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
            assert len(set(rows)) == 1, (name, table)


def test_a_parameter_has_unit_default_range_and_meaning(pages):
    rows = sections(pages["neurons"])["iaf_psc_exp"]
    assert "| `C_m` | pF | 250 | \\> 0 | membrane capacitance |" in rows
    assert "| `V_m` | mV | `E_L` | membrane potential |" in rows


def test_an_argument_has_default_and_meaning(pages):
    rows = sections(pages["drives"])["Poisson"]
    assert "| `rate_hz` | required | Rate, 1/s," in rows and "| `delay_ms` | `1.0` | " in rows


def test_a_number_of_a_sheet_has_its_source(pages):
    section = sections(pages["chips"])["loihi1"]
    sources = set(re.findall(r"^\| ([^`|]+?) \| ", section.partition("| source | citation |")[2], re.MULTILINE))
    quantities = re.findall(r"^\| `\w+` \| (?:[^|]|\\\|)+ \| (?:\w| )* \| ([^|]+?) \|", section, re.MULTILINE)
    assert len(quantities) > 5
    assert {source for cell in quantities for source in cell.split(", ")} <= sources
