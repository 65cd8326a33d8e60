"""A workload of a user: what it states is read, and what is wrong is refused in a sentence."""

import re
from pathlib import Path

import pytest

from simcore.accelerators.workloads.reader import LAYER_KEYS, WORKLOAD_KEYS, load_workload, workload_names
from simcore.accelerators.workloads.workload import Layer
from simcore.errors import InputError

DOCUMENT = (Path(__file__).parents[4] / "docs" / "workloads.md").read_text()
OWN = """
title = "Mine"
steps = 3
weight_bits = 4
input_density = [0.1, 0.2, 0.3]
note = "by hand"

layers = [
{ name = "conv", kind = "convolution", channels = 2, filters = 4, input_size = [8, 6], kernel = 3, padding = 1 },
{ name = "block", repeat = 2, layers = [
{ name = "a", kind = "convolution", channels = 4, filters = 4, input_size = [8, 6], kernel = [1, 3], padding = [0, 1] },
{ name = "b", kind = "convolution", channels = 4, filters = 4, input_size = [8, 6], kernel = 1, weight_bits = 2 },
] },
{ name = "last", kind = "convolution", channels = 4, filters = 4, input_size = [8, 6], kernel = 1, pooling = 2 },
{ name = "out", kind = "linear", channels = 48, filters = 5, input_density = 0 },
]

[sources]
Me = "my notebook, page 3"
"""
CONV, _, A, B, _, LAST, OUT = OWN.split("layers = [\n", 1)[1].split("\n]\n")[0].split("\n")
BLOCKS = ["block_1.a", "block_1.b", "block_2.a", "block_2.b"]
COUNTED = """
title = "Counted"
why_no_layers = "not published"

[counted]
accumulations = 1.5e9
multiplications = 0
source = "Me"

[sources]
Me = "my notebook"
"""


@pytest.fixture
def own(tmp_path):
    """Write a workload, changed by (old, new) pairs, and load it."""

    def load(*changes, text=OWN):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "mine.toml").write_text(text)
        return load_workload(tmp_path / "mine.toml")

    return load


def test_a_workload_is_read(own):
    workload = own()
    assert (workload.name, workload.title, workload.steps, workload.note) == ("mine", "Mine", 3, "by hand")
    assert workload.sources == {"Me": "my notebook, page 3"} and not workload.measured
    shares = (0.1, 0.2, 0.3)
    first = Layer(
        "conv", "convolution", 2, 4, (8, 6), (3, 3), padding=(1, 1), weight_bits=4, input_bits=1, input_density=shares
    )
    assert workload.layers[0] == first
    names = [layer.name for layer in workload.layers]
    assert names == ["conv", *BLOCKS, "last", "out"]
    assert [layer.weight_bits for layer in workload.layers] == [4, 4, 2, 4, 2, 4, 4]
    assert workload.layers[1].kernel == (1, 3) and workload.layers[-1].densities(3) == (0.0, 0.0, 0.0)


def test_counted_operations_stand_for_layers(own):
    workload = own(text=COUNTED)
    assert workload.layers == () and workload.why_no_layers == "not published" and workload.steps is None
    counted = workload.counted
    assert (counted.accumulations, counted.multiplications, counted.sources) == (1.5e9, 0.0, ("Me",))


def test_a_list_that_does_not_chain_says_why(own):
    gap = ("channels = 48", "channels = 47")
    with pytest.raises(InputError, match=r"mine.toml: layer out: channels = 47.*last yields 4 maps of 4 x 3"):
        own(gap)
    assert own(gap, ("steps = 3", 'steps = 3\nwhy_not_chained = "a gap"')).why_not_chained == "a gap"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([('title = "Mine"', "")], "title = None"),
        ([('"Mine"', '"two\\nlines"')], "title = .*one line"),
        ([("steps = 3", "stepz = 3")], "mine.toml: the key 'stepz' is unknown; did you mean steps"),
        ([("steps = 3", "steps = 0")], "mine.toml: steps = 0"),
        ([("steps = 3", "steps = true")], "mine.toml: steps = True"),
        ([("steps = 3", "steps = 4")], "mine.toml: len.*conv: input_density.*each of the 4 steps"),
        ([("weight_bits = 4", "weight_bits = 4.0")], "mine.toml: weight_bits = 4.0"),
        ([("0.2", "1.2")], "mine.toml: input_density = 1.2"),
        ([("0.2", "nan")], "mine.toml: input_density = nan"),
        ([("[sources]", "[sources.a]")], "sources.a = .*one line of text"),
        ([('[sources]\nMe = "my notebook, page 3"', "")], "sources = .*state the sources of the figures"),
        ([(CONV, "")], None),
        ([(CONV, CONV.replace("filters = 4", "filters = 3"))], "layer block_1.a: channels = 4.*conv yields 3 maps"),
        ([(LAST, LAST.replace("[8, 6]", "[8, 5]"))], r"layer last: input_size = \[8, 5\].*yields 4 maps of 8 x 6"),
        ([(CONV, CONV.replace("kernel", "kernal"))], "layer conv: the key 'kernal' is unknown; did you mean kernel"),
        ([(CONV, CONV.replace(", kernel = 3", ""))], "mine.toml: layer conv: kernel is missing"),
        ([(CONV, CONV.replace("name", "nam"))], "mine.toml: layer 1: name = None"),
        ([(CONV, CONV.replace("filters = 4", "filters = 1_000_000_000_000_000_000"))], "layer conv: filters = 1000"),
        ([(A, A.replace("groups", "x")), ("[1, 3]", "[1, 30]")], r"block_1.a: kernel = \(1, 30\).*input of 6"),
        ([(B, B.replace("weight_bits = 2", "groups = 3"))], "layer block_1.b: groups = 3"),
        ([(OUT, OUT.replace("filters = 5", "filters = 5, kernel = 3"))], "layer out: kernel = .*one position"),
        ([(OUT, OUT.replace("linear", "lineal"))], "layer out: kind = 'lineal'"),
        ([(OUT, OUT.replace('"out"', '"last"'))], "mine.toml: name of a layer = 'last'.*a different name"),
        ([("repeat = 2", "repeat = 0")], "layer block: repeat = 0"),
        ([("repeat = 2", "repeat = 10_001")], "over 20000.*at most 20000"),
        ([("repeat = 2", "times = 2")], "layer block: the key 'times' is unknown"),
        ([("layers = [\n{ name", "layers = [\n3, { name")], "layers = .*list of tables"),
        ([("steps = 3", 'steps = 3\nwhy_no_layers = "none"')], "why_no_layers = 'none'.*the workload has layers"),
        ([("[sources]", "[sources")], "workload = .*mine.toml' is not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(own, changes, message):
    if message is None:
        # Without its first layer the list is still one.
        assert len(own(*changes).layers) == 6
        return
    with pytest.raises(InputError, match=message):
        own(*changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([('why_no_layers = "not published"', "")], "layers = None.*why_no_layers"),
        ([("[counted]", "[sources]"), ("[sources]\nMe", "[counted]\nMe")], "sources.accumulations = 1500000000.0"),
        ([("= 1.5e9", "= inf")], "counted.accumulations = inf"),
        ([("= 1.5e9", "= -1")], "counted.accumulations = -1"),
        ([("= 1.5e9", "= 1e16")], "counted.accumulations = 1e"),
        ([("multiplications = 0", "")], "counted.multiplications = None"),
        ([('"Me"', '["Me", "You"]')], "counted.source = .*use a key of .sources.: Me"),
        ([('source = "Me"', "")], "counted.source = None"),
        (
            [("multiplications", "multiplication")],
            "the key 'multiplication' is unknown; did you mean multiplications",
        ),
    ],
)
def test_what_is_wrong_with_counted_operations_is_named(own, changes, message):
    with pytest.raises(InputError, match=message):
        own(*changes, text=COUNTED)


def test_names_and_paths_are_found():
    with pytest.raises(InputError, match=r"workload = 'vgg'.*did you mean vgg\w+"):
        load_workload("vgg")
    with pytest.raises(InputError, match=r"no-such.toml.*does not exist"):
        load_workload("no-such.toml")
    with pytest.raises(InputError, match="workload = 3"):
        load_workload(3)
    with pytest.raises(InputError, match="does not exist"):
        load_workload(Path("vgg9"))


def test_the_workload_of_the_document_is_read(tmp_path):
    text = re.search(r"<!-- workload -->\n```toml\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    (tmp_path / "mine.toml").write_text(text)
    workload = load_workload(tmp_path / "mine.toml")
    assert [layer.name for layer in workload.layers] == ["first", *BLOCKS, "last", "out"]
    assert workload.layers[0].densities(4) == (1.0,) * 4 and workload.layers[3].densities(4) == (0.12,) * 4
    assert workload.layers[-1].densities(4) == (0.02, 0.05, 0.06, 0.06)


def test_the_document_lists_each_key():
    first_cells = "".join(re.findall(r"^\|(.*?)\|", DOCUMENT, re.MULTILINE))
    assert set(re.findall(r"`\[?(\w+)\]?`", first_cells)) == {*WORKLOAD_KEYS, *LAYER_KEYS, *workload_names()}
