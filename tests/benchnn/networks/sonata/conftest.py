"""The small network in a folder of the test, and the published example."""

import shutil
from pathlib import Path

import pytest
from sonata_files import write_network

EXAMPLE = Path(__file__).resolve().parents[5] / "shared" / "data" / "sonata_300_pointneurons"


@pytest.fixture
def config(tmp_path):
    return write_network(tmp_path)


@pytest.fixture
def example():
    """Folder of the published example, which is read in place."""
    if not EXAMPLE.exists():
        pytest.skip(f"the published example {EXAMPLE} is not there")
    return EXAMPLE / "300_pointneurons"


@pytest.fixture
def copied(example, tmp_path):
    """Folder of a copy of the example, which a test may change."""
    shutil.copytree(example.parent, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path / "copy" / "300_pointneurons"
