"""Options from command line, TOML file and defaults."""

import pytest

from benchnn.running.merging import run_options
from simcore.errors import InputError


@pytest.fixture
def config(tmp_path):
    """Write a TOML file and return its path."""

    def write(text):
        path = tmp_path / "run.toml"
        path.write_text(text)
        return str(path)

    return write


def test_defaults():
    options = run_options({"model": "pd14"}, [], None)
    assert (options.time_ms, options.warmup_ms, options.seed, options.threads) == (10_000.0, 500.0, 1, None)
    assert (options.backend, options.precision, options.weight_bits) == ("cpu", "float32", 16)


def test_the_default_of_resume_in_words_resumes_nothing():
    assert run_options({"model": "pd14", "resume": "none"}, [], None).resume is None


def test_file_then_command_line(config):
    path = config(
        "[run]\nmodel = 'pd14'\ntime_ms = 1000\nseed = 7\nrecord = 'spikes'\noverwrite = true\n"
        "[params]\nscale = 0.1\ninput = 'dc'\n"
    )
    options = run_options({"seed": "9", "threads": "3", "model": None, "record": []}, ["scale=0.2"], path)
    assert (options.model, options.time_ms, options.seed, options.threads) == ("pd14", 1000.0, 9, 3)
    assert options.record == ("spikes",) and options.overwrite is True
    assert options.text_params == {"scale": "0.2"}
    assert options.typed_params == {"scale": 0.1, "input": "dc"}


def test_requests_of_the_command_line_replace_those_of_the_file(config):
    path = config("[run]\nrecord = ['spikes', 'V_m:E:0']\n")
    assert run_options({"model": "m"}, [], path).record == ("spikes", "V_m:E:0")
    assert run_options({"model": "m", "record": ["V_m:E:1"]}, [], path).record == ("V_m:E:1",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run\n", ["run.toml", "not valid TOML"]),
        ("[runs]\n", ["'runs'", "[run] and [params]"]),
        ("run = 3\n", ["run", "3"]),
        ("[run]\ntime = 5\n", ["'time'", "time_ms"]),
        ("[run]\ntime_ms = '5'\n", ["run.time_ms", "'5'", "a number"]),
        ("[run]\ntime_ms = nan\n", ["run.time_ms", "a number"]),
        ("[run]\nseed = 1.0\n", ["run.seed", "1.0", "a whole number"]),
        ("[run]\nseed = true\n", ["run.seed", "True"]),
        ("[run]\noverwrite = 1\n", ["run.overwrite", "true or false"]),
        ("[run]\nrecord = 3\n", ["run.record", "array of text"]),
        ("[run]\nrecord = [3]\n", ["run.record", "array of text"]),
        ("[run]\nthreads = 0\n", ["threads", ">= 1"]),
    ],
)
def test_wrong_files(config, text, words):
    with pytest.raises(InputError) as caught:
        run_options({"model": "pd14"}, [], config(text))
    for word in words:
        assert word in str(caught.value)


def test_a_file_that_is_not_text(tmp_path):
    (tmp_path / "run.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not valid TOML"):
        run_options({"model": "pd14"}, [], str(tmp_path / "run.toml"))


def test_a_model_is_needed():
    with pytest.raises(InputError, match="model is missing"):
        run_options({}, [], None)


def test_a_whole_run_from_a_file(home, benchnn):
    (home / "run.toml").write_text(
        "[run]\nmodel = 'small.py:small'\ntime_ms = 10\nwarmup_ms = 0\nbackend = 'oracle'\nout = 'out'\n"
        "[params]\nn = 8\nweight = 100\n"
    )
    record = benchnn("run", "--config", "run.toml", "--param", "n=12", "--json").record
    assert record["model"]["populations"]["E"]["neurons"] == 12
    assert record["model"]["parameters"]["weight"] == 100.0
    assert record["provenance"]["options"]["time_ms"] == 10.0
    assert "threads" not in record["provenance"]["options"]


def test_parameters_of_the_file_are_checked_by_the_model(home, benchnn):
    for line, word in (("n = 8.5", "a whole number"), ("input = 'ac'", "'poisson' or 'dc'"), ("m = 1", "'m'")):
        (home / "run.toml").write_text(f"[params]\n{line}\n")
        finished = benchnn("run", "small.py:small", "--config", "run.toml")
        assert finished.code == 2 and word in finished.err
