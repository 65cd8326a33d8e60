"""Activity files: densities of layers by step, and what is refused, with file and line."""

import pytest

from benchnn.accelerators.sources.activity import read_activity, with_activity
from simcore.accelerators.workloads.workload import Layer, Workload
from simcore.errors import InputError


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "activity.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_activity(path)

    return read


def workload(**more):
    layers = Layer("conv1", "linear", 4, 3), Layer("fc", "linear", 3, 2, input_density=(0.5,))
    return Workload("net", "a net", layers, 2, **more)


def test_densities_are_those_of_all_steps_or_of_each(read):
    assert read("# of a simulator\nlayer,density\nconv1,0.25\n\nfc, 1\n") == {"conv1": (0.25,), "fc": (1.0,)}
    # In any order, and with another end of lines.
    steps = "\ufefflayer,step,density\r\nfc,2,0.5\r\nconv1,1,0\r\n# more\r\nfc,1,0.125\r\nconv1,2,1e-3\r\n"
    assert read(steps) == {"fc": (0.125, 0.5), "conv1": (0.0, 0.001)}
    assert read('layer,density\n"block 1, conv",0.5') == {"block 1, conv": (0.5,)}


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "line 1: '' is not allowed: the first line must be layer,density"),
        ("layer,rate\nfc,0.5\n", "line 1: 'layer,rate' is not allowed"),
        ("# a\nlayer,density\n", "line 2: the file has no layers"),
        ("layer,density\nfc\n", "line 2: 'fc' is not allowed: must have the columns layer,density"),
        ("layer,density\nfc,1.5\n", "line 2: density = '1.5' is not allowed: must be a number in [0, 1]"),
        ("layer,density\nfc,-0.1\n", "density = '-0.1'"),
        ("layer,density\nfc,nan\n", "density = 'nan'"),
        ("layer,density\nfc,0_1\n", "density = '0_1'"),
        ("layer,density\nfc,much\n", "density = 'much'"),
        ("layer,density\n,0.5\n", "line 2: layer = '' is not allowed"),
        ("layer,density\nfc,0.5\nfc,0.5\n", "line 3: 'fc,0.5' is not allowed: layer fc already appears in an"),
        ("layer,step,density\nfc,0,0.5\n", "line 2: step = '0' is not allowed"),
        ("layer,step,density\nfc,1.0,0.5\n", "step = '1.0'"),
        ("layer,step,density\nfc,9999999,0.5\n", "step = '9999999'"),
        ("layer,step,density\nfc,1,0.5\nfc,1,0.5\n", "line 3: 'fc,1,0.5' is not allowed: layer fc already has step 1"),
        ("layer,step,density\nfc,1,0.5\nfc,3,0.5\n", "line 2: layer 'fc' has step 3, but step 2 is missing"),
        ('layer,density\n"fc,0.5\n', "line 2: "),
        (b"layer,density\nfc\xff,0.5\n", "cannot read"),
    ],
)
def test_mistakes_are_refused_with_file_line_and_value(read, text, refusal):
    with pytest.raises(InputError) as caught:
        read(text)
    assert "activity.csv" in str(caught.value) and refusal in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv. does not exist"):
        read_activity(tmp_path / "none.csv")


def test_layers_that_are_not_named_keep_their_densities():
    changed = with_activity(workload(measured=True), {"conv1": (0.25, 0.75)})
    assert [layer.input_density for layer in changed.layers] == [(0.25, 0.75), (0.5,)]
    assert not changed.measured
    assert with_activity(workload(measured=True), {}) == workload(measured=True)


def test_unknown_layers_and_missing_steps_are_refused():
    with pytest.raises(InputError, match="'conv': net has no layer with this name; did you mean conv1"):
        with_activity(workload(), {"conv": (0.5,)})
    with pytest.raises(InputError, match="its layers are conv1, fc"):
        with_activity(workload(), {"zzz": (0.5,)})
    with pytest.raises(InputError, match="layer fc: input_density"):
        with_activity(Workload("net", "a net", workload().layers, 3), {"fc": (0.5, 0.5)})
