"""Machine code of a plug-in is kept, and made anew after an edit of what it was made of."""

import pytest
from packages import OWN_FILE, shown_files

COUNTED = """
import sys
from numba.core.event import RecordingListener, install_listener
from simcore.network import Network, Population, SpikeRecorder
from simcore.simulator import Simulator

network = Network([Population("A", 8, sys.argv[1])], recorders=[SpikeRecorder()])
with install_listener("numba:compile", listener := RecordingListener()):
    with Simulator(network, threads=1) as simulator:
        result = simulator.run(100.0)
print(result.spikes["A"], len(listener.buffer) > 0)
"""
SHARED = "PERIOD = {}\n"


@pytest.fixture
def counted(python, tmp_path):
    """Spikes of a neuron model of a file or an installed package, and whether anything was compiled for them."""

    def run(model):
        done = python("-c", COUNTED, model, sites=[tmp_path], folder=tmp_path)
        assert done.code == 0, done.err
        spikes, compiled = done.out.split()
        return int(spikes), compiled == "True"

    return run


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["file", "package"])
def test_an_edit_also_of_an_imported_file_is_compiled(counted, tmp_path, form):
    folder, prefix = (tmp_path, "") if form == "file" else (tmp_path / "counting", "counting.")
    folder.mkdir(exist_ok=True)
    text = shown_files()[OWN_FILE].replace("at(period, i) if fires", "left.dtype.type(PERIOD) if fires")
    kernel = folder / "mine.py"
    kernel.write_text(f"from {prefix}shared import PERIOD\n{text}")
    (folder / "shared.py").write_text(SHARED.format(10))
    model = f"{kernel}:COUNTER"
    if form == "package":
        (folder / "__init__.py").write_text("")
        information = tmp_path / "counting-1.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1\n")
        (information / "entry_points.txt").write_text("[simcore.neurons]\ncounter = counting.mine:COUNTER\n")
        model = "counter"
    assert counted(model) == (8 * 100, True)
    assert counted(model) == (8 * 100, False)
    (folder / "shared.py").write_text(SHARED.format(20))
    # The first spike comes after the period that the oracle's parameter gives.
    assert counted(model) == (8 * 50, True)
    kernel.write_text(kernel.read_text().replace("type(PERIOD)", "type(2 * PERIOD)"))
    assert counted(model) == (8 * 25, True)
