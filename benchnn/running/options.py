"""Options of a run, with all checks that need only the options themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchnn.chips.mapping_files import GIVEN_BY_MAPPING, refuse_beside_mapping
from benchnn.declared_types import declared
from benchnn.energy import NONE, meter_names
from benchnn.simulators.peer import CONNECTIVITIES
from simcore.comm.communicator import COLLECTIVE, EXCHANGES
from simcore.errors import require
from simcore.placement import PLACEMENTS, ROUND_ROBIN
from simcore.random import MAX_SEED
from simcore.recording.files import usable_path
from simcore.synapses.layout import DELIVERIES
from simcore.transforms.steps import read_steps
from simcore.values import LONGEST_MS

OWN = "simcore"
"""The simulator of this project."""
ONE_LAYOUT = "oracle"
"""The backend without a choice of delivery algorithms."""


@dataclass(frozen=True)
class RunOptions:
    """Options of ``benchnn run``.

    Parameters
    ----------
    model
        A registered name, ``file.py:function`` or ``file.nir``.
    time_ms, warmup_ms
        Measured model time, and model time of the warm-up.
    seed
        Seed; together with model, precision and weight bits it determines every spike.
    threads
        Threads per rank; None for all usable CPUs.
    backend, precision, weight_bits, accept_quantisation
        See `simcore.simulator.Simulator`.
    out
        Folder of the result; None for a new folder in ``results``.
    overwrite
        Whether to replace an existing result.
    record
        Quantities to record: ``spikes``, ``VARIABLE:POPULATION:IDS`` or ``weights:PROJECTION:EVERY_MS``.
    delivery, exchange, placement
        See `simcore.simulator.Simulator`.
    checkpoint_every_ms
        Model time between checkpoints; None for a checkpoint only if the run is stopped.
    resume
        Folder of an interrupted run, or one of its checkpoints.
    simulator
        ``simcore``, or a peer simulator that runs the same description.
    connectivity, simulator_mode
        Options of a peer simulator: see `benchnn.simulators.peer.PeerJob`.
    meters
        Energy meters to read: ``auto`` for all usable meters, ``none``, or names.
    require_energy
        Whether to fail if the energy of the measured window cannot be measured.
    idle_ms
        Wall time before network construction in which idle power is measured, if a meter is usable.
    power_log
        File that an external power meter writes; see `benchnn.energy.power_log`.
    power_column
        Heading or number (from 1) of the column of the power in the log; None to find it by its heading.
    power_every_ms
        Wall time of the intervals whose mean power is recorded; None for none.
    power_estimate_w
        Power of a node for an estimate, which is recorded in addition to measurements.
    chip
        Name or file of the sheet of a chip onto which the network is mapped; None for none.
    mapper, neurons_per_core, chip_weight_bits, on_violation
        Options of the mapping: see `simcore.neuromorphic.mapping.adaptation.fit`.
    place
        Placement of cores on routers: see `simcore.neuromorphic.places.placing.places`.
    mapping
        Mapping file that replaces mapper and place; None for none.
    tick_ms
        Fixed time of a step on the chip, instead of the time in its sheet.
    transform, transform_seed
        Transforms that prune or perturb the drawn network before the run, see
        `simcore.transforms.steps.read_steps`; None for none. A seed of None means 1.
    text_params, typed_params
        Parameters of the model: text of the command line, values of a TOML file.
    """

    model: str
    time_ms: float = 10_000.0
    warmup_ms: float = 500.0
    seed: int = 1
    threads: int | None = None
    backend: str = "cpu"
    precision: str = "float32"
    weight_bits: int = 16
    accept_quantisation: bool = False
    out: str | None = None
    overwrite: bool = False
    record: tuple[str, ...] = ()
    delivery: str = "auto"
    exchange: str = COLLECTIVE
    placement: str = ROUND_ROBIN
    checkpoint_every_ms: float | None = None
    resume: str | None = None
    simulator: str = OWN
    connectivity: str = "statistical"
    simulator_mode: str | None = None
    meters: str = "auto"
    require_energy: bool = False
    idle_ms: float = 1000.0
    power_log: str | None = None
    power_column: str | None = None
    power_every_ms: float | None = None
    power_estimate_w: float | None = None
    chip: str | None = None
    mapper: str = "in_order"
    neurons_per_core: int | None = None
    chip_weight_bits: int | None = None
    on_violation: str = "error"
    place: str = "in_order"
    mapping: str | None = None
    tick_ms: float | None = None
    transform: str | None = None
    transform_seed: int | None = None
    text_params: Mapping[str, str] = field(default_factory=dict)
    typed_params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The simulator checks its own options; an error in these would otherwise appear only after hours.
        for name in ("time_ms", "warmup_ms"):
            require(0.0 <= getattr(self, name) <= LONGEST_MS, name, getattr(self, name), "must be in [0, 1e9] ms")
        for name in ("model", "out", "resume", "power_log", "chip", "mapper", "place", "mapping", "simulator_mode"):
            require(getattr(self, name) != "", name, "", "must not be empty; omit it instead")
            if getattr(self, name) is not None:
                usable_path(getattr(self, name), name)
        every = self.checkpoint_every_ms
        require(every is None or 0.0 < every <= LONGEST_MS, "checkpoint_every_ms", every, "must be in (0, 1e9] ms")
        require(self.delivery in DELIVERIES, "delivery", self.delivery, f"use {', '.join(DELIVERIES)}")
        require(
            self.connectivity in CONNECTIVITIES, "connectivity", self.connectivity, f"use {' or '.join(CONNECTIVITIES)}"
        )
        require(self.exchange in EXCHANGES, "exchange", self.exchange, f"use {' or '.join(EXCHANGES)}")
        require(self.placement in PLACEMENTS, "placement", self.placement, f"use {', '.join(PLACEMENTS)}")
        require(self.threads is None or self.threads >= 1, "threads", self.threads, "must be >= 1")
        meter_names(self.meters)
        require(0.0 <= self.idle_ms <= 1e6, "idle_ms", self.idle_ms, "must be in [0, 1e6] ms")
        unread = self.meters == NONE and self.idle_ms not in (0.0, RunOptions.idle_ms)
        require(not unread, "idle_ms", self.idle_ms, f"--meters {NONE} does not read any meter for idle power")
        layout = self.delivery == DELIVERIES[0] or self.backend != ONE_LAYOUT
        require(layout, "delivery", self.delivery, f"--backend {ONE_LAYOUT} has only one delivery algorithm")
        column = self.power_column
        require(column is None or self.power_log is not None, "power_column", column, "it requires --power-log")
        require(column != "", "power_column", column, "must be the heading or the number of a column")
        every = self.power_every_ms
        require(every is None or 10.0 <= every <= 1e6, "power_every_ms", every, "must be in [10, 1e6] ms")
        unread = self.meters == NONE and every is not None
        require(not unread, "power_every_ms", every, f"--meters {NONE} does not read any meter")
        power = self.power_estimate_w
        require(power is None or 0.0 < power <= 1e6, "power_estimate_w", power, "must be in (0, 1e6] W")
        dealt = self.chip is None or self.placement == ROUND_ROBIN
        require(dealt, "placement", self.placement, f"a chip requires {ROUND_ROBIN}")
        if self.chip is None:
            for name in CHIP_OPTIONS:
                unset = getattr(self, name) == RunOptions.__dataclass_fields__[name].default
                require(unset, name, getattr(self, name), "it requires --chip")
            require(LINK_MESSAGES not in self.record, "record", LINK_MESSAGES, "it requires --chip")
        if self.mapping is not None:
            refuse_beside_mapping({name: getattr(self, name) for name in GIVEN_BY_MAPPING})
        if self.transform is None:
            unset = self.transform_seed is None
            require(unset, "transform_seed", self.transform_seed, "it requires --transform")
        else:
            read_steps(self.transform)
        seed = self.transform_seed
        require(seed is None or 0 <= seed <= MAX_SEED, "transform_seed", seed, f"must be in [0, {MAX_SEED}]")
        tick = self.tick_ms
        require(tick is None or 0.0 < tick <= 1e6, "tick_ms", tick, "must be in (0, 1e6] ms")

    @property
    def power_every_s(self) -> float | None:
        """`power_every_ms` in seconds."""
        return None if self.power_every_ms is None else self.power_every_ms * 1e-3

    @property
    def tick_s(self) -> float | None:
        """`tick_ms` in seconds."""
        return None if self.tick_ms is None else self.tick_ms * 1e-3


CHIP_OPTIONS = (
    *("mapper", "neurons_per_core", "chip_weight_bits", "on_violation", "place", "mapping", "tick_ms"),
)  # fmt: skip
"""Options of the mapping onto a chip."""
LINK_MESSAGES = "link_messages"
"""Value of ``--record`` for the load of every link of a chip in every step."""
WEIGHTS = "weights:"
"""Beginning of values of ``--record`` that request weights."""
ENERGY_OPTIONS = (
    *("meters", "require_energy", "idle_ms", "power_log", "power_column", "power_every_ms", "power_estimate_w"),
)  # fmt: skip
"""Options of the measurement of energy; they do not change spikes."""
SIMPLE_OPTIONS = {name: entry for name, entry in declared(RunOptions).items() if "params" not in name}
