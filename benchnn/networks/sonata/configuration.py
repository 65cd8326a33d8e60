"""The configuration of a SONATA circuit or simulation: its files, and how they are simulated."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchnn.networks.sonata.documents import Document, Documents, foreign_sections, read_documents
from benchnn.networks.sonata.json_file import Section
from simcore.errors import InputError, printable

RUN = (
    *("tstart", "tstop", "duration", "dt", "dL", "spike_threshold", "random_seed", "nsteps_block", "block_run"),
    *("block_size", "overwrite_output_dir", "print_time", "n_thread", "calc_ecp", "precise_times"),
    *("allow_offgrid_spikes", "overlapping_ranks"),
)
"""Keys of the specification and of bmtk. Those for compartments, output and progress do not change any spike."""
INPUT = ("input_type", "module", "input_file", "node_set", "enabled")
REPORT = (
    *("cells", "variable_name", "module", "sections", "file_name", "enabled", "unit", "dt", "start_time", "end_time"),
    *("format", "type", "start", "end", "to_h5", "buffer_size"),
)
SPIKE_MODULES = ("h5", "hdf5", "sonata")
REPORT_MODULES = ("membrane_report", "multimeter_report")


@dataclass(frozen=True)
class TypedFile:
    """An HDF5 file of nodes or edges, and its table of types."""

    file: Path
    types: Path | None


@dataclass(frozen=True)
class Configuration:
    """The files of a network, and how it is simulated.

    Parameters
    ----------
    documents
        The JSON files.
    nodes, edges
        Files of nodes and edges that are enabled.
    neuron_params, synapse_params
        Folders of the components with parameters of point neurons and of synapses; None if not given.
    dt_ms, tstop_ms, v_init
        Time step, model time and initial potential (mV) of a simulation; None if not given.
    inputs, reports
        Enabled inputs and reports.
    input_files
        File of each input.
    node_sets
        File of the node sets; None if there is none.
    foreign
        Sections of other programs, which are not read.
    """

    documents: Documents
    nodes: tuple[TypedFile, ...]
    edges: tuple[TypedFile, ...]
    neuron_params: Path | None
    synapse_params: Path | None
    dt_ms: float | None
    tstop_ms: float | None
    v_init: float | None
    inputs: tuple[Section, ...]
    input_files: tuple[Path, ...]
    reports: tuple[Section, ...]
    node_sets: Path | None
    foreign: tuple[str, ...]

    @property
    def files(self) -> list[Path]:
        """The files of a network, without files of parameters."""
        typed = [path for one in (*self.nodes, *self.edges) for path in (one.file, one.types) if path is not None]
        documents = [document.file for document in self.documents.all]
        return [*documents, *typed, *self.input_files, *([] if self.node_sets is None else [self.node_sets])]


def read_configuration(path: Path) -> Configuration:
    """Read the configuration of a circuit, of a simulation, or of both.

    Parameters
    ----------
    path
        A JSON file; it may name others by its keys ``network`` and ``simulation``.

    Raises
    ------
    InputError
        If a file cannot be read, or has an entry that is unknown or not supported; names the file and the entry.
    """
    documents = read_documents(path)
    nodes, edges = _networks(documents)
    run = _section(documents, "run")
    conditions = _section(documents, "conditions")
    inputs = _enabled(documents, "inputs", INPUT)
    reports = _enabled(documents, "reports", REPORT)
    sets = documents.find("node_sets_file")
    return Configuration(
        documents,
        nodes=nodes,
        edges=edges,
        neuron_params=_folder(documents, "point_neuron_models_dir"),
        synapse_params=_folder(documents, "synaptic_models_dir"),
        dt_ms=None if run is None else _positive(run, "dt"),
        tstop_ms=None if run is None else _tstop(run),
        v_init=conditions.number("v_init") if conditions is not None and "v_init" in conditions else None,
        inputs=tuple(section for _, section in inputs),
        input_files=tuple(_input_file(*one) for one in inputs),
        reports=tuple(section for _, section in reports),
        node_sets=None if sets is None else sets[0].path(sets[1], "node_sets_file"),
        foreign=tuple(foreign_sections(documents)),
    )


def _section(documents: Documents, key: str) -> Section | None:
    found = documents.find(key)
    return None if found is None else found[1].section(key)


def _networks(documents: Documents) -> tuple[tuple[TypedFile, ...], tuple[TypedFile, ...]]:
    """Files of nodes and of edges."""
    document = documents.circuit
    networks = document.section.section("networks")
    networks.known(("nodes", "edges"))
    listed = []
    for key in ("nodes", "edges"):
        files = []
        for entry in networks.sections(key):
            entry.known((f"{key}_file", f"{key[:-1]}_types_file", "enabled", "populations"))
            if "populations" in entry:
                entry.refuse("populations", "selecting or renaming populations is not supported; remove this key")
            types = f"{key[:-1]}_types_file"
            has_types = entry.values.get(types) not in (None, "", "NULL")
            if entry.switch("enabled", True):
                file = document.path(entry, f"{key}_file")
                files.append(TypedFile(file, document.path(entry, types) if has_types else None))
        listed.append(tuple(files))
    if not listed[0]:
        networks.refuse("nodes", "a network needs at least one file of nodes")
    return listed[0], listed[1]


def _folder(documents: Documents, key: str) -> Path | None:
    """A folder of components; None if not given."""
    found = documents.find("components")
    if found is None or key not in found[1].section("components"):
        return None
    return found[0].path(found[1].section("components"), key)


def _positive(section: Section, key: str) -> float:
    value = section.number(key)
    if value <= 0.0:
        section.refuse(key, "must be > 0 ms")
    return value


def _tstop(run: Section) -> float:
    run.known(RUN)
    if "tstart" in run and run.number("tstart") != 0.0:
        run.refuse("tstart", "a simulation must start at 0 ms")
    if run.switch("precise_times", False):
        run.refuse("precise_times", "must be false, because spikes are on the time grid")
    return _positive(run, "duration" if "duration" in run else "tstop")


def _enabled(documents: Documents, key: str, known: tuple[str, ...]) -> list[tuple[Document, Section]]:
    """The enabled members of a section, each with its document."""
    found = documents.find(key)
    if found is None:
        return []
    members = [one for one in found[1].section(key).members() if one.switch("enabled", True)]
    check: dict[str, Callable[[Section], None]] = {"inputs": _check_input, "reports": _check_report}
    for one in members:
        check[key](one)
        one.known(known)
    return [(found[0], one) for one in members]


def _check_input(one: Section) -> None:
    one.one_of("input_type", ("spikes",))
    one.one_of("module", SPIKE_MODULES)


def _check_report(one: Section) -> None:
    one.one_of("module", REPORT_MODULES)
    for key in ("dt", "start_time", "end_time"):
        if key in one:
            one.refuse(key, "reports record every time step; remove this key")


def _input_file(document: Document, one: Section) -> Path:
    return document.path(one, "input_file")


def component(folder: Path | None, file: str, needed_by: str) -> Path:
    """The path of a file of components.

    Raises
    ------
    InputError
        If the configuration does not give a folder, or `file` is not a valid file name.
    """
    if folder is None:
        reason = "but the section 'components' does not name its folder"
        raise InputError(printable(f"{needed_by} needs the file {file}, {reason}"))
    if "\0" in file:
        raise InputError(printable(f"{needed_by} is not a valid file name: {file}"))
    return folder / file
