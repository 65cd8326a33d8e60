"""Which outputs of the model each number of a sheet reaches.

By key of the sheet: energies by part, counts, `latency_s` and `area_m2` that change with it in some dataflow or
account; `weight_bits` only as published in 2024. Of a table only the rows of the widths and capacities that the sheet
states are used. Other keys reach nothing.
"""

from collections.abc import Mapping

CYCLES = ("cycles", "cycles_per_step", "weight_cycles")
OF_TIME = ("latency_s", "spike_mac", "lif", "scratchpad", "sram_leakage")
SRAM_INPUT, DRAM_INPUT = ("sram_input_reads", "sram_input"), ("dram_input_reads", "dram_input")
SRAM_WEIGHT, DRAM_WEIGHT = ("sram_weight_reads", "sram_weight"), ("dram_weight_reads", "dram_weight")
DRAM_OUTPUT = ("dram_output_writes", "dram_output")
SRAM_WRITTEN = ("sram_output_writes", "sram_output")
SRAM_OUTPUT = ("sram_output_reads", *SRAM_WRITTEN)
SRAM_MEMBRANE = ("sram_membrane_reads", "sram_membrane_writes", "sram_membrane")
DRAM_MEMBRANE = ("dram_membrane_reads", "dram_membrane_writes", "dram_membrane")

ARRAY: Mapping[str, tuple[str, ...]] = {
    "clock_hz": OF_TIME,
    "power_clock_hz": ("spike_mac", "lif", "scratchpad"),
    "rows": (*CYCLES, *OF_TIME, "area_m2", *DRAM_INPUT, *SRAM_OUTPUT),
    "columns": (*CYCLES, *OF_TIME, "area_m2", *SRAM_INPUT, *DRAM_INPUT, *SRAM_WRITTEN, *DRAM_OUTPUT),
    "weight_bits": (*SRAM_WEIGHT, *DRAM_WEIGHT),
    "output_bits": (*SRAM_WRITTEN, *DRAM_OUTPUT),
    "input_buffer_bits": (*DRAM_INPUT, "sram_input", "sram_leakage"),
    "weight_buffer_bits": ("sram_weight", "sram_leakage"),
    "output_buffer_bits": (*DRAM_MEMBRANE, "sram_output", "sram_membrane", "sram_leakage"),
    "sram_access_bits": (*SRAM_INPUT, *SRAM_WEIGHT, *SRAM_OUTPUT, *SRAM_MEMBRANE),
    "dram_access_bits": (*DRAM_INPUT, *DRAM_WEIGHT, *DRAM_OUTPUT, *DRAM_MEMBRANE),
    "sram_read_j": ("sram_input", "sram_weight", "sram_output", "sram_membrane"),
    "sram_write_j": ("sram_output", "sram_membrane"),
    "sram_leakage_w": ("sram_leakage",),
    "dram_access_j": ("dram_input", "dram_weight", "dram_output", "dram_membrane"),
    "scratchpad_ungated_bits": ("scratchpad", "area_m2"),
    "scratchpad_gated_bits": ("scratchpad", "area_m2"),
}
"""Of any array; where elements multiply, ``mac`` is in place of ``spike_mac`` and ``relu`` in place of ``lif``."""

SPIKES: Mapping[str, tuple[str, ...]] = {
    "and_bits": ("spike_mac", "area_m2"),
    "accumulator_bits": ("spike_mac", "area_m2"),
    "accumulator_register_bits": ("spike_mac", "area_m2", *SRAM_OUTPUT),
    "lif_operand_bits": ("lif", "area_m2"),
    "lif_register_bits": ("lif", "area_m2", *SRAM_MEMBRANE, *DRAM_MEMBRANE),
    "and_w": ("spike_mac",),
    "and_leakage_w": ("spike_mac",),
    "and_m2": ("area_m2",),
    "adder_w": ("spike_mac", "lif"),
    "adder_leakage_w": ("spike_mac", "lif"),
    "adder_m2": ("area_m2",),
    "comparator_w": ("lif",),
    "comparator_leakage_w": ("lif",),
    "comparator_m2": ("area_m2",),
    "register_w": ("spike_mac", "lif", "scratchpad"),
    "register_leakage_w": ("spike_mac", "lif", "scratchpad"),
    "register_m2": ("area_m2",),
}
"""Of an array for spikes, besides."""

DENSE: Mapping[str, tuple[str, ...]] = {
    "multiplier_bits": ("mac", "area_m2"),
    "operand_register_bits": ("mac", "area_m2"),
    "accumulator_bits": ("mac", "area_m2"),
    "accumulator_register_bits": ("mac", "area_m2", *SRAM_OUTPUT),
    "activation_bits": ("relu", "area_m2"),
    "multiplier_w": ("mac",),
    "multiplier_leakage_w": ("mac",),
    "multiplier_m2": ("area_m2",),
    "adder_w": ("mac",),
    "adder_leakage_w": ("mac",),
    "adder_m2": ("area_m2",),
    "comparator_w": ("relu",),
    "comparator_leakage_w": ("relu",),
    "comparator_m2": ("area_m2",),
    "register_w": ("mac", "scratchpad"),
    "register_leakage_w": ("mac", "scratchpad"),
    "register_m2": ("area_m2",),
}
"""Of an array whose elements multiply, besides."""


def reached(key: str, multiplies: bool = False) -> frozenset[str]:
    """Outputs that a number of a sheet reaches.

    Parameters
    ----------
    key
        Of the sheet.
    multiplies
        Whether processing elements multiply.
    """
    names = {*ARRAY.get(key, ()), *(DENSE if multiplies else SPIKES).get(key, ())}
    if not multiplies:
        return frozenset(names)
    dense = {"spike_mac": "mac", "lif": "relu"}
    return frozenset(dense.get(name, name) for name in names if "membrane" not in name)
