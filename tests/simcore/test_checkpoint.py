"""The file of a checkpoint: what is written comes back, and what is not whole is found out."""

import dataclasses
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.checkpoint import (
    Checkpoint,
    latest_checkpoint,
    read_checkpoint,
    remove_later,
    require_same,
    write_checkpoint,
)
from simcore.checkpoint.file import FORMAT, USER_BLOCK
from simcore.errors import InputError

ROOT = str(Path(__file__).parents[2])


def some_checkpoint(step=120, neurons=3, names=("E", "I"), real=np.float32, traces=True, **changes):
    random = np.random.default_rng(step)
    made = Checkpoint(
        step=step,
        state={name: random.normal(size=(4, neurons)).astype(real) for name in names},
        counters={name: random.integers(0, 9, (1, neurons), dtype=np.int32) for name in names},
        stamps=np.array([step - 3, step - 1], dtype=np.int64),
        ids=np.array([5, 2**40], dtype=np.int64),
        identity={"version": "0.1", "parameters": {"n": neurons, "limit": None}, "record": ["spikes"]},
        run={"steps": step, "inf": float("inf")},
        traces=random.normal(size=(step % 50, 2)) if traces else None,
    )
    return dataclasses.replace(made, **changes)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def name_of(step):
    return f"step-{step:012d}.h5"


def assert_equal(a, b):
    assert (a.step, a.identity, a.run) == (b.step, b.identity, b.run)
    assert list(a.state) == list(b.state)
    pairs = [(a.stamps, b.stamps), (a.ids, b.ids)]
    pairs += [(getattr(a, part)[name], getattr(b, part)[name]) for part in ("state", "counters") for name in a.state]
    if a.traces is None or b.traces is None:
        assert a.traces is b.traces
    else:
        pairs.append((a.traces, b.traces))
    for left, right in pairs:
        assert left.dtype == right.dtype and left.shape == right.shape
        assert left.tobytes() == right.tobytes()


# --- round trip --------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    step=st.integers(0, 10**12 - 1),
    neurons=st.integers(0, 5),
    names=st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4, unique=True),
    real=st.sampled_from([np.float32, np.float64]),
    traces=st.booleans(),
    run=st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.floats())),
)
def test_what_is_written_comes_back(tmp_path_factory, step, neurons, names, real, traces, run):
    run = {name: "nan" if value != value else value for name, value in run.items()}
    given_one = some_checkpoint(step, neurons, names, real, traces, run=run)
    path = write_checkpoint(tmp_path_factory.mktemp("run") / "checkpoints", given_one)
    assert path.name == name_of(step)
    assert_equal(read_checkpoint(path), given_one)


def test_bits_of_state_survive(tmp_path):
    values = np.array([[0x7FC00001, 0x80000000, 0x00000001, 0xFF800000]], dtype=np.uint32).view(np.float32)
    written = some_checkpoint(names=["E"], neurons=4, state={"E": values})
    assert_equal(read_checkpoint(write_checkpoint(tmp_path / "c", written)), written)


def test_infinity_and_nan_survive_in_records(tmp_path):
    values = {"low": float("-inf"), "high": [float("inf")], "nothing": float("nan")}
    read = read_checkpoint(write_checkpoint(tmp_path / "c", some_checkpoint(identity=values)))
    assert repr(read.identity) == repr(values)
    require_same(read.identity, values, "x")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": 10**12}, "step = 1000000000000"),
        ({"step": -1}, "step = -1"),
        ({"ids": np.zeros(3, dtype=np.int64)}, r"ids\.shape = \(3,\)"),
        ({"stamps": np.zeros(2)}, "type = 'float64' .* int64"),
        ({"state": {"E": np.zeros((4, 3), dtype=np.float16)}}, "state of E = 'float16'"),
        ({"state": {"E": np.zeros(3, dtype=np.float32)}}, "shapes of E"),
        ({"state": {"E": np.zeros((4, 2), dtype=np.float32)}}, "shapes of E"),
        ({"counters": {"E": np.full((1, 3), 2**40)}}, "type = 'int64' .* int32"),
        ({"traces": np.zeros(5)}, r"traces\.ndim = 1"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, changes, words):
    folder = tmp_path / "checkpoints"
    write_checkpoint(folder, some_checkpoint(5))
    with pytest.raises(InputError, match=words):
        write_checkpoint(folder, dataclasses.replace(some_checkpoint(names=["E"]), **changes), keep=1)
    assert names_in(folder) == [name_of(5)]


# --- damage ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Bytes of a checkpoint."""
    return write_checkpoint(tmp_path_factory.mktemp("run") / "checkpoints", some_checkpoint(neurons=1)).read_bytes()


def assert_refused(tmp_path, content, *words):
    path = tmp_path / name_of(1)
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_checkpoint(path)
    for word in (str(path), *words):
        assert word in str(refused.value)


def test_any_flipped_byte_is_detected(tmp_path, whole):
    places = {*range(USER_BLOCK), *range(USER_BLOCK, len(whole), 37), len(whole) - 1}
    for place in places:
        flipped = bytes([whole[place] ^ 0x41])
        assert_refused(tmp_path, whole[:place] + flipped + whole[place + 1 :])


def test_any_truncation_is_detected(tmp_path, whole):
    for length in (*range(0, USER_BLOCK, 7), USER_BLOCK, USER_BLOCK + 1, len(whole) // 2, len(whole) - 1):
        assert_refused(tmp_path, whole[:length])
    assert_refused(tmp_path, whole + b"\0", "checksum")


def test_other_files_are_no_checkpoints(tmp_path):
    assert_refused(tmp_path, b"", "is not a checkpoint")
    assert_refused(tmp_path, b"{}\n" * 1000, "is not a checkpoint")
    with pytest.raises(InputError, match=r"nosuch\.h5: No such file"):
        read_checkpoint(tmp_path / "nosuch.h5")
    with pytest.raises(InputError, match="Is a directory"):
        read_checkpoint(tmp_path)
    for read in (read_checkpoint, latest_checkpoint):
        with pytest.raises(InputError, match="File name too long"):
            read(tmp_path / ("x" * 300))


def test_another_format_is_named(tmp_path, whole):
    other = whole.replace(FORMAT.encode(), b"benchnn checkpoint 9", 1)
    assert_refused(tmp_path, other, "format '9'", "reads only format 1")


# --- files with a right checksum that are no checkpoints all the same ---------------------------------------------


def composed(change):
    """A checkpoint's bytes with `change` made to its HDF5 file, and the checksum that belongs to them."""
    image = io.BytesIO()
    with h5py.File(image, "w", userblock_size=USER_BLOCK) as file:
        for name in ("identity", "run"):
            file[name] = np.frombuffer(b"{}", dtype=np.uint8)
        file["about"] = np.frombuffer(json.dumps({"step": 7, "populations": ["A"]}).encode(), dtype=np.uint8)
        file["stamps"] = file["ids"] = np.zeros(0, dtype=np.int64)
        file["state/0"], file["counters/0"] = np.zeros((2, 3), dtype=np.float32), np.zeros((1, 3), dtype=np.int32)
        change(file)
    content = bytearray(image.getvalue())
    header = f"{FORMAT}\nsha256 {hashlib.sha256(content[USER_BLOCK:]).hexdigest()}\n".encode()
    content[: len(header)] = header
    return bytes(content)


def replaced(name, value):
    def change(file):
        del file[name]
        if value is not None:
            file[name] = value

    return change


def as_bytes(text):
    return np.frombuffer(text.encode(), dtype=np.uint8)


def test_the_file_of_these_tests_is_a_checkpoint_when_nothing_is_changed(tmp_path):
    (tmp_path / "a.h5").write_bytes(composed(lambda file: None))
    assert read_checkpoint(tmp_path / "a.h5").step == 7


@pytest.mark.parametrize("name", ["about", "identity", "run", "stamps", "ids", "state", "state/0", "counters/0"])
def test_missing_datasets(tmp_path, name):
    assert_refused(tmp_path, composed(replaced(name, None)), "is incomplete")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state/0", np.zeros((2, 3), dtype=np.int64)),
        ("state/0", np.zeros(3, dtype=np.float32)),
        ("state/0", np.array([["a"]], dtype=h5py.string_dtype())),
        ("state/0", np.zeros((1, 1), dtype=[("a", "f4")])),
        ("state/0", np.zeros((2, 3), dtype=np.float16)),
        ("state/0", np.zeros((2, 3), dtype=np.longdouble)),
        ("state/0", np.zeros((2, 3), dtype=">f4")),
        ("counters/0", np.zeros((1, 3), dtype=np.float64)),
        ("counters/0", np.zeros((1, 3), dtype=np.int64)),
        ("counters/0", np.zeros((1, 4), dtype=np.int32)),
        ("stamps", np.zeros(1, dtype=np.float64)),
        ("ids", np.array(["a"], dtype=h5py.string_dtype())),
        ("ids", np.zeros(1, dtype=np.int64)),
        ("ids", h5py.Empty(np.int64)),
        ("traces", np.array([["a"]], dtype=h5py.string_dtype())),
        ("about", np.array(["{}"], dtype=h5py.string_dtype())),
        ("about", as_bytes("[]")),
        ("about", as_bytes("{")),
        ("about", as_bytes('{"step": 1e999, "populations": []}')),
        ("about", as_bytes('{"step": null, "populations": []}')),
        ("about", as_bytes('{"step": -3.7, "populations": ["A"]}')),
        ("about", as_bytes('{"step": 7, "populations": "A"}')),
        ("identity", as_bytes("3")),
        ("run", as_bytes("[" * 100_000)),
        ("run", as_bytes('"text"')),
    ],
)
def test_datasets_of_another_type(tmp_path, name, value):
    def change(file):
        if name in file:
            del file[name]
        file[name] = value

    assert_refused(tmp_path, composed(change), "is incomplete")


def test_a_dataset_of_references_and_a_group_in_its_place_are_refused(tmp_path):
    def references(file):
        del file["ids"]
        file.create_dataset("ids", (1,), dtype=h5py.ref_dtype)

    def group(file):
        del file["stamps"]
        file.create_group("stamps")

    for change in (references, group):
        assert_refused(tmp_path, composed(change), "is incomplete")


def test_values_that_do_not_lie_in_the_file_are_refused(tmp_path):
    np.zeros(6, dtype=np.float32).tofile(tmp_path / "raw")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["values"] = np.zeros((2, 3), dtype=np.float32)
    layout = h5py.VirtualLayout((2, 3), np.float32)
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "values", (2, 3))
    stored_elsewhere = {
        "external": lambda file: file.create_dataset(
            "state/0", (2, 3), np.float32, external=[(str(tmp_path / "raw"), 0, 24)]
        ),
        "virtual": lambda file: file.create_virtual_dataset("state/0", layout),
        "chunks": lambda file: file.create_dataset("state/0", (2, 3), np.float32, chunks=(1, 3)),
        "never written": lambda file: file.create_dataset("state/0", (2, 10**12), np.float32),
    }
    for create in stored_elsewhere.values():

        def change(file, create=create):
            del file["state/0"]
            create(file)

        assert_refused(tmp_path, composed(change), "/state/0 is not stored in the file")


def test_a_link_to_another_file_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["values"] = np.zeros((2, 3), dtype=np.float32)
    link = h5py.ExternalLink(str(tmp_path / "other.h5"), "values")
    assert_refused(tmp_path, composed(replaced("state/0", link)), "is incomplete")


# --- the folder --------------------------------------------------------------------------------------------------


def test_the_newest_two_are_kept(tmp_path):
    for step in (5, 20, 100):
        write_checkpoint(tmp_path / "checkpoints", some_checkpoint(step))
    assert names_in(tmp_path / "checkpoints") == [name_of(20), name_of(100)]
    for path in (tmp_path, tmp_path / "checkpoints"):
        assert latest_checkpoint(path).name == name_of(100)
    assert latest_checkpoint(tmp_path / "checkpoints" / name_of(20)).name == name_of(20)


def test_a_new_one_outlives_its_own_writing(tmp_path):
    for step in (5, 20, 100, 10):
        path = write_checkpoint(tmp_path, some_checkpoint(step), keep=1 if step == 10 else 9)
    assert path.name == name_of(10)
    assert names_in(tmp_path) == [name_of(10), name_of(20), name_of(100)]
    with pytest.raises(InputError, match="keep = 0"):
        write_checkpoint(tmp_path, some_checkpoint(200), keep=0)


def test_leftovers_of_killed_writers_are_removed_and_nothing_else(tmp_path):
    (tmp_path / f".{name_of(3)}.0123456789abcdef.partial").touch()
    others = [".step-notes.partial", f".{name_of(3)}.partial", ".result.json.0123456789abcdef.partial"]
    for name in others:
        (tmp_path / name).touch()
    write_checkpoint(tmp_path, some_checkpoint(5))
    assert names_in(tmp_path) == sorted([*others, name_of(5)])


def test_a_damaged_newest_one_is_refused_and_the_one_before_it_offered(tmp_path):
    older, newer = (write_checkpoint(tmp_path / "checkpoints", some_checkpoint(step)) for step in (5, 20))
    newer.write_bytes(newer.read_bytes()[:-1])
    with pytest.raises(InputError) as refused:
        latest_checkpoint(tmp_path)
    assert str(newer) in str(refused.value) and f"--resume {older}" in str(refused.value)
    older.write_bytes(b"")
    with pytest.raises(InputError, match="does not contain an intact checkpoint"):
        latest_checkpoint(tmp_path)


def test_a_folder_without_checkpoints(tmp_path):
    (tmp_path / "step-1.h5").touch()
    with pytest.raises(InputError, match="does not contain a checkpoint"):
        latest_checkpoint(tmp_path)


def test_later_ones_are_removed(tmp_path):
    for step in (5, 20, 100):
        write_checkpoint(tmp_path, some_checkpoint(step), keep=9)
    remove_later(tmp_path, 20)
    assert names_in(tmp_path) == [name_of(5), name_of(20)]


def test_the_first_difference_is_named():
    kept = {"version": "1", "parameters": {"n": 3, "m": 4}, "seed": 1}
    require_same(kept, kept, "x")
    for changed, words in (
        ({"parameters": {"n": 3, "m": 5}, "seed": 2}, "m = 4, but this run has 5"),
        ({"seed": 2}, "seed = 1, but this run has 2"),
        ({"new": 2}, "new = None, but this run has 2"),
    ):
        with pytest.raises(InputError, match=words):
            require_same(kept, {"version": "1", **changed}, "x")
    # A part of the identity may be known, but not of a mapping in it.
    require_same(kept, {"seed": 1}, "x")
    with pytest.raises(InputError, match="m = 4, but this run has None"):
        require_same(kept, {"parameters": {"n": 3}}, "x")


def test_json_has_no_tuples():
    require_same({"record": ["spikes"]}, {"record": ("spikes",)}, "x")
    with pytest.raises(InputError, match="record = "):
        require_same({"record": ["spikes"]}, {"record": ("V_m",)}, "x")


# --- faults of the writer ----------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
import numpy as np
from simcore.checkpoint import Checkpoint, write_checkpoint

def checkpoint(step):
    values = {"A": np.full((4, 50_000), step, dtype=np.float64)}
    counters = {"A": np.full((1, 50_000), step, dtype=np.int32)}
    none = np.zeros(0, dtype=np.int64)
    return Checkpoint(step, values, counters, none, none, {}, {"step": step})
"""


def writer(program, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": ROOT}
    command = [sys.executable, "-c", WRITER + program, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, **options)


def test_a_writer_that_is_killed_leaves_an_earlier_one_usable(tmp_path):
    program = """
for step in range(int(sys.argv[2]), 10**6):
    write_checkpoint(Path(sys.argv[1]), checkpoint(step))
    print("written", flush=True)
"""
    folder, first, interrupted = tmp_path / "checkpoints", 1, 0
    for attempt in range(8):
        with writer(program, folder, first) as process:
            process.stdout.readline()
            time.sleep(0.05 + 0.007 * attempt)
            process.send_signal(signal.SIGKILL)
        interrupted += any(name.endswith(".partial") for name in names_in(folder))
        read = read_checkpoint(latest_checkpoint(tmp_path))
        assert read.step >= first and (read.state["A"] == read.run["step"]).all()
        first = read.step + 1
    assert interrupted, "no attempt hit the writing: the test shows nothing"
    write_checkpoint(folder, some_checkpoint(first))
    assert all(name.startswith("step-") for name in names_in(folder)) and len(names_in(folder)) == 2


def test_a_full_disk_is_named_and_leaves_the_earlier_ones(tmp_path):
    program = """
import resource
from simcore.errors import ResourceError
folder = Path(sys.argv[1])
write_checkpoint(folder, checkpoint(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_checkpoint(folder, checkpoint(2))
except ResourceError as error:
    print(error)
"""
    with writer(program, tmp_path / "checkpoints") as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == f"cannot write {tmp_path / 'checkpoints' / name_of(2)}: File too large\n"
    assert names_in(tmp_path / "checkpoints") == [name_of(1)]
    assert read_checkpoint(latest_checkpoint(tmp_path)).step == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "checkpoints").touch()
    with pytest.raises(InputError, match=r"cannot create .*checkpoints: File exists"):
        write_checkpoint(tmp_path / "checkpoints", some_checkpoint())


@pytest.mark.parametrize("read", [read_checkpoint, latest_checkpoint])
def test_a_path_is_a_text_or_a_path(read, tmp_path):
    for wrong in (None, 5, [tmp_path]):
        with pytest.raises(InputError, match=r"path = .*not allowed"):
            read(wrong)
    with pytest.raises(InputError, match=r"cannot read the checkpoint .*missing"):
        read(str(tmp_path / "missing"))
