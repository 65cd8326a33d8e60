"""Recorded spikes in part files, and the SONATA file made of them."""

import errno
import os
import subprocess
import sys
import tracemalloc
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.recording.parts import HEADER, SpikeParts
from simcore.recording.sonata import read_spikes, write_spikes, write_spikes_from
from simcore.recording.spikes import Spikes

SIZES = {"E": 4, "silent": 2, "I": 2}
FIRST_IDS = {"E": 0, "silent": 4, "I": 6}


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


def read(parts, size=1 << 20):
    """(stamp, id) of all spikes."""
    return [pair for stamps, ids in parts.blocks(size) for pair in zip(stamps.tolist(), ids.tolist(), strict=True)]


@pytest.fixture
def parts(tmp_path):
    """Steps 0 to 10, 10 to 20 and 20 to 30, the second without spikes."""
    parts = SpikeParts(tmp_path / "spikes.parts")
    parts.append(0, 10, [10, 3, 3, 7], [5, 6, 2, 2**32 - 1])
    parts.append(10, 20, [], [])
    parts.append(20, 30, [21, 30, 22], [1, 0, 1])
    return parts


PARTS = [f"spikes-{start:012d}-{start + 10:012d}.part" for start in (0, 10, 20)]
SPIKES = [(3, 2), (3, 6), (7, 2**32 - 1), (10, 5), (21, 1), (22, 1), (30, 0)]


# --- parts -------------------------------------------------------------------------------------------------------


def test_spikes_come_back_in_order_of_stamp_and_id(parts):
    assert read(parts) == SPIKES
    assert parts.covered() == (0, 30)
    assert parts.check() == 7
    assert names_in(parts.folder) == PARTS
    assert {array.dtype for block in parts.blocks() for array in block} == {np.dtype(np.int64)}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_blocks_have_at_most_the_wanted_size(parts, size):
    assert read(parts, size) == SPIKES
    assert max(len(stamps) for stamps, _ in parts.blocks(size)) == min(size, 4)


def test_parts_of_no_steps_are_skipped(parts):
    parts.append(30, 30, [], [])
    assert names_in(parts.folder) == PARTS


def test_nothing_is_covered_without_parts(tmp_path):
    parts = SpikeParts(tmp_path / "none")
    assert (parts.covered(), parts.check(), read(parts)) == ((0, 0), 0, [])
    parts.truncate(5)
    parts.remove()
    parts.append(7, 7, [], [])
    assert names_in(tmp_path) == []


def test_the_first_part_may_start_anywhere_and_late_stamps_are_exact(tmp_path):
    start = 10**12 - 2**32
    parts = SpikeParts(tmp_path / "late")
    parts.append(start, 10**12 - 1, [10**12 - 1, start + 1], [0, 1])
    assert read(parts) == [(start + 1, 1), (10**12 - 1, 0)]
    assert parts.covered() == (start, 10**12 - 1)


@pytest.mark.parametrize(
    ("steps", "stamps", "ids", "field"),
    [
        ((31, 40), [], [], "start_step"),
        ((29, 40), [], [], "start_step"),
        ((31, 31), [], [], "start_step"),
        ((30, 29), [], [], "stop_step"),
        ((30, 30 + 2**32), [], [], "stop_step"),
        ((30, 40), [30], [1], "stamps"),
        ((30, 40), [35, 41], [1, 1], "stamps"),
        ((30, 30), [30], [1], "stamps"),
        ((30, 40), [35], [-1], "ids"),
        ((30, 40), [35], [2**32], "ids"),
        ((30, 40), [35, 36], [1], "ids.shape"),
    ],
)
def test_spikes_that_do_not_continue_the_parts_are_refused(parts, steps, stamps, ids, field):
    with pytest.raises(InputError, match=rf"^{field} = .* is not allowed"):
        parts.append(*steps, stamps, ids)
    assert names_in(parts.folder) == PARTS


# --- a run is resumed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", range(31))
def test_truncated_parts_hold_the_spikes_until_then(parts, step):
    whole = {name: (parts.folder / name).read_bytes() for name in PARTS}
    parts.truncate(step)
    assert parts.covered() == (0, step)
    assert read(parts) == [spike for spike in SPIKES if spike[0] <= step]
    kept = [name for name in names_in(parts.folder) if name in PARTS]
    assert len(kept) == step // 10
    assert all((parts.folder / name).read_bytes() == whole[name] for name in kept)
    parts.append(step, 40, [40], [1])
    assert parts.covered() == (0, 40)


def test_a_cut_part_is_like_one_that_was_appended(parts, tmp_path):
    parts.truncate(7)
    other = SpikeParts(tmp_path / "other")
    other.append(0, 7, [7, 3, 3], [2**32 - 1, 6, 2])
    (name,) = names_in(other.folder)
    assert (parts.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_an_interrupted_truncation_is_completed_by_the_next(parts):
    straddling = (parts.folder / PARTS[2]).read_bytes()
    parts.truncate(25)
    (parts.folder / PARTS[2]).write_bytes(straddling)
    (parts.folder / f".{PARTS[2]}.0123456789abcdef.partial").touch()
    with pytest.raises(InputError, match="overlap"):
        parts.covered()
    parts.truncate(25)
    assert parts.covered() == (0, 25)
    assert names_in(parts.folder) == [*PARTS[:2], "spikes-000000000020-000000000025.part"]


def test_parts_that_end_before_the_checkpoint_are_refused(parts):
    with pytest.raises(InputError, match=r"step = 31 .* at most 30"):
        parts.truncate(31)
    assert names_in(parts.folder) == PARTS


def test_remove_leaves_what_is_not_ours(parts, tmp_path):
    (parts.folder / "notes.txt").touch()
    (parts.folder / f".{PARTS[0]}.0123456789abcdef.partial").touch()
    parts.remove()
    assert names_in(parts.folder) == ["notes.txt"]
    (parts.folder / "notes.txt").unlink()
    parts.remove()
    assert names_in(tmp_path) == []


# --- damage ------------------------------------------------------------------------------------------------------


def changed(position, content):
    def damage(path):
        with path.open("r+b") as file:
            file.seek(position)
            file.write(content)

    return damage


def shortened(length):
    return lambda path: os.truncate(path, length)


def test_a_changed_spike_is_found_when_it_is_read(parts):
    changed(HEADER.size + 9, b"\x07")(parts.folder / PARTS[0])
    for reading in (parts.check, partial(parts.truncate, 5)):
        with pytest.raises(InputError, match=rf"cannot read .*{PARTS[0]}: .*checksum"):
            reading()
    assert (parts.folder / PARTS[0]).exists()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (shortened(0), "only 0 bytes, fewer than a header"),
        (shortened(HEADER.size + 4), f"{HEADER.size + 4} bytes instead of {HEADER.size + 32}"),
        (changed(HEADER.size + 32, b"more"), "instead of"),
        (changed(0, b"x"), "not a part file of version 1"),
        (changed(8, b"\x02"), "not a part file of version 1"),
        (changed(16, b"\x01"), "steps 1 to 10"),
        (changed(32, b"\xff" * 8), "instead of"),
        (lambda path: (path.unlink(), path.mkdir()), "directory"),
        (lambda path: (path.unlink(), path.symlink_to("nowhere")), "No such file"),
    ],
)
def test_a_damaged_part_is_named(parts, damage, reason):
    damage(parts.folder / PARTS[0])
    for reading in (parts.covered, parts.check):
        with pytest.raises(InputError, match=rf"cannot read .*{PARTS[0]}: ") as caught:
            reading()
        assert reason in str(caught.value)


def test_a_missing_part_is_named_by_its_steps(parts):
    (parts.folder / PARTS[1]).unlink()
    for reading in (parts.covered, parts.check):
        with pytest.raises(InputError, match=rf"{PARTS[2]}: the part before it, from step 10, is missing"):
            reading()


def test_a_place_that_cannot_hold_parts_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot read .*file: Not a directory"):
        SpikeParts(tmp_path / "file").append(0, 1, [], [])
    with pytest.raises(InputError, match=r"cannot create .*deep: No such file"):
        SpikeParts(tmp_path / "missing/deep").append(0, 1, [], [])


FULL_DISK = """
import resource, sys
from pathlib import Path
import numpy as np
from simcore.errors import ResourceError
from simcore.recording.parts import SpikeParts
from simcore.recording.sonata import write_spikes_from

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
parts, n = SpikeParts(folder / "parts"), 10_000
parts.append(0, n, np.arange(1, n + 1), np.zeros(n))
parts.append(n, 2 * n, np.arange(n + 1, 2 * n + 1), np.zeros(n))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for write in (
    lambda: parts.append(2 * n, 3 * n, np.arange(2 * n + 1, 3 * n + 1), np.zeros(n)),
    lambda: write_spikes_from(folder / "spikes.h5", parts.blocks, {"E": 1}, 0.1, 0, 2 * n),
):
    try:
        write()
    except ResourceError as error:
        print(error)
print(parts.check())
"""


@pytest.mark.parametrize("limit", [40, 79_000])
def test_a_full_disk_is_named_and_leaves_the_parts(tmp_path, limit):
    """A process of its own, because the HDF5 library may crash at its exit; a limit on file size plays the disk."""
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    of_part, of_file, count = done.stdout.splitlines()
    assert of_part.startswith("cannot write") and of_file.startswith("cannot write")
    assert os.strerror(errno.EFBIG) in of_part and os.strerror(errno.EFBIG) in of_file
    assert count == "20000"
    assert names_in(tmp_path) == ["parts"]
    assert len(names_in(tmp_path / "parts")) == 2


# --- the SONATA file of parts ------------------------------------------------------------------------------------


def whole_file(folder, stamps, ids):
    write_spikes(folder / "whole.h5", Spikes(stamps, ids, FIRST_IDS, SIZES, 0.1, 100))
    return (folder / "whole.h5").read_bytes()


def streamed_file(folder, parts, size):
    write_spikes_from(folder / "streamed.h5", partial(parts.blocks, size), SIZES, 0.1, 0, 100)
    return (folder / "streamed.h5").read_bytes()


def append_all(parts, cuts, stamps, ids):
    """Append the spikes after the last cut so far, until step 100, in parts that end at the cuts."""
    start = parts.covered()[1]
    for stop in (*sorted(cut for cut in cuts if cut > start), 100):
        mine = (stamps > start) & (stamps <= stop)
        parts.append(start, stop, stamps[mine], ids[mine])
        start = stop


@settings(deadline=None)
@given(
    spikes=st.lists(st.tuples(st.integers(1, 100), st.integers(0, 7)), max_size=60),
    cuts=st.sets(st.integers(1, 99), max_size=6),
    other_cuts=st.sets(st.integers(1, 99), max_size=6),
    step=st.integers(0, 100),
    size=st.integers(1, 70),
)
def test_neither_cuts_nor_a_resumed_run_change_the_file(tmp_path_factory, spikes, cuts, other_cuts, step, size):
    folder = tmp_path_factory.mktemp("cut")
    stamps, ids = np.array(spikes, dtype=np.int64).reshape(-1, 2).T
    whole = whole_file(folder, stamps, ids)
    parts = SpikeParts(folder / "parts")
    append_all(parts, cuts, stamps, ids)
    assert streamed_file(folder, parts, size) == whole
    parts.truncate(step)
    assert parts.covered() == (0, step)
    append_all(parts, other_cuts, stamps, ids)
    assert streamed_file(folder, parts, size) == whole


@pytest.mark.parametrize("blocks", [[([2, 1], [0, 0])], [([1, 1], [1, 0])], [([2], [0]), ([1], [1])]])
def test_blocks_out_of_order_are_refused(tmp_path, blocks):
    arrays = [(np.array(stamps), np.array(ids)) for stamps, ids in blocks]
    with pytest.raises(InputError, match=r"blocks = .*order"):
        write_spikes_from(tmp_path / "spikes.h5", lambda: arrays, {"E": 4}, 0.1, 0, 5)
    assert names_in(tmp_path) == []


def test_spikes_that_change_while_they_are_written_leave_nothing(tmp_path):
    once = iter([(np.array([1, 2]), np.array([0, 1]))])
    with pytest.raises(InputError, match="as in the first pass"):
        write_spikes_from(tmp_path / "spikes.h5", lambda: once, {"E": 4}, 0.1, 0, 5)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_empty_blocks_and_small_id_types_give_the_same_bytes(tmp_path, size):
    stamps, ids = np.array([3, 3, 7, 7, 30]), np.array([2, 6, 1, 3, 0], dtype=np.uint32)
    whole = whole_file(tmp_path, stamps, ids)
    cuts = [slice(0), *(slice(first, first + size) for first in range(0, 5, size)), slice(0)]
    blocks = [(stamps[cut], ids[cut]) for cut in cuts]
    write_spikes_from(tmp_path / "cut.h5", lambda: blocks, SIZES, 0.1, 0, 100)
    assert (tmp_path / "cut.h5").read_bytes() == whole


def test_a_damaged_part_leaves_the_old_file(parts, tmp_path):
    (tmp_path / "streamed.h5").write_text("old")
    parts.truncate(6)
    parts.append(6, 40, [7, 40], [0, 1])
    changed(HEADER.size + 4, b"\x00")(parts.folder / "spikes-000000000006-000000000040.part")
    changed(HEADER.size, b"\x02")(parts.folder / "spikes-000000000006-000000000040.part")
    with pytest.raises(InputError, match="checksum"):
        streamed_file(tmp_path, parts, 100)
    assert (tmp_path / "streamed.h5").read_text() == "old"
    assert names_in(tmp_path) == ["spikes.parts", "streamed.h5"]


def test_memory_is_that_of_a_block(tmp_path):
    """The spikes take 4 MB in the parts and 8 MB in the file."""
    n, parts = 500_000, SpikeParts(tmp_path / "parts")
    stamps = np.arange(1, n + 1)
    for start in range(0, n, n // 2):
        parts.append(start, start + n // 2, stamps[start : start + n // 2], stamps[start : start + n // 2] % 8)
    write = partial(write_spikes_from, tmp_path / "spikes.h5", partial(parts.blocks, 2000), SIZES, 0.1, 0, n)
    write()
    tracemalloc.start()
    write()
    written = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written < 2e6
    assert len(read_spikes(tmp_path / "spikes.h5")) == n
