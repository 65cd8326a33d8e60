"""The quantities and words that accelerator sheets can state, by table of the sheet.

Values in Python are in SI units; a sheet may use any unit of the same dimension.
"""

from collections.abc import Mapping

from simcore.accelerators.answer import DATAFLOWS
from simcore.neuromorphic.sheets.catalogue import Catalogue, Quantity, WordQuestion, group_of

SYSTOLIC, TRAINING, CROSSBAR = "systolic array", "systolic array, training", "in-memory crossbar"
ANALOGUE = "analogue crossbar"
OPERATIONS, SPATIAL = "operations", "spatial array"
MANY_CORE = "many-core"
KINDS = (SYSTOLIC, TRAINING, CROSSBAR, ANALOGUE, OPERATIONS, SPATIAL, MANY_CORE)
EVIDENCE = ("measured", "simulated", "vendor", "derived", "secondary")
"""The evidence of chips, and ``secondary``: from a second source that quotes the first."""
TABLE_OVER = ("bits",)
ARRAYS = (SYSTOLIC, SPATIAL)
SATA_2023, SATA_2024 = "sata_2023", "sata_2024"
ACCOUNTINGS = (SATA_2023, SATA_2024)
"""Accounting rules in the publications of a model of systolic arrays."""

DESIGN = (
    *group_of(
        "design",
        ("clock_hz", "1/s", "clock"),
        ("power_clock_hz", "1/s", "clock at which the powers of components were determined"),
        ("peak_operations_per_s", "1/s", "peak operations; a multiplication and its addition are two"),
        ("multiply_accumulate_units", "1", "number of multiply-accumulate units"),
        ("operand_bits", "bit", "width of the operands of units, for which energies of operations are stated"),
        ("sum_bits", "bit", "width of the sums in units"),
    ),
    *group_of(
        "design",
        ("arrays", "1", "number of arrays of processing elements; one if not stated"),
        ("rows", "1", "processing elements of an array from top to bottom"),
        ("columns", "1", "processing elements of an array from left to right"),
        kinds=ARRAYS,
    ),
    *group_of("design", ("accumulator_bits", "bit", "width of the adder for spikes"), kinds=(SYSTOLIC, OPERATIONS)),
    *group_of(
        "design",
        ("and_bits", "bit", "width of the gate for weights"),
        ("accumulator_register_bits", "bit", "width of the register for sums"),
        ("lif_operand_bits", "bit", "width of the comparator and the subtractor of a LIF unit"),
        ("lif_register_bits", "bit", "registers of a LIF unit; the larger holds the membrane potential", "list"),
        ("multiplier_bits", "bit", "width of a multiplier, if processing elements have one"),
        ("operand_register_bits", "bit", "registers of the operands of a multiplier", "list"),
        ("activation_bits", "bit", "width of the comparator of a rectified linear unit"),
        ("weight_bits", "bit", "width of a weight"),
        ("output_bits", "bit", "width of an output"),
        kinds=(SYSTOLIC,),
    ),
    *group_of("design", ("crossbar_rows", "1", "number of rows and columns of a crossbar"), kinds=(CROSSBAR, ANALOGUE)),
    *group_of(
        "design",
        ("columns_per_adc", "1", "columns that share an analogue-to-digital converter"),
        ("elements_per_tile", "1", "processing elements of a tile"),
        ("cycle_clocks", "1", "clock cycles per cycle of a processing element"),
        ("subtractors_per_group", "1", "subtractions per group of columns and cycle"),
        ("state_bits", "bit", "width of a value of a map, and of a membrane potential"),
        ("layer_start_share", "share", "share of the outputs of a layer that are complete when the next layer starts"),
        kinds=(CROSSBAR,),
    ),
    *group_of(
        "design",
        ("read_voltage_v", "V", "voltage of a driven row"),
        ("adc_bits", "bit", "width of the code of an analogue-to-digital converter", "list"),
        ("full_scale_a", "A", "current of the largest code of a converter, by the width of the code", "table"),
        ("wire_resistance_ohm", "Ohm", "resistance of a segment of wire between adjacent cells"),
        kinds=(ANALOGUE,),
    ),
)
CELLS = group_of(
    "cells",
    ("base_resistance_ohm", "Ohm", "resistance of a cell of level 1"),
    (
        "cell_levels",
        "1",
        "possible conductances of a cell, as multiples of the conductance of level 1",
        "list",
    ),
    ("open_resistance_ohm", "Ohm", "resistance of a multi-level cell that holds 0"),
    ("off_resistance_ohm", "Ohm", "resistance of a two-level cell that holds 0"),
    ("device_noise_share", "share", "device-to-device standard deviation of conductances"),
    ("read_noise_share", "share", "read-to-read standard deviation of conductances"),
    ("stuck_on_share", "share", "share of cells stuck at their largest conductance"),
    ("stuck_off_share", "share", "share of cells stuck at their smallest conductance"),
    kinds=(ANALOGUE,),
)
MEMORY = (
    *group_of(
        "memory",
        ("on_chip_memory_bits", "bit", "total memory on the chip"),
        ("dram_bandwidth_bits_per_s", "bit/s", "bandwidth of the memory outside the chip"),
        ("link_bandwidth_bits_per_s", "bit/s", "bandwidth to other chips, in one direction"),
    ),
    *group_of(
        "memory",
        ("bisection_bandwidth_bits_per_s", "bit/s", "bandwidth between the halves of the network of cores"),
        kinds=(MANY_CORE,),
    ),
    *group_of(
        "memory",
        ("global_buffer_bits", "bit", "buffer that all processing elements share"),
        ("accumulator_memory_bits", "bit", "memory for sums outside the array"),
        ("weight_tile_bits", "bit", "weights that the array holds at once"),
        ("weight_fifo_tiles", "1", "tiles of weights that wait for the array"),
        ("scratchpad_weight_bits", "bit", "scratchpad of a processing element for weights"),
        ("scratchpad_input_bits", "bit", "scratchpad of a processing element for inputs"),
        ("scratchpad_sum_bits", "bit", "scratchpad of a processing element for sums"),
        kinds=ARRAYS,
    ),
    *group_of(
        "memory",
        ("input_buffer_bits", "bit", "buffer of input maps"),
        ("weight_buffer_bits", "bit", "buffer of weights"),
        ("output_buffer_bits", "bit", "buffer of output maps"),
        ("sram_access_bits", "bit", "width of an access to a buffer"),
        ("sram_bandwidth_bits_per_s", "bit/s", "bandwidth of the buffers"),
        ("dram_bits", "bit", "capacity of the memory outside the chip"),
        ("dram_access_bits", "bit", "width of an access to the memory outside the chip"),
        ("scratchpad_ungated_bits", "bit", "scratchpad memory that is clocked in every cycle"),
        ("scratchpad_gated_bits", "bit", "scratchpad memory that is clocked only by operations"),
        kinds=(SYSTOLIC,),
    ),
)
ENERGIES = (
    *group_of(
        "energies",
        ("sram_read_j", "J", "a read of a buffer, by its capacity", "table"),
        ("sram_write_j", "J", "a write to a buffer, by its capacity", "table"),
        ("dram_access_j", "J", "an access to the memory outside the chip"),
        kinds=(SYSTOLIC,),
    ),
    *group_of(
        "energies",
        ("crossbar_element_j", "J", "a crossbar, for one element of a kernel"),
        ("adc_j", "J", "an analogue-to-digital conversion"),
        ("mux_j", "J", "a multiplexer of columns"),
        ("subtractor_j", "J", "a subtraction of columns of opposite sign"),
        ("temporary_buffer_j", "J", "an access to a temporary buffer"),
        ("tile_buffer_j", "J", "an access to the buffer of a tile"),
        ("h_tree_j", "J", "a transfer through the tree that connects processing elements"),
        ("fetch_j", "J", "a fetch of inputs"),
        ("neuron_j", "J", "an update of a neuron unit"),
        kinds=(CROSSBAR,),
    ),
)
RELATIVE = (
    *group_of(
        "relative",
        ("multiply_relative", "relative", "a multiplication"),
        ("accumulate_relative", "relative", "an accumulation"),
        ("add_relative", "relative", "an addition"),
        ("and_relative", "relative", "an AND"),
        ("compare_relative", "relative", "a comparison"),
        ("mux_relative", "relative", "a multiplexer of two inputs"),
        ("register_relative", "relative", "a register"),
        ("shift_relative", "relative", "a shift"),
        kinds=(TRAINING,),
    ),
    *group_of(
        "relative",
        ("multiply_accumulate_relative", "relative", "a multiplication and its accumulation"),
        ("neighbour_relative", "relative", "a transfer from a neighbouring processing element"),
        kinds=(SPATIAL,),
    ),
    *group_of(
        "relative",
        ("dram_relative", "relative", "a transfer of an element to or from the memory outside the chip"),
        ("sram_relative", "relative", "a transfer of an element to or from a buffer"),
        ("scratchpad_relative", "relative", "a transfer of an element to or from a scratchpad"),
        kinds=(TRAINING, SPATIAL),
    ),
)
POWER = (
    *group_of(
        "power",
        ("tdp_w", "W", "thermal design power"),
        ("busy_w", "W", "power of the busy chip"),
        ("idle_w", "W", "power of the idle chip"),
        ("power_share_at_tenth_load", "share", "power at a tenth of the load, as a share of the power at full load"),
        ("server_tdp_w", "W", "thermal design power of a server, including its chips"),
        ("server_busy_w", "W", "power of a busy server, including its chips"),
        ("server_idle_w", "W", "power of an idle server, including its chips"),
    ),
    *group_of("power", ("array_power_share", "share", "share of the power that the array takes"), kinds=(SYSTOLIC,)),
    *group_of(
        "power",
        ("register_w", "W", "register, by its width", "table"),
        ("adder_w", "W", "adder or subtractor, by its width", "table"),
        ("multiplier_w", "W", "multiplier, by its width", "table"),
        kinds=(SYSTOLIC, OPERATIONS),
    ),
    *group_of(
        "power",
        ("comparator_w", "W", "comparator, by its width", "table"),
        ("and_w", "W", "AND gates, by their number", "table"),
        ("register_leakage_w", "W", "leakage of a register, by its width", "table"),
        ("adder_leakage_w", "W", "leakage of an adder or subtractor, by its width", "table"),
        ("multiplier_leakage_w", "W", "leakage of a multiplier, by its width", "table"),
        ("comparator_leakage_w", "W", "leakage of a comparator, by its width", "table"),
        ("and_leakage_w", "W", "leakage of AND gates, by their number", "table"),
        ("sram_leakage_w", "W", "leakage of a buffer, by its capacity", "table"),
        kinds=(SYSTOLIC,),
    ),
)
AREAS = (
    *group_of("areas", ("die_area_m2", "m2", "area of the chip")),
    *group_of(
        "areas",
        ("array_area_share", "share", "share of the area that the array takes"),
        ("global_buffer_area_share", "share", "share of the area that the global buffer takes"),
        ("accumulator_area_share", "share", "share of the area that the memory for sums takes"),
        kinds=(SYSTOLIC,),
    ),
    *group_of(
        "areas",
        ("register_m2", "m2", "register, by its width", "table"),
        ("adder_m2", "m2", "adder or subtractor, by its width", "table"),
        ("multiplier_m2", "m2", "multiplier, by its width", "table"),
        ("comparator_m2", "m2", "comparator, by its width", "table"),
        ("and_m2", "m2", "AND gates, by their number", "table"),
        ("sram_m2", "m2", "buffer, by its capacity", "table"),
        kinds=(SYSTOLIC,),
    ),
    *group_of(
        "areas",
        ("crossbar_element_m2", "m2", "a crossbar, for one element of a kernel"),
        ("adc_m2", "m2", "an analogue-to-digital converter"),
        ("mux_m2", "m2", "a multiplexer of columns"),
        ("subtractor_m2", "m2", "a subtractor"),
        ("temporary_buffer_m2", "m2", "a temporary buffer"),
        ("tile_buffer_m2", "m2", "the buffer of a tile"),
        ("h_tree_m2", "m2", "the tree that connects the processing elements of a tile"),
        ("sram_bit_m2", "m2", "a bit of the memory for maps and membrane potentials"),
        kinds=(CROSSBAR,),
    ),
)
MEASURED = group_of(
    "measured",
    ("frames_per_s", "1/s", "images per second, for the network in the note"),
    ("multiply_accumulates_per_s", "1/s", "multiply-accumulate operations per second"),
    ("multiply_accumulates_per_j", "1/J", "multiply-accumulate operations per joule"),
    ("operations_per_s", "1/s", "operations per second, for the networks in the note", "list"),
    ("active_share", "share", "share of busy processing elements, by network if there are several", "list"),
    ("weight_stall_share", "share", "share of time in which the array waits for weights, by network", "list"),
    ("dram_traffic_bits", "bit", "transfers to and from the memory outside the chip, per batch"),
)
QUANTITIES: Mapping[str, Quantity] = {
    quantity.key: quantity for quantity in (*DESIGN, *CELLS, *MEMORY, *ENERGIES, *RELATIVE, *POWER, *AREAS, *MEASURED)
}

WORDS: Mapping[str, WordQuestion] = {
    word.key: word
    for word in (
        WordQuestion("process", "process technology of the accelerator or its model", "design"),
        WordQuestion("corner", "corner and supply voltage for energies and powers", "design"),
        WordQuestion(
            "dataflow",
            "data that stay in a processing element",
            "design",
            (*DATAFLOWS, "row_stationary"),
            ARRAYS,
        ),
        WordQuestion(
            "accounting",
            "release whose counts and energies a model reproduces for published figures",
            "design",
            ACCOUNTINGS,
            (SYSTOLIC,),
        ),
    )
}

ACCELERATORS = Catalogue(
    "accelerator",
    KINDS,
    QUANTITIES,
    WORDS,
    EVIDENCE,
    TABLE_OVER,
    units_with_node=("J", "W", "m2"),
    energies_need_voltage=False,
)
