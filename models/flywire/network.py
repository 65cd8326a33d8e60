"""The whole brain of the fly as leaky integrate-and-fire neurons, with stimulation and silencing, or a surrogate."""

from typing import NamedTuple

from simcore.network import (
    BernoulliTrains,
    Column,
    EdgeFiles,
    Explicit,
    Network,
    Population,
    Projection,
    Silenced,
    SpikeRecorder,
    SurrogateConnectome,
    require,
)

from .ids import listed_ids, require_sha256, root_ids

NEURONS = 138_639
"""Neurons of FlyWire v783 in the published files [1, 2]."""
EXCITATORY_EDGES, INHIBITORY_EDGES = 9_059_302, 6_032_681
"""Edges, pairs of neurons with contacts, of ``Connectivity_783.parquet`` [2]."""
CONTACTS, SIGNED_CONTACTS = 54_492_922, 10_496_512
"""Sum of the contacts of these edges, and with negative signs for inhibitory edges [2]."""
LARGEST_DEGREE = 9_615
"""Largest out-degree [2]; also used for in-degrees, which is an assumption."""
LARGEST_CONTACTS = 2_405
"""Largest number of contacts of an edge [2]; used for both signs, which is an assumption."""
CONNECTIVITY_SHA256 = "efeb23fb99098e9c390f6869969b2a121a2ee92c833cfc45ecb2c1d8e1af0347"
"""SHA-256 of ``Connectivity_783.parquet``."""
PARAMETERS = {
    "C_m": 20.0 / 0.275,
    "tau_m": 20.0,
    "tau_syn": 5.0,
    "t_ref": 2.2,
    "E_L": -52.0,
    "V_reset": -52.0,
    "V_th": -45.0,
}
"""Parameters of `iaf_psc_exp_reset` [1, Methods]. C_m is chosen so that a contact, 0.275 mV in [1], is 1 pA."""
DELAY_MS = 1.8
"""Delay of all synapses, ms [1]."""
STIMULUS_CONTACTS = 250.0
"""Weight of a spike of the stimulus: 250 contacts, that is, 68.75 mV [1, code], which suffices for a spike."""
STIMULUS_DELAY_MS = 0.1
"""Delay of the stimulus, ms: the shortest possible, which is an assumption."""
DEFAULT_RATE_HZ = 150.0
"""Default rate of the stimulus, 1/s [1, code]."""
SMALLEST_SCALE = 0.004
"""Smallest scale; below it, neurons would have more edges than the tails of their degrees allow."""


class Experiment(NamedTuple):
    """Number of stimulated neurons, and their rate in 1/s."""

    neurons: int
    rate_hz: float


EXPERIMENTS = {"sugar": Experiment(21, 200.0), "P9": Experiment(2, 100.0)}
"""Gustatory neurons for sugar, and the descending neurons P9 [1; 2]."""


def flywire(
    connectivity: str = "",
    completeness: str = "",
    stimulate: str = "sugar",
    stimulate_ids: str = "",
    rate_hz: float = 0.0,
    silence_ids: str = "",
    surrogate_seed: int = 1,
    scale: float = 1.0,
    record_spikes: bool = False,
    resolution_ms: float = 0.1,
) -> Network:
    """Describe the fly's brain [1] from the files of FlyWire v783, or a random surrogate with their counts.

    Parameters
    ----------
    connectivity
        Path of ``Connectivity_783.parquet``; without it the network is a surrogate.
    completeness
        Path of ``Completeness_783.csv``, which has the neurons' ids; both files or none.
    stimulate
        Stimulus: ``sugar`` (21 neurons at 200/s), ``P9`` (2 at 100/s), ``ids`` (the neurons in `stimulate_ids`) or
        ``none``. In a surrogate, ``sugar`` and ``P9`` are the same numbers of arbitrary excitatory neurons.
    stimulate_ids
        Path of a text file with the ids of the stimulated neurons, one per line: root ids of FlyWire, or numbers from 0
        for a surrogate. With the files of FlyWire, every stimulus requires this file.
    rate_hz
        Rate of the stimulus, 1/s; 0 for the rate of the experiment, or 150.
    silence_ids
        Path of a text file with the ids of neurons whose outgoing synapses are removed.
    surrogate_seed
        Seed of the random choices of a surrogate.
    scale
        Share of the neurons and edges of a surrogate.
    record_spikes
        Add a `SpikeRecorder` of the brain's neurons.
    resolution_ms
        Time step; [1] uses 0.1 ms.

    Returns
    -------
    Network
        Populations B (the brain) and, if there is a stimulus, S (its trains).

    Raises
    ------
    InputError
        If a parameter is out of its range, or a file is not the published one.

    Notes
    -----
    Weights are whole numbers of contacts, in pA; the synapses of a neuron are all excitatory or all inhibitory. A
    stimulated neuron receives a Bernoulli train, has no refractory period, and keeps its synapses.

    The files belong to their authors, have their own licence, and are not included. The surrogate has the numbers of
    neurons and edges of both signs, the sums and largest values of contacts, and the range of the out-degrees (0 to
    9,615). The shapes of the tails, the in-degrees and the random wiring are assumptions: activity does not spread
    as it does in a fly. Below full scale the largest out-degree is at most the number of neurons.

    References
    ----------
    [1] Shiu et al. (2024), A Drosophila computational brain model reveals sensorimotor processing, Nature 634:210.
    [2] Dorkenwald et al. (2024), Neuronal wiring diagram of an adult brain, Nature 634:124: FlyWire v783; counts are
    those of the files that come with the code of [1].
    """
    for name, value in (("connectivity", connectivity), ("completeness", completeness)):
        other = "completeness" if name == "connectivity" else "connectivity"
        given = bool(connectivity) == bool(completeness) or bool(value)
        require(given, name, value, f"must be given together with {other}")
    chosen = stimulate in (*EXPERIMENTS, "ids", "none")
    require(chosen, "stimulate", stimulate, f"use {', '.join(EXPERIMENTS)}, ids or none")
    require(rate_hz >= 0.0, "rate_hz", rate_hz, "must be >= 0; 0 for the rate of the experiment")
    needed = stimulate == "ids" or (bool(connectivity) and stimulate != "none")
    named = bool(stimulate_ids) or not needed
    require(named, "stimulate_ids", stimulate_ids, f"must be a file with the neurons of stimulate = {stimulate}")
    unused = stimulate != "none" or not stimulate_ids
    require(unused, "stimulate_ids", stimulate_ids, "leave it out with stimulate = none")

    rule, neurons = _edges(connectivity, surrogate_seed, scale)
    known = root_ids(completeness) if completeness and (stimulate_ids or silence_ids) else range(neurons)
    stimulated: list[int] = []
    if stimulate_ids:
        stimulated = listed_ids(stimulate_ids, known, "stimulate_ids")
        expected = EXPERIMENTS[stimulate].neurons if stimulate in EXPERIMENTS else len(stimulated)
        allowed = f"{stimulate} has {expected} neurons; use stimulate = ids for others"
        require(len(stimulated) == expected, f"stimulate_ids: ids of {stimulate_ids}", len(stimulated), allowed)
    elif stimulate in EXPERIMENTS and isinstance(rule, SurrogateConnectome):
        stimulated = rule.excitatory_ids[: EXPERIMENTS[stimulate].neurons].tolist()
    silenced = listed_ids(silence_ids, known, "silence_ids") if silence_ids else []

    parameters: dict[str, float | list[float]] = dict(PARAMETERS)
    populations, projections = [], []
    weight = Column("contacts") if isinstance(rule, SurrogateConnectome) else Column("Excitatory x Connectivity")
    edges = Silenced(rule, silenced) if silenced else rule
    projections.append(Projection("B", "B", edges, weight, DELAY_MS, "syn"))
    if stimulated:
        held = set(stimulated)
        parameters["t_ref"] = [0.0 if neuron in held else PARAMETERS["t_ref"] for neuron in range(neurons)]
        rate = rate_hz or (EXPERIMENTS[stimulate].rate_hz if stimulate in EXPERIMENTS else DEFAULT_RATE_HZ)
        populations.append(Population("S", len(stimulated), source=BernoulliTrains(rate)))
        pairs = Explicit(list(range(len(stimulated))), stimulated)
        projections.append(Projection("S", "B", pairs, STIMULUS_CONTACTS, STIMULUS_DELAY_MS, "jump"))
    return Network(
        [Population("B", neurons, "iaf_psc_exp_reset", parameters), *populations],
        projections,
        recorders=[SpikeRecorder("B")] if record_spikes else [],
        resolution_ms=resolution_ms,
    )


def _edges(connectivity: str, seed: int, scale: float) -> tuple[EdgeFiles | SurrogateConnectome, int]:
    """Edges and number of neurons."""
    require(SMALLEST_SCALE <= scale <= 1.0, "scale", scale, f"must be in [{SMALLEST_SCALE}, 1]")
    if connectivity:
        allowed = "must be 1 if the parameter connectivity is given, because only a surrogate can be scaled"
        require(scale == 1.0, "scale", scale, allowed)
        files = EdgeFiles(connectivity, source="Presynaptic_Index", target="Postsynaptic_Index")
        (found,) = files.facts((Column("Excitatory x Connectivity"),)).sha256.values()
        require_sha256(found, CONNECTIVITY_SHA256, connectivity, "connectivity")
        return files, NEURONS
    neurons = round(scale * NEURONS)
    excitatory, inhibitory = (CONTACTS + SIGNED_CONTACTS) // 2, (CONTACTS - SIGNED_CONTACTS) // 2
    rule = SurrogateConnectome(
        neurons,
        excitatory_edges=round(scale * EXCITATORY_EDGES),
        inhibitory_edges=round(scale * INHIBITORY_EDGES),
        excitatory_contacts=round(scale * excitatory),
        inhibitory_contacts=round(scale * inhibitory),
        largest_degree=min(LARGEST_DEGREE, neurons),
        largest_contacts=LARGEST_CONTACTS,
        seed=seed,
    )
    return rule, neurons
