"""Options of a run, checked as far as that needs nothing but them."""

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
"""The backend that has no choice of a delivery."""


@dataclass(frozen=True)
class RunOptions:
    """What ``benchnn run`` does.

    Parameters
    ----------
    model
        A registered name, ``file.py:function`` or ``file.nir``.
    time_ms, warmup_ms
        Measured model time, and the model time that is simulated before.
    seed
        Fixes, with model, precision and weight bits, every spike.
    threads
        Threads of a rank; None for all usable CPUs.
    backend, precision, weight_bits, accept_quantisation
        See `simcore.simulator.Simulator`.
    out
        Folder of the result; None for a new one below ``results``.
    overwrite
        Replace a result that is there.
    record
        ``spikes``, ``VARIABLE:POPULATION:IDS`` or ``weights:PROJECTION:EVERY_MS``.
    delivery, exchange, placement
        See `simcore.simulator.Simulator`.
    checkpoint_every_ms
        Model time between checkpoints; None for none but that of a run that is stopped.
    resume
        Folder of a run that was stopped, or one of its checkpoints.
    simulator
        ``simcore``, or a peer that runs the same description.
    connectivity, simulator_mode
        Of a peer: see `benchnn.simulators.peer.PeerJob`.
    meters
        Energy meters that are read: ``auto`` for all that can be, ``none``, or names.
    require_energy
        Refuse to run, or fail, without the energy of the measured window.
    idle_ms
        Wall time before construction in which the idle power is measured, if there is a meter.
    power_log
        File that a power meter outside writes, see `benchnn.energy.power_log`.
    power_column
        Heading or number (from 1) of the power's column in it; None to find it by its heading.
    power_every_ms
        Wall time of the intervals whose power is kept; None to keep none.
    power_estimate_w
        Power of a node from which an estimate is made, beside what is measured.
    chip
        Name or file of the sheet of a chip on whose cores the network is laid; None for none.
    mapper, neurons_per_core, chip_weight_bits, on_violation
        How: see `simcore.neuromorphic.mapping.adaptation.fit`.
    place
        Which core stands where: see `simcore.neuromorphic.places.placing.places`.
    mapping
        Mapping file that takes the place of mapper and place; None for none.
    tick_ms
        Fixed time that the chip has for a step, instead of that of its sheet.
    transform, transform_seed
        What is pruned and perturbed of the drawn network before it runs, see `simcore.transforms.steps.read_steps`;
        None for nothing. The seed is 1 if it is None.
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
        # The simulator checks its own options; these would otherwise be seen only after hours.
        for name in ("time_ms", "warmup_ms"):
            require(0.0 <= getattr(self, name) <= LONGEST_MS, name, getattr(self, name), "must lie in [0, 1e9] ms")
        for name in ("model", "out", "resume", "power_log", "chip", "mapper", "place", "mapping", "simulator_mode"):
            require(getattr(self, name) != "", name, "", "it is empty; give a text, or leave it out")
            if getattr(self, name) is not None:
                usable_path(getattr(self, name), name)
        every = self.checkpoint_every_ms
        require(every is None or 0.0 < every <= LONGEST_MS, "checkpoint_every_ms", every, "must lie in (0, 1e9] ms")
        require(self.delivery in DELIVERIES, "delivery", self.delivery, f"use {', '.join(DELIVERIES)}")
        require(
            self.connectivity in CONNECTIVITIES, "connectivity", self.connectivity, f"use {' or '.join(CONNECTIVITIES)}"
        )
        require(self.exchange in EXCHANGES, "exchange", self.exchange, f"use {' or '.join(EXCHANGES)}")
        require(self.placement in PLACEMENTS, "placement", self.placement, f"use {', '.join(PLACEMENTS)}")
        require(self.threads is None or self.threads >= 1, "threads", self.threads, "must be >= 1")
        meter_names(self.meters)
        require(0.0 <= self.idle_ms <= 1e6, "idle_ms", self.idle_ms, "must lie in [0, 1e6] ms")
        unread = self.meters == NONE and self.idle_ms not in (0.0, RunOptions.idle_ms)
        require(not unread, "idle_ms", self.idle_ms, f"--meters {NONE} reads no meter that could measure idle power")
        layout = self.delivery == DELIVERIES[0] or self.backend != ONE_LAYOUT
        require(layout, "delivery", self.delivery, f"--backend {ONE_LAYOUT} has one layout of synapses")
        column = self.power_column
        require(column is None or self.power_log is not None, "power_column", column, "it requires --power-log")
        require(column != "", "power_column", column, "must be the heading or the number of a column")
        every = self.power_every_ms
        require(every is None or 10.0 <= every <= 1e6, "power_every_ms", every, "must lie in [10, 1e6] ms")
        unread = self.meters == NONE and every is not None
        require(not unread, "power_every_ms", every, f"--meters {NONE} reads no meter that could measure power")
        power = self.power_estimate_w
        require(power is None or 0.0 < power <= 1e6, "power_estimate_w", power, "must lie in (0, 1e6] W")
        dealt = self.chip is None or self.placement == ROUND_ROBIN
        require(dealt, "placement", self.placement, f"the messages of a chip are counted with {ROUND_ROBIN}")
        if self.chip is None:
            for name in CHIP_OPTIONS:
                unset = getattr(self, name) == RunOptions.__dataclass_fields__[name].default
                require(unset, name, getattr(self, name), "it belongs to a chip: give --chip, too")
            require(LINK_MESSAGES not in self.record, "record", LINK_MESSAGES, "it belongs to a chip: give --chip, too")
        if self.mapping is not None:
            refuse_beside_mapping({name: getattr(self, name) for name in GIVEN_BY_MAPPING})
        if self.transform is None:
            unset = self.transform_seed is None
            require(unset, "transform_seed", self.transform_seed, "it belongs to a transform: give --transform, too")
        else:
            read_steps(self.transform)
        seed = self.transform_seed
        require(seed is None or 0 <= seed <= MAX_SEED, "transform_seed", seed, f"must lie in [0, {MAX_SEED}]")
        tick = self.tick_ms
        require(tick is None or 0.0 < tick <= 1e6, "tick_ms", tick, "must lie in (0, 1e6] ms")

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
"""How a network is laid on a chip."""
LINK_MESSAGES = "link_messages"
"""What ``--record`` calls the load of every link of a chip in every step."""
WEIGHTS = "weights:"
"""How a value of ``--record`` that asks for weights begins."""
ENERGY_OPTIONS = (
    *("meters", "require_energy", "idle_ms", "power_log", "power_column", "power_every_ms", "power_estimate_w"),
)  # fmt: skip
"""How energy is measured; they change no spike."""
SIMPLE_OPTIONS = {name: entry for name, entry in declared(RunOptions).items() if "params" not in name}
