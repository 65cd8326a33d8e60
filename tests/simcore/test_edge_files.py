"""Edges from files: what is read rightly, and what is refused in one sentence with file and place."""

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from simcore.connectivity.files.parquet import _values
from simcore.connectivity.files.progress import reading_watched
from simcore.errors import InputError
from simcore.network import Column, EdgeFiles, Explicit, Network, Normal, OneToOne, Population, Projection
from simcore.simulator import Simulator

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

N = 20
COLUMNS = {
    "source": np.array([5, 1, 1, 0, 19, 3], dtype=np.int32),
    "target": np.array([3, 3, 0, 4, 2, 3], dtype=np.int32),
    "weight": np.array([1.5, -2.0, 3.25, 4.0, 0.5, 1.0]),
    "delay": np.array([0.1, 0.2, 1.5, 1.5, 2.0, 0.3]),
}
SUFFIXES = (".npz", ".csv", ".csv.gz", ".h5", ".parquet")


def text(columns, separator=",", end="\n"):
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    lines = [separator.join(columns), *(separator.join(map(repr, row)) for row in rows)]
    return end.join(lines) + end


def write(path, columns):
    """A file of the kind that its suffix says."""
    suffix = "".join(path.suffixes)
    if suffix == ".npz":
        np.savez(path, **columns)
    elif suffix == ".h5":
        with h5py.File(path, "w") as file:
            for name, values in columns.items():
                file[name] = values
    elif suffix == ".parquet":
        parquet.write_table(pyarrow.table(columns), path)
    elif suffix == ".csv.gz":
        path.write_bytes(gzip.compress(text(columns).encode()))
    else:
        path.write_text(text(columns))
    return path


def network(files, weight=None, delay=None, size=N, **options):
    weight = Column("weight") if weight is None else weight
    delay = Column("delay") if delay is None else delay
    rule = EdgeFiles(files, **options)
    return Network([Population("A", size), Population("B", size)], [Projection("A", "B", rule, weight, delay)])


def edges_of(described, seed=1):
    with Simulator(described, backend="oracle", seed=seed, threads=1) as simulator:
        edges = simulator.edges()
    return np.stack((edges.sources, edges.targets - N, edges.weights, edges.delays_ms))


def listed(weight=COLUMNS["weight"], delay=COLUMNS["delay"]):
    rule = Explicit(COLUMNS["source"], COLUMNS["target"])
    return Network([Population("A", N), Population("B", N)], [Projection("A", "B", rule, weight, delay)])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_is_the_network_of_the_same_arrays(tmp_path, suffix):
    read = network(write(tmp_path / f"a{suffix}", COLUMNS))
    assert np.array_equal(edges_of(read), edges_of(listed()))
    with Simulator(read, threads=2) as one, Simulator(listed(), threads=1, backend="oracle") as other:
        assert one.network_digest == other.network_digest
        assert one.n_synapses == 6


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("piece", [1, 4])
def test_what_a_distribution_draws_is_that_of_the_same_list(tmp_path, monkeypatch, suffix, piece):
    """Bits are those of the place of an edge among those of its target, in whatever pieces the file is read."""
    for module in ("npz", "hdf5", "parquet", "csv"):
        monkeypatch.setattr(f"simcore.connectivity.files.{module}.PIECE", piece)
    delay = Normal(mean=1.5, std=0.5, low=0.1)
    read = network(write(tmp_path / f"a{suffix}", COLUMNS), Normal(mean=2.0, std=0.25), delay)
    again = listed(Normal(mean=2.0, std=0.25), delay)
    assert np.array_equal(edges_of(read), edges_of(again))
    with Simulator(read, threads=2) as one, Simulator(again, threads=1, backend="oracle") as other:
        assert one.network_digest == other.network_digest


def test_several_files_follow_one_another(tmp_path):
    halves = [{name: values[part] for name, values in COLUMNS.items()} for part in (slice(4), slice(4, None))]
    files = [write(tmp_path / f"a{suffix}", half) for suffix, half in zip((".h5", ".csv"), halves, strict=True)]
    assert np.array_equal(edges_of(network(files)), edges_of(listed()))
    facts = network(files).projections[0].rule.facts()
    assert list(facts.sha256) == [str(path) for path in files] and facts.rows == 6


def test_columns_have_any_name_and_unit(tmp_path):
    renamed = {
        "pre": COLUMNS["source"],
        "post": COLUMNS["target"],
        "count": COLUMNS["weight"] * 4,
        "d": COLUMNS["delay"] / 1e3,
    }
    path = write(tmp_path / "a.h5", renamed)
    read = network(path, Column("count", 0.25), Column("d", 1000.0), source="pre", target="post")
    assert np.array_equal(edges_of(read), edges_of(listed()))


def test_a_dataset_of_hdf5_may_lie_in_a_group(tmp_path):
    path = write(tmp_path / "a.h5", {f"edges/{name}": values for name, values in COLUMNS.items()})
    read = network(path, Column("edges/weight"), Column("edges/delay"), source="edges/source", target="edges/target")
    assert np.array_equal(edges_of(read), edges_of(listed()))


def test_an_empty_file_has_no_edges(tmp_path):
    none = {name: values[:0] for name, values in COLUMNS.items()}
    for suffix in SUFFIXES:
        read = network(write(tmp_path / f"a{suffix}", none))
        with Simulator(read, threads=1) as simulator:
            assert simulator.n_synapses == 0 and simulator.run(1.0).steps == 10


def test_multapses_are_edges_unless_edges_are_to_be_unique(tmp_path):
    twice = {name: np.append(values, values[1]) for name, values in COLUMNS.items()}
    for suffix, places in ((".npz", ("row 1", "row 6")), (".csv", ("line 3", "line 8"))):
        path = write(tmp_path / f"a{suffix}", twice)
        assert network(path).expected_synapses() == 7
        with pytest.raises(InputError, match="from 1 to 3") as refusal:
            network(path, unique=True)
        assert all(place in str(refusal.value) for place in places), refusal.value
    assert network(write(tmp_path / "b.npz", COLUMNS), unique=True).expected_synapses() == 6


def changed(**columns):
    return {**COLUMNS, **columns}


def at(name, row, value):
    values = COLUMNS[name].astype(np.result_type(COLUMNS[name].dtype, np.asarray(value).dtype))
    values[row] = value
    return values


def member(columns, name, content):
    """An archive with something else in the place of a column."""
    buffer = io.BytesIO()
    np.savez(buffer, **{key: values for key, values in columns.items() if key != name})
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(values, **options):
    buffer = io.BytesIO()
    np.save(buffer, values, **options)
    return buffer.getvalue()


def without(name):
    return {key: values for key, values in COLUMNS.items() if key != name}


BIG = {name: values.astype(values.dtype.newbyteorder(">")) for name, values in COLUMNS.items()}
NARROW = {name: values.astype(np.float32 if values.dtype.kind == "f" else np.uint8) for name, values in COLUMNS.items()}
RIGHT = None
"""The file is read rightly."""
MUTATIONS = {
    "missing column .npz": (".npz", without("weight"), "no column 'weight'; its columns are source, target, delay"),
    "missing column .csv": (".csv", without("target"), "no column 'target'"),
    "missing column .h5": (".h5", without("delay"), "no column 'delay'"),
    "missing column .parquet": (".parquet", without("source"), "no column 'source'"),
    "id out of range .npz": (".npz", changed(source=at("source", 4, N)), r"'source' = 20 .*row 4.* in \[0, 19\]"),
    "id out of range .csv": (".csv", changed(target=at("target", 2, 99)), "'target' = 99 .*line 4"),
    "negative id": (".parquet", changed(target=at("target", 0, -1)), "'target' = -1 .*row 0"),
    "id beyond 31 bits": (".h5", changed(source=at("source", 1, 2**40)), "'source' = 1099511627776 .*row 1"),
    "id of 64 bits, unsigned": (".npz", changed(source=at("source", 1, np.uint64(2**63)).astype(np.uint64)), "row 1"),
    "id that is not whole": (".csv", changed(source=at("source", 3, 1.5)), "'source' = 1.5 .*line 5.*integer"),
    "ids of type float": (".npz", changed(source=COLUMNS["source"].astype(float)), "neuron ids must be integers"),
    "negative delay": (".h5", changed(delay=at("delay", 5, -0.3)), "delay_ms = -0.3 .*at least one step.*row 5"),
    "delay of nothing": (".csv", changed(delay=at("delay", 5, 0.0)), "delay_ms = 0.0 .*line 7"),
    "delay too long": (".parquet", changed(delay=at("delay", 1, 1e6)), "delay_ms = 1000000.0 .*row 1"),
    "NaN weight": (".npz", changed(weight=at("weight", 2, np.nan)), "'weight' = nan .*row 2.*finite"),
    "NaN delay in a text": (".csv.gz", changed(delay=at("delay", 0, np.nan)), "'delay' = nan .*line 2.*finite"),
    "infinite weight": (".parquet", changed(weight=at("weight", 3, -np.inf)), "'weight' = -inf .*row 3"),
    "weights of text": (".parquet", changed(weight=np.array(list("abcdef"))), "'weight' has the type .*not numbers"),
    "weights of truth": (".h5", changed(weight=COLUMNS["weight"] > 0), "'weight' has the type .*not numbers"),
    "complex weights": (".npz", changed(weight=COLUMNS["weight"] + 1j), "'weight' has the type complex128"),
    "pickled objects": (".npz", member(COLUMNS, "weight", npy(np.array([None] * 6), allow_pickle=True)), "'weight'"),
    "matrix": (".npz", changed(weight=np.ones((6, 1))), "2 dimensions"),
    "scalar": (".h5", changed(weight=1.0), "0 dimensions"),
    "columns of different length": (".h5", changed(weight=COLUMNS["weight"][:4]), "differ in length: 'source' 6"),
    "swapped source and weight": (".npz", changed(source=COLUMNS["weight"]), "ids .*integers"),
    "swapped weight and delay": (".csv", changed(weight=COLUMNS["delay"], delay=COLUMNS["weight"]), "delay_ms = -2.0"),
    "big-endian .npz": (".npz", BIG, RIGHT),
    "big-endian .h5": (".h5", BIG, RIGHT),
    "narrow types": (".parquet", NARROW, RIGHT),
    "a word in a text": (".csv", text(COLUMNS).replace("3.25", "many"), "line 4 is '1,0,many,1.5', not 4 numbers"),
    "a short line": (".csv", text(COLUMNS).replace("1,0,3.25,1.5", "1,0"), "line 4 is '1,0', not 4 numbers"),
    "no names": (".csv", text(COLUMNS).partition("\n")[2], "'5,3,1.5,0.1', but must contain the column names"),
    "nothing": (".csv", "", "the line with the column names is missing"),
    "bytes of no text": (".csv", b"source,target,weight,delay\n\xff\xfe,1,2,3\n", "codec can't decode"),
    "semicolons": (".csv", text(COLUMNS, ";"), RIGHT),
    "tabs and line ends of Windows": (".csv", text(COLUMNS, "\t", "\r\n"), RIGHT),
    "spaces, comments and a mark of bytes": (".csv", "\ufeff# by hand\n" + text(COLUMNS, " ") + "# end\n\n", RIGHT),
    "another kind of file .h5": (".h5", text(COLUMNS), "not an HDF5 file"),
    "another kind of file .npz": (".npz", text(COLUMNS), "not a zip file"),
    "another kind of file .parquet": (".parquet", text(COLUMNS), "cannot read"),
    "not packed": (".csv.gz", text(COLUMNS), "Not a gzipped file"),
    "many values of few bytes": (".npz", member(COLUMNS, "weight", npy(np.ones(6))[:-30]), "ends too early"),
    "a column of more rows": (".npz", changed(source=np.zeros(9, np.int32)), "differ in length"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_bad_file_is_read_rightly_or_refused_with_its_place(tmp_path, name):
    suffix, content, expected = MUTATIONS[name]
    path = tmp_path / f"bad{suffix}"
    if isinstance(content, dict):
        write(path, content)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    if expected is RIGHT:
        assert np.allclose(edges_of(network(path)), edges_of(listed()), rtol=1e-6)
        return
    with pytest.raises(InputError, match=expected) as refusal:
        network(path)
    message = str(refusal.value)
    assert "bad" in message and "\n" not in message, message


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.95])
def test_a_truncated_file_is_refused(tmp_path, suffix, kept):
    many = {name: np.tile(values, 50) for name, values in COLUMNS.items()}
    path = write(tmp_path / f"cut{suffix}", many)
    content = path.read_bytes()
    # Of a text the end of a line shows nothing; it is cut within one.
    length = int(kept * len(content))
    cut = content[:length].rpartition(b"\n")[0] + b"\n7" if suffix == ".csv" else content[:length]
    path.write_bytes(cut)
    with pytest.raises(InputError, match="cut") as refusal:
        network(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("chunks", [None, (4,)])
def test_an_hdf5_file_that_claims_values_is_refused(tmp_path, chunks):
    path = write(tmp_path / "a.h5", without("weight"))
    with h5py.File(path, "a") as file:
        file.create_dataset("weight", (10**9,), "f8", chunks=chunks)
    with pytest.raises(InputError, match=r"a\.h5.*(of which the file contains|differ in length)"):
        network(path)


def test_a_compressed_file_of_hdf5_is_read(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name, values in COLUMNS.items():
            file.create_dataset(name, data=values, compression="gzip", chunks=(4,))
    assert np.array_equal(edges_of(network(path)), edges_of(listed()))


def test_parquet_with_missing_values_names_the_row(tmp_path):
    table = pyarrow.table({**COLUMNS, "weight": pyarrow.array([1.0, None, 2.0, 3.0, 4.0, 5.0])})
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: row 1 has no value in column 'weight'"):
        network(tmp_path / "a.parquet")


@pytest.mark.parametrize(("name", "value"), [("target", 19), ("weight", 1.25)])
def test_a_file_that_changes_after_the_description_is_refused(tmp_path, name, value):
    path = write(tmp_path / "a.npz", COLUMNS)
    described = network(path)
    write(path, changed(**{name: at(name, 0, value)}))
    os.utime(path, ns=(1, 1))
    with pytest.raises(InputError, match=r"a\.npz: it has changed"):
        Simulator(described, threads=1)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "at least one file"),
        ("edges.txt", "must end in .npz"),
        ("none.h5", "No such file"),
        (3, "use a file path"),
        (["a.h5", None], "use a file path"),
        ("a\0.h5", "use a file path"),
        (".h5", "No such file|folder"),
    ],
)
def test_wrong_names_of_files_are_refused(tmp_path, monkeypatch, files, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        network(files)


def test_columns_are_for_files_only():
    with pytest.raises(InputError, match="edge_files, not one_to_one"):
        Network([Population("A", 3)], [Projection("A", "A", OneToOne(), Column("weight"))])


def test_a_part_is_one_that_the_file_has(tmp_path):
    path = write(tmp_path / "a.h5", COLUMNS)
    with pytest.raises(InputError, match=r"the description of projections .* is missing"):
        network(path, part=0)
    with h5py.File(path, "a") as file:
        reported = json.dumps({"populations": [], "projections": []})
        file["benchnn_edges"] = np.frombuffer(reported.encode(), dtype=np.uint8)
    with pytest.raises(InputError, match="part = 0"):
        network(path, part=0)


def test_reading_can_be_watched(tmp_path):
    path = write(tmp_path / "a.npz", COLUMNS)
    reported = []
    with reading_watched(lambda *what: reported.append(what)):
        described = network(path)
        Simulator(described, threads=1).close()
    size = path.stat().st_size
    assert (
        reported and {name for name, _, _ in reported} == {str(path)} and {total for _, _, total in reported} == {size}
    )
    assert reported[-1] == (str(path), size, size) and len(reported) == 3


def test_read_only_arrays_are_used_where_they_are():
    ids, weights = np.arange(5), np.arange(5.0)
    for array in (ids, weights):
        array.flags.writeable = False
    projection = Projection("A", "A", Explicit(ids, ids), weights)
    assert projection.rule.sources is ids and projection.weight is weights
    writeable = np.arange(5)
    rule = Explicit(writeable, writeable)
    writeable[:] = 0
    assert rule.sources.tolist() == [0, 1, 2, 3, 4]


def test_parquet_is_read_without_pandas(tmp_path):
    """Which takes 44 MB and half a second."""
    parquet.write_table(pyarrow.table(COLUMNS), tmp_path / "a.parquet", row_group_size=4)
    code = (
        "import sys\n"
        "from simcore.connectivity import Column, EdgeFiles\n"
        "rule, weight = EdgeFiles('a.parquet'), Column('weight')\n"
        "print(rule.facts((weight,)).rows, sum(len(block.sources) for block in rule.blocks((weight,))))\n"
        "assert 'pyarrow' in sys.modules and 'pandas' not in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    n = len(COLUMNS["source"])
    assert done.returncode == 0 and done.stdout.split() == [str(n), str(n)], done.stderr


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.float32, np.float64])
def test_the_numbers_of_a_part_of_an_array_are_its_own(dtype):
    """Arrays of pyarrow share memory: a part begins behind the beginning of its buffer."""
    whole = pyarrow.array(np.arange(9, dtype=dtype))
    assert _values(whole.slice(2, 4)).tolist() == [2, 3, 4, 5] and _values(whole).dtype == dtype
    assert _values(whole.slice(9, 0)).tolist() == []
