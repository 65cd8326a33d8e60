"""Interconnects: those that come with the program state their sources, files of a user must."""

import pytest

from benchnn.interconnects.interconnect import interconnect_names, load_interconnect
from simcore.errors import InputError

GOOD = """title = "Mine"
[latency_us]
value = 3
source = "measured with osu_latency"
[bandwidth_gb_s]
value = 10.5
source = "measured with osu_bw"
"""


@pytest.mark.parametrize("name", interconnect_names())
def test_each_has_values_and_says_where_they_are_published(name):
    link = load_interconnect(name)
    assert 0.5 < link.latency_us < 10.0 and 5.0 < link.bandwidth_gb_s < 100.0
    assert "latency: " in link.source and link.source.count("https://") == 2


def test_a_file_of_ones_own_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    link = load_interconnect(str(path))
    assert (link.latency_us, link.bandwidth_gb_s) == (3.0, 10.5)
    assert link.source == "Mine; latency: measured with osu_latency; bandwidth: measured with osu_bw"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('source = "measured with osu_bw"\n', "", ["bandwidth_gb_s: source is missing"]),
        ('source = "measured with osu_bw"', 'source = " "', ["bandwidth_gb_s.source", "must be a non-blank string"]),
        ("value = 3", "value = 0", ["latency_us = 0", "must be in [1e-09, 1e+09]"]),
        ("value = 3", "value = 1e300", ["latency_us = 1e+300", "must be in [1e-09, 1e+09]"]),
        ("value = 3", 'value = "3"', ["latency_us = '3'", "one finite number"]),
        ("value = 3", "value = inf", ["latency_us"]),
        ("[latency_us]\nvalue", "latency_us = 3\n[x]\nvalue", ["'x' is unknown"]),
        ('title = "Mine"', "", ["title is missing"]),
        ('title = "Mine"', 'title = "Mine"\nnodes = 3', ["'nodes' is unknown", "title, latency_us"]),
        ("[bandwidth_gb_s]", "[bandwidth]", ["'bandwidth' is unknown; did you mean bandwidth_gb_s?"]),
        ("[latency_us]", "[latency_us", ["is not valid TOML"]),
    ],
)
def test_files_without_sources_or_with_mistakes_are_refused(tmp_path, old, new, words):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_interconnect(str(path))
    for word in words:
        assert word in str(caught.value)


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="did you mean slingshot_11"):
        load_interconnect("slingshot11")
    with pytest.raises(InputError, match="does not exist"):
        load_interconnect(str(tmp_path / "none.toml"))
