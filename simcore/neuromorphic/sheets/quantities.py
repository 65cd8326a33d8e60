"""The quantities and words that a chip sheet can state, by table of the sheet.

Values in Python are in SI units; a sheet may use any unit of the same dimension.
"""

from collections.abc import Mapping

from simcore.neuromorphic.sheets.catalogue import Catalogue, Quantity, WordQuestion, group_of

KINDS = ("digital asynchronous", "digital clocked", "mixed-signal")
EVIDENCE = ("measured", "simulated", "vendor", "derived")
TABLE_OVER = ("cores", "tiles", "chips")

DESIGN = group_of(
    "design",
    ("clock_hz", "1/s", "clock of the cores"),
    ("die_area_m2", "m2", "area of the chip"),
    ("acceleration", "1", "model time divided by wall time, for analogue circuits, which cannot be stopped"),
)
LIMITS = group_of(
    "limits",
    ("cores_per_chip", "1", "number of cores with neurons"),
    ("chips_per_board", "1", "chips per board"),
    ("chips_per_system", "1", "largest number of chips in a system"),
    ("neurons_per_core", "1", "neurons, or compartments, per core"),
    ("neurons_per_chip", "1", "neurons per chip"),
    ("synapses_per_core", "1", "synapses per core"),
    ("synapses_per_chip", "1", "synapses per chip"),
    ("synapse_memory_bits_per_core", "bit", "synapse memory of a core"),
    ("synapse_memory_bits_per_chip", "bit", "synapse memory that the cores of a chip share"),
    ("memory_bits_per_core", "bit", "total memory of a core"),
    ("memory_bits_per_chip", "bit", "total memory of a chip"),
    ("axons_in_per_core", "1", "source neurons of a core"),
    ("axons_out_per_core", "1", "pairs of a neuron of the core and a destination core"),
    ("destinations_per_neuron", "1", "destination cores, or axons, of a neuron"),
    ("fan_in_per_neuron", "1", "incoming synapses of a neuron"),
    ("fan_out_per_neuron", "1", "outgoing synapses of a neuron"),
    ("weight_bits_max", "bit", "width of a weight, including its sign if it has one"),
    ("state_bits", "bit", "width of a membrane potential"),
    ("delay_steps_max", "1", "longest delay, in steps"),
    ("delay_steps_full_core", "1", "longest delay in a full core, in steps"),
    ("router_entries_per_core", "1", "entries of a core's routing table"),
    ("router_entries_per_router", "1", "entries of a router's table, if several cores share the router"),
)
NETWORK = group_of(
    "network",
    ("cores_per_router", "1", "cores of a tile, which share one router"),
    ("mesh_width", "1", "number of routers of a chip from west to east"),
    ("mesh_height", "1", "number of routers of a chip from south to north"),
    ("reach_routers", "1", "largest distance of a message along one axis"),
    ("message_bits", "bit", "length of a spike message"),
    ("payload_bits", "bit", "payload of a graded spike"),
    ("link_bandwidth_spikes_per_s", "1/s", "spikes per second that a tile can forward in one direction"),
    ("core_link_bandwidth_messages_per_s", "1/s", "messages per second between a core and its router"),
    ("link_buffer_messages", "1", "messages that the buffer of a link holds"),
    ("lanes_per_rail", "1", "messages that can traverse a segment of a ladder bus at once"),
    ("schedule_groups_per_step", "1", "groups of messages that pass a ladder bus one after the other in a step"),
)
TIMES = group_of(
    "times",
    ("synop_s", "s", "one synaptic event: fetch the weight, add it"),
    ("synapse_read_s", "s", "one read of a word of synapse memory"),
    ("update_active_s", "s", "update of a neuron whose state changes"),
    ("update_inactive_s", "s", "update of a neuron whose state does not change"),
    ("spike_out_s", "s", "emission of a spike by a neuron"),
    ("message_in_s", "s", "arrival of a message at a core"),
    ("message_out_s", "s", "departure of a message from a core"),
    ("within_tile_s", "s", "one message between cores of a tile"),
    ("hop_ew_s", "s", "one hop to the next router, east or west"),
    ("hop_ns_s", "s", "one hop to the next router, north or south"),
    ("barrier_s", "s", "synchronisation of all cores at the end of a step", "curve"),
    ("barrier_chips_s", "s", "synchronisation of several chips at the end of a step", "curve"),
    ("tick_s", "s", "fixed time of a step"),
    ("tick_min_s", "s", "shortest fixed time of a step"),
    ("synop_cycles", "1", "clock cycles of one synaptic event"),
    ("plasticity_s", "s", "update of a plastic weight"),
    ("short_term_s", "s", "update of the state of short-term plasticity of a source"),
)
ENERGIES = (
    *group_of(
        "energies",
        ("synop_j", "J", "one synaptic event"),
        ("update_active_j", "J", "update of a neuron whose state changes"),
        ("update_inactive_j", "J", "update of a neuron whose state does not change"),
        ("spike_out_j", "J", "emission of a spike by a neuron"),
        ("message_in_j", "J", "arrival of a message at a core"),
        ("message_out_j", "J", "departure of a message from a core"),
        ("within_tile_j", "J", "one message between cores of a tile"),
        ("hop_ew_j", "J", "one hop to the next router, east or west"),
        ("hop_ns_j", "J", "one hop to the next router, north or south"),
        ("barrier_j", "J", "synchronisation of all cores at the end of a step", "curve"),
        ("clock_cycle_j", "J", "one clock cycle of the chip"),
        ("chip_to_chip_bit_j", "J", "transfer of one bit between chips"),
        ("plasticity_j", "J", "update of a plastic weight"),
        ("short_term_j", "J", "update of the state of short-term plasticity of a source"),
    ),
    Quantity(
        "synop_all_in_j",
        "J",
        "power of the chip divided by synaptic events per second, at one load",
        "energies",
        scope="all-in",
    ),
)
POWER = group_of(
    "power",
    ("static_w_per_chip", "W", "power of an idle chip"),
    ("static_w_per_core", "W", "power of a core in use, in addition to the power of its chip"),
    ("board_w", "W", "power of an idle board, including its chips"),
    ("total_w_per_chip", "W", "total power of a chip at a typical load"),
)
QUANTITIES: Mapping[str, Quantity] = {
    quantity.key: quantity for quantity in (*DESIGN, *LIMITS, *NETWORK, *TIMES, *ENERGIES, *POWER)
}

WORDS: Mapping[str, WordQuestion] = {
    word.key: word
    for word in (
        WordQuestion("process", "process technology of the chip", "design"),
        WordQuestion("steps", "whether time advances in steps, unlike in analogue circuits", "design", (True, False)),
        WordQuestion("plasticity", "whether the chip can change weights on its own", "design", (True, False)),
        WordQuestion(
            "topology",
            "connections between routers",
            "network",
            ("mesh", "torus", "triangular_torus", "ring", "bus", "ladder_bus", "h_tree", "star"),
        ),
        WordQuestion("routing", "routing of messages", "network", ("xy", "yx", "table", "direct")),
        WordQuestion(
            "barrier_overlaps",
            "whether the barrier overlaps with the work of a step",
            "times",
            (True, False),
        ),
        WordQuestion("multicast", "whether routers copy a message for several cores", "network", (True, False)),
    )
}

PACKINGS: Mapping[str, tuple[Quantity, ...]] = {
    "loihi": group_of(
        "packing",
        ("block_synapses", "1", "synapses of an axon that share a block"),
        ("block_overhead_bits", "bit", "bits of a block in addition to its synapses"),
        ("word_bits", "bit", "size of a word, to which blocks are padded"),
        ("weight_bits", "bit", "possible widths of a weight", "list"),
        ("index_bits", "bit", "possible widths of a target index of a sparse axon; a dense axon has none", "list"),
        ("delay_field_bits", "bit", "width of a delay"),
        ("tag_field_bits", "bit", "width of a tag"),
        ("neuron_configurations", "1", "different sets of neuron parameters per core"),
        ("threshold_configurations", "1", "different thresholds per core"),
        ("synapse_configurations", "1", "different synapse formats per core"),
        ("compartment_offset_max", "1", "largest offset of the first target of an axon"),
    ),
    "dense_crossbar": group_of(
        "packing",
        ("rows", "1", "inputs of the crossbar"),
        ("columns", "1", "neurons of the crossbar"),
        ("crosspoint_bits", "bit", "memory of a crossing, whether used or not"),
    ),
    "words": group_of(
        "packing",
        ("kernel_words", "1", "weights that each core holds", "list"),
        ("neuron_words", "1", "neurons that each core holds", "list"),
        ("bias_words", "1", "biases that each core holds", "list"),
        ("weight_word_bits", "bit", "width of a weight"),
        ("neuron_word_bits", "bit", "width of a neuron's state"),
        ("destinations_per_core", "1", "destination cores of a core"),
        ("input_side_max", "1", "largest width and height of a layer's input"),
        ("output_side_max", "1", "largest width and height of a layer's output"),
        ("channels_max", "1", "largest number of channels of a layer"),
        ("kernel_side_max", "1", "largest width and height of a kernel"),
        ("strides", "1", "strides of a convolution", "list"),
        ("padding_max", "1", "largest padding"),
        ("pooling", "1", "sides of sum pooling", "list"),
    ),
    "cam": group_of(
        "packing",
        ("cam_words_per_neuron", "1", "number of sources that a neuron can distinguish"),
        ("tags_per_neuron", "1", "destinations of the tag of a neuron"),
    ),
}
"""The parameters of each packing rule, by which a core stores its synapses; a sheet states all of its rule."""

CHIPS = Catalogue(
    "chip",
    KINDS,
    QUANTITIES,
    WORDS,
    EVIDENCE,
    TABLE_OVER,
    texts=("title", "kind", "neurons"),
    tables=("packing", "networks"),
)
