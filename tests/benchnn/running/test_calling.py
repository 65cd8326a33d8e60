"""`benchnn.run` does what ``benchnn run`` does and returns the record with its spikes; `benchnn.read` reads it back."""

import argparse
import json

import numpy as np
import pytest

import benchnn
from benchnn import cli
from benchnn.running import notebook
from benchnn.running.merging import run_options
from benchnn.running.options import SIMPLE_OPTIONS
from simcore.errors import InputError, KeywordError, UnavailableError, WriteError

SHORT = {"backend": "oracle", "time_ms": 20, "warmup_ms": 5.0, "meters": "none", "progress": False}


@pytest.fixture
def done(small, tmp_path):
    """A finished run of the small network."""
    return benchnn.run(small, n=40, record=["spikes", "V_m:E:0-2"], out=tmp_path / "done", **SHORT)


@pytest.fixture
def small(home):
    """The network of the tests' own file."""
    return "small.py:small"


def test_the_result_has_record_spikes_and_traces(done):
    assert done["model.neurons"] == 50 and done["simulator.mode"] is None
    assert done.why("simulator.mode") == "simcore has only one mode; see backend"
    assert len(done.spikes) == done["spikes"] > 0
    assert (done.spikes.start_step, done.spikes.stop_step) == (50, 250)
    assert sorted(done.traces) == [("E", 0, "V_m"), ("E", 1, "V_m"), ("E", 2, "V_m")]
    times = done.traces.times_ms
    assert len(times) == 200 and (times[0], times[-1]) == pytest.approx((5.1, 25.0))


def test_it_is_the_record_of_the_command_line(done, tmp_path, capsys):
    """The command that the record names yields the same digests."""
    command = done["command"]
    assert command[:5] == ["benchnn", "run", "small.py:small", "--param", "n=40"]
    words = [word if word != str(tmp_path / "done") else str(tmp_path / "again") for word in command[1:]]
    assert cli.main(words) == 0
    again = benchnn.read(tmp_path / "again")
    for key in ("spike_digest", "network_digest", "spikes", "time.warmup_ms", "model.parameters"):
        assert again[key] == done[key]
    np.testing.assert_array_equal(again.traces["E", 1, "V_m"], done.traces["E", 1, "V_m"])


@pytest.mark.parametrize(
    "given",
    [
        {"time_ms": 12.5, "warmup_ms": 0.0, "seed": 7, "overwrite": True, "record": "spikes"},
        {
            "threads": 2,
            "checkpoint_every_ms": 10.0,
            "weight_bits": 32,
            "accept_quantisation": True,
            "precision": "float64",
        },
        {"chip": "loihi1", "tick_ms": 1.0, "mapper": "random", "record": ["link_messages"]},
    ],
)
def test_the_command_of_the_record_means_the_same_options(given):
    from benchnn.running.calling import _options

    options, command = _options("brunel", {**given, "order": 20})
    parsed = cli.make_parser().parse_args(command[1:])
    texts = {name: getattr(parsed, name) for name in SIMPLE_OPTIONS}
    from_texts = run_options(texts, parsed.param, parsed.config)
    same = {name: getattr(from_texts, name) for name in SIMPLE_OPTIONS}
    assert same == {name: getattr(options, name) for name in SIMPLE_OPTIONS}
    assert from_texts.text_params == {"order": "20"} and options.typed_params == {"order": 20}


def test_every_option_has_its_flag():
    from benchnn.running.calling import FLAGS

    parser = next(
        action.choices["run"] for action in cli.make_parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    flags = {name: action.option_strings for action in parser._actions for name in [action.dest]}
    named = {name: FLAGS.get(name, f"--{name.replace('_', '-')}") for name in SIMPLE_OPTIONS if name != "model"}
    assert [name for name, flag in named.items() if flag not in flags[name]] == []


def test_read_reads_back_what_run_returned(done):
    again = benchnn.read(done.folder)
    assert again.record.values == done.record.values
    np.testing.assert_array_equal(again.spikes.ids, done.spikes.ids)


def test_a_run_prints_in_one_screen_and_as_tables(done):
    shown = repr(done)
    assert shown.startswith("Run of small.py:small: 50 neurons, ") and done["spike_digest"] in shown
    assert len(shown.splitlines()) < 25
    assert done._repr_html_().count("<table>") == 2


def test_a_key_that_is_not_there_is_answered_with_one_near(done):
    with pytest.raises(InputError, match=r"has no key 'spike_digset'; did you mean spike_digest"):
        done["spike_digset"]
    with pytest.raises(InputError, match="no key 3"):
        done[3]


def test_what_was_not_recorded_is_refused(small, tmp_path):
    silent = benchnn.run(small, record=[], out="silent", **SHORT)
    with pytest.raises(InputError, match="does not contain spikes; record them with record='spikes'"):
        silent.spikes  # noqa: B018
    with pytest.raises(InputError, match="does not contain traces; record them with record='V_m"):
        silent.traces  # noqa: B018


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"time": 3}, "did you mean time_ms"),
        ({"delay": 1.0}, "did you mean delay_ms"),
        ({"rate": 1.0}, "did you mean rate_hz"),
        ({"zzz": 1}, "the parameters of small.py:small are n, weight"),
    ],
)
def test_a_keyword_that_is_neither_option_nor_parameter(small, keywords, words):
    with pytest.raises(KeywordError, match=words):
        benchnn.run(small, **keywords)


HOSTILE = (b"x", -1, 1.5, float("nan"), 2**70, True, 1j, [], {}, {1}, object(), dict, np.ones((2, 2)), "a\0b", "\ud800")


def test_hostile_values_are_refused_as_input(small, tmp_path):
    messages = []
    for name in (*SIMPLE_OPTIONS, "n", "inhibition", "limit", "progress"):
        for value in HOSTILE if name != "model" else ():
            try:
                benchnn.run(small, **{**SHORT, "time_ms": 0.1, "out": "hostile", "overwrite": True, name: value})
            except (InputError, UnavailableError, WriteError) as error:
                messages.append(str(error))
    assert len(messages) > 300 and min(map(len, messages)) > 10
    for value in HOSTILE:
        with pytest.raises(InputError):
            benchnn.run(value)


def test_none_is_the_default_of_an_option_and_a_value_of_a_parameter(small):
    run = benchnn.run(small, limit=None, threads=None, out=None, **SHORT)
    assert run["model.parameters.limit"] is None and run.folder.parent.name == "results"


def test_a_model_is_needed_or_a_run_to_resume():
    with pytest.raises(InputError, match="model is missing"):
        benchnn.run()
    with pytest.raises(KeywordError, match="no option 'scale'; to set a parameter of a model, also give the model"):
        benchnn.run(scale=1.0)


def test_a_run_that_a_signal_stops_interrupts_and_can_be_resumed(small, monkeypatch):
    from benchnn.running.lifecycle import Lifecycle

    go = Lifecycle.go

    def stopped(self):
        self._stop.requested = "SIGTERM"
        go(self)

    with monkeypatch.context() as patched:
        patched.setattr(Lifecycle, "go", stopped)
        with pytest.raises(KeyboardInterrupt, match=r"SIGTERM: resume with benchnn.run\(resume='stopped'\)"):
            benchnn.run(small, out="stopped", **SHORT)
    assert benchnn.read("stopped")["interrupted"] is True
    whole = benchnn.run(small, out="whole", **SHORT)
    resumed = benchnn.run(resume="stopped", meters="none", progress=False)
    assert resumed["spike_digest"] == whole["spike_digest"] and resumed["interrupted"] is False


def test_what_cannot_be_written_is_raised(small, monkeypatch):
    def full(*_args, **_more):
        raise WriteError("the disk is full")

    monkeypatch.setattr("benchnn.running.runner.write_result", full)
    with pytest.raises(WriteError, match="the disk is full"):
        benchnn.run(small, out="full", **SHORT)


def test_progress_is_shown_unless_it_is_not_wanted(small, capsys):
    benchnn.run(small, out="shown", **{**SHORT, "progress": True})
    assert "benchnn: constructing 25 neurons" in capsys.readouterr().err
    benchnn.run(small, out="silent", **SHORT)
    assert capsys.readouterr().err == ""


def test_a_folder_without_a_result_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        benchnn.read(tmp_path)
    (tmp_path / "result.json").write_text(json.dumps({"schema_version": 1}))
    with pytest.raises(InputError, match="is not the record of a run"):
        benchnn.read(tmp_path)


def test_an_output_of_a_notebook_shows_lines_and_wipes_the_bar(monkeypatch):
    pytest.importorskip("IPython")
    shown = []

    class Handle:
        def update(self, content, raw):
            shown.append(content["text/plain"])

    def display(content, raw, display_id):
        assert raw and display_id
        shown.append(content["text/plain"])
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    stream = notebook.NotebookStream()
    assert stream.isatty()
    for text in ("benchnn: constructing\n", "\r\x1b[Kwarm-up 10 %", "\r\x1b[Kwarm-up 20 %", "\r\x1b[K"):
        stream.write(text)
    line = "benchnn: constructing"
    assert shown == [line, f"{line}\nwarm-up 10 %", f"{line}\nwarm-up 20 %", line]
