"""The machine of an accelerator sheet: peak, levels of the memory and energies, as far as they are published.

An operation is a product that is added to a sum, or a weight that is added if inputs are spikes. By kind of sheet:

- Systolic arrays: ``P_peak = units x clock``. If the components are published (SATA), an operation needs the gated
  power of accumulation and scratchpads, ``(Pg_mac + Pg_spad) / f_P``, and static power is the part that does not depend
  on the computation: ungated power ``Pu f / f_P`` and leakage of all elements, and leakage of the buffers. Energy and
  width of an access yield the energy per byte. The gated power of LIF units belongs to neurons, not to operations, and
  is left out.
- If the power at two loads is published (TPU v1), power is assumed to be affine in the load: with ``P(a) = s P(1)``,
  static power is ``(s - a) / (1 - a) P(1)``.
- Spatial arrays (Eyeriss): energies are known only relative to an operation.
- Crossbars: one crossbar is the machine, ``P_peak = X^2 clock / clocks of a cycle``; a chip has as many crossbars
  as its network needs.

The sources are listed in the sheets.
"""

from collections.abc import Mapping

from simcore.accelerators.figures import Unpublished, figure, or_reason, whole
from simcore.accelerators.roofline.machine import Level, Machine
from simcore.accelerators.sheets.quantities import CROSSBAR, SPATIAL, SYSTOLIC
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.power import BYTE, MACS, multiplies, parts_of, power_of
from simcore.errors import choice, require

DRAM, GLOBAL_BUFFER, NEIGHBOURS, SCRATCHPADS = "DRAM", "global buffer", "neighbours", "scratchpads"
BUFFERS = {
    "input buffer": ("sram_read_j", "input_buffer_bits"),
    "weight buffer": ("sram_read_j", "weight_buffer_bits"),
    "output buffer, reads": ("sram_read_j", "output_buffer_bits"),
    "output buffer, writes": ("sram_write_j", "output_buffer_bits"),
}
"""Buffer levels of an array -> table of energies, and quantity that selects the row."""
RATIOS = {
    SCRATCHPADS: "scratchpad_relative",
    NEIGHBOURS: "neighbour_relative",
    GLOBAL_BUFFER: "sram_relative",
    DRAM: "dram_relative",
}
"""Levels of a spatial array -> energy per element relative to an operation."""
KINDS = (SYSTOLIC, SPATIAL, CROSSBAR)
TENTH = 0.1
BANDWIDTH, ENERGY = "bandwidth_bytes_per_s", "energy_j_per_byte"


def machine_of(accelerator: Accelerator) -> Machine:
    """The machine of a sheet.

    Parameters
    ----------
    accelerator
        A systolic or spatial array, or a crossbar.

    Raises
    ------
    InputError
        If the accelerator is of another kind.
    """
    choice(accelerator.kind, f"kind of {accelerator.name}", KINDS)
    reasons: dict[str, str] = {}
    build = {SYSTOLIC: _systolic, SPATIAL: _spatial, CROSSBAR: _crossbar}[accelerator.kind]
    return build(accelerator, reasons)


def affine_static_power(full_w: float, share: float, load: float = TENTH) -> float:
    """Power without load, W, if power is an affine function of the load.

    Parameters
    ----------
    full_w
        Power at full load, W.
    share
        Power at `load`, as a share of the power at full load.
    load
        Load, as a share of the full load.

    Raises
    ------
    InputError
        If the shares are out of range.
    """
    require(0.0 <= load < 1.0, "load", load, "must be in [0, 1)")
    require(load <= share <= 1.0, "share", share, f"must be in [{load:g}, 1], so that static power is not negative")
    return (share - load) / (1.0 - load) * full_w


def has_buffers(accelerator: Accelerator) -> bool:
    """Whether the sheet of a systolic array states its buffers, so that accesses to them can be counted."""
    return accelerator.value("input_buffer_bits") is not None


def _peak(accelerator: Accelerator, reasons: dict[str, str]) -> float | None:
    return or_reason(
        lambda: figure(accelerator, "multiply_accumulate_units") * figure(accelerator, "clock_hz"),
        "peak_ops_per_s",
        reasons,
    )


def _systolic(accelerator: Accelerator, reasons: dict[str, str]) -> Machine:
    synthesised = accelerator.value("accumulator_bits") is not None
    levels = _systolic_levels(accelerator)
    peak = _peak(accelerator, reasons)
    op_energy = static = None
    if synthesised:
        op_energy = or_reason(lambda: _operation_j(accelerator), "op_energy_j", reasons)
        static = or_reason(lambda: _static_w(accelerator), "static_w", reasons)
    else:
        reasons["op_energy_j"] = f"{accelerator.name}: {accelerator.why_absent('adder_w')}"
        static = or_reason(lambda: _affine_w(accelerator), "static_w", reasons)
    operation = "accumulation" if synthesised and not multiplies(accelerator) else "multiply-accumulate"
    return _machine(accelerator, operation, peak, levels, op_energy, static, reasons)


def _systolic_levels(accelerator: Accelerator) -> tuple[Level, ...]:
    buffers = BUFFERS if has_buffers(accelerator) else {}
    levels = [_buffer(accelerator, name, *keys) for name, keys in buffers.items()]
    if accelerator.value("global_buffer_bits") is not None:
        unknown = {BANDWIDTH: _why(accelerator, "sram_bandwidth_bits_per_s"), ENERGY: _why(accelerator, "sram_read_j")}
        levels.append(Level(GLOBAL_BUFFER, reasons=unknown))
    reasons: dict[str, str] = {}
    bandwidth = or_reason(lambda: figure(accelerator, "dram_bandwidth_bits_per_s") / BYTE, BANDWIDTH, reasons)
    energy = or_reason(
        lambda: figure(accelerator, "dram_access_j") / (figure(accelerator, "dram_access_bits") / BYTE), ENERGY, reasons
    )
    return (*levels, Level(DRAM, bandwidth, energy, reasons=reasons))


def _buffer(accelerator: Accelerator, name: str, table: str, size: str) -> Level:
    reasons: dict[str, str] = {}
    bandwidth = or_reason(lambda: figure(accelerator, "sram_bandwidth_bits_per_s") / BYTE, BANDWIDTH, reasons)

    def energy() -> float:
        access = figure(accelerator, table, whole(accelerator, size))
        return access / (figure(accelerator, "sram_access_bits") / BYTE)

    return Level(name, bandwidth, or_reason(energy, ENERGY, reasons), reasons=reasons)


def _operation_j(accelerator: Accelerator) -> float:
    """Energy of an operation with its scratchpads, J."""
    parts = (part for part in parts_of(accelerator) if part.operations == MACS)
    return sum(power_of(accelerator, part).gated_w for part in parts) / figure(accelerator, "power_clock_hz")


def _static_w(accelerator: Accelerator) -> float:
    """Ungated power of all cycles, and leakage, W."""
    faster = figure(accelerator, "clock_hz") / figure(accelerator, "power_clock_hz")
    elements = whole(accelerator, "multiply_accumulate_units")
    powers = [power_of(accelerator, part) for part in parts_of(accelerator)]
    buffers = ("input_buffer_bits", "weight_buffer_bits", "output_buffer_bits")
    leakage = sum(figure(accelerator, "sram_leakage_w", whole(accelerator, size)) for size in buffers)
    return elements * sum(faster * power.ungated_w + power.leakage_w for power in powers) + leakage


def _affine_w(accelerator: Accelerator) -> float:
    return affine_static_power(figure(accelerator, "busy_w"), figure(accelerator, "power_share_at_tenth_load"))


def _spatial(accelerator: Accelerator, reasons: dict[str, str]) -> Machine:
    relative = "energies of accesses are published only relative to an operation"
    levels = tuple(_relative(accelerator, name, key, relative) for name, key in RATIOS.items())
    reasons["op_energy_j"] = relative
    reasons["static_w"] = _why(accelerator, "idle_w")
    return _machine(accelerator, "multiply-accumulate", _peak(accelerator, reasons), levels, None, None, reasons)


def _relative(accelerator: Accelerator, name: str, key: str, relative: str) -> Level:
    reasons = {ENERGY: relative, BANDWIDTH: f"{accelerator.name}: the bandwidth of this level is not published"}
    bandwidth = None
    if name == DRAM:
        bandwidth = or_reason(lambda: figure(accelerator, "dram_bandwidth_bits_per_s") / BYTE, BANDWIDTH, reasons)

    def ratio() -> float:
        each = figure(accelerator, key) / figure(accelerator, "multiply_accumulate_relative")
        return each / (figure(accelerator, "operand_bits") / BYTE)

    try:
        return Level(name, bandwidth, None, ratio(), reasons)
    except Unpublished as absent:
        return Level(name, bandwidth, reasons=reasons | {ENERGY: str(absent)})


def _crossbar(accelerator: Accelerator, reasons: dict[str, str]) -> Machine:
    def peak() -> float:
        cycles_per_s = figure(accelerator, "clock_hz") / figure(accelerator, "cycle_clocks")
        return figure(accelerator, "crossbar_rows") ** 2 * cycles_per_s

    found = or_reason(peak, "peak_ops_per_s", reasons)
    reasons["op_energy_j"] = "energies are per cycle of a processing element, independent of its computation"
    reasons["static_w"] = "the release does not include leakage"
    unknown = {
        BANDWIDTH: "the release does not state a bandwidth and assumes that transfers are hidden",
        ENERGY: "the energy is per cycle of a processing element, not per byte",
    }
    levels = (Level("tile buffer", reasons=unknown),)
    return _machine(accelerator, "multiply-accumulate", found, levels, None, None, reasons, ", one crossbar")


def _machine(
    accelerator: Accelerator,
    operation: str,
    peak: float | None,
    levels: tuple[Level, ...],
    op_energy: float | None,
    static: float | None,
    reasons: Mapping[str, str],
    part: str = "",
) -> Machine:
    return Machine(
        accelerator.name,
        f"{accelerator.title}{part}",
        operation,
        peak,
        levels,
        op_energy,
        static,
        f"the sheet {accelerator.name}",
        dict(reasons),
    )


def _why(accelerator: Accelerator, key: str) -> str:
    return f"{accelerator.name}: {accelerator.why_absent(key)}"
