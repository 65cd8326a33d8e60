"""Which plug-ins a checkpoint and the run that resumes it must have in common."""

from benchnn.running.plug_ins import plug_in_identity
from simcore.registry import PlugIn


def test_meters_may_change():
    model, meter = (PlugIn(kind, "x", "d", "1.0", kind[:2] * 32) for kind in ("neuron model", "meter"))
    assert plug_in_identity([model, meter]) == {"neuron model x": "d 1.0, sources nenenenenenenene"}


def test_files_of_one_name_are_all_kept():
    files = [PlugIn("neuron model", "mine.py:MODEL", None, None, letter * 64) for letter in "ab"]
    assert plug_in_identity(files) == {"neuron model mine.py:MODEL": f"sources {'a' * 16}; sources {'b' * 16}"}
