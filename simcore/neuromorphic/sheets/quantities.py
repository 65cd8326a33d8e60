"""What a chip sheet can state: the known quantities and words, by the table of the sheet that holds them.

The unit of a quantity is that of its value in Python, always SI; a sheet states it in any unit of the same dimension.
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
    ("acceleration", "1", "model time over wall time of analogue circuits, which cannot be stopped"),
)
LIMITS = group_of(
    "limits",
    ("cores_per_chip", "1", "cores that hold neurons"),
    ("chips_per_board", "1", "chips of one board"),
    ("chips_per_system", "1", "chips that can work together"),
    ("neurons_per_core", "1", "neurons, or compartments, of a core"),
    ("neurons_per_chip", "1", "neurons of a chip"),
    ("synapses_per_core", "1", "synapses of a core"),
    ("synapses_per_chip", "1", "synapses of a chip"),
    ("synapse_memory_bits_per_core", "bit", "memory of a core for synapses"),
    ("synapse_memory_bits_per_chip", "bit", "memory for synapses that the cores of a chip share"),
    ("memory_bits_per_core", "bit", "all memory of a core"),
    ("memory_bits_per_chip", "bit", "all memory on a chip"),
    ("axons_in_per_core", "1", "sources from which a core receives"),
    ("axons_out_per_core", "1", "connections from neurons of a core to cores"),
    ("destinations_per_neuron", "1", "cores, or axons of cores, to which a neuron sends"),
    ("fan_in_per_neuron", "1", "synapses of a neuron"),
    ("fan_out_per_neuron", "1", "synapses that a spike of one neuron reaches"),
    ("weight_bits_max", "bit", "width of a weight, its sign included if it has one"),
    ("state_bits", "bit", "width of a membrane potential"),
    ("delay_steps_max", "1", "longest delay"),
    ("delay_steps_full_core", "1", "longest delay while a core holds all the neurons that it can"),
    ("router_entries_per_core", "1", "entries of a core's routing table"),
    ("router_entries_per_router", "1", "entries of a router's table, where several cores share the router"),
)
NETWORK = group_of(
    "network",
    ("cores_per_router", "1", "cores of a tile, which share a router"),
    ("mesh_width", "1", "routers of a chip from west to east"),
    ("mesh_height", "1", "routers of a chip from south to north"),
    ("reach_routers", "1", "largest distance of a message along one axis"),
    ("message_bits", "bit", "length of the message of a spike"),
    ("payload_bits", "bit", "number that a graded spike can carry"),
    ("link_bandwidth_spikes_per_s", "1/s", "spikes that a tile can send on in one direction"),
    ("core_link_bandwidth_messages_per_s", "1/s", "messages that a core can exchange with its router"),
    ("link_buffer_messages", "1", "messages that wait in a link"),
    ("lanes_per_rail", "1", "messages that pass a segment of a ladder bus at once"),
    ("schedule_groups_per_step", "1", "groups of messages that a ladder bus lets pass one after the other in a step"),
)
TIMES = group_of(
    "times",
    ("synop_s", "s", "one synaptic event: fetch the weight, add it"),
    ("synapse_read_s", "s", "one read of a word of a core's synapse memory"),
    ("update_active_s", "s", "update of a neuron that changes"),
    ("update_inactive_s", "s", "visit of a neuron that need not change"),
    ("spike_out_s", "s", "emission of a spike by a neuron"),
    ("message_in_s", "s", "a message enters a core"),
    ("message_out_s", "s", "a message leaves a core"),
    ("within_tile_s", "s", "a message between cores of a tile"),
    ("hop_ew_s", "s", "a message passes to the next router, east or west"),
    ("hop_ns_s", "s", "a message passes to the next router, north or south"),
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
        ("update_active_j", "J", "update of a neuron that changes"),
        ("update_inactive_j", "J", "visit of a neuron that need not change"),
        ("spike_out_j", "J", "emission of a spike by a neuron"),
        ("message_in_j", "J", "a message enters a core"),
        ("message_out_j", "J", "a message leaves a core"),
        ("within_tile_j", "J", "a message between cores of a tile"),
        ("hop_ew_j", "J", "a message passes to the next router, east or west"),
        ("hop_ns_j", "J", "a message passes to the next router, north or south"),
        ("barrier_j", "J", "synchronisation of all cores at the end of a step", "curve"),
        ("clock_cycle_j", "J", "one cycle of the chip's clock"),
        ("chip_to_chip_bit_j", "J", "one bit between chips"),
        ("plasticity_j", "J", "update of a plastic weight"),
        ("short_term_j", "J", "update of the state of short-term plasticity of a source"),
    ),
    Quantity(
        "synop_all_in_j",
        "J",
        "power of the chip over synaptic events per second, at one load",
        "energies",
        scope="all-in",
    ),
)
POWER = group_of(
    "power",
    ("static_w_per_chip", "W", "power of a chip that does nothing"),
    ("static_w_per_core", "W", "power of a core in use, beyond that of its chip"),
    ("board_w", "W", "power of a board that does nothing, its chips included"),
    ("total_w_per_chip", "W", "power of a chip at a typical load, everything included"),
)
QUANTITIES: Mapping[str, Quantity] = {
    quantity.key: quantity for quantity in (*DESIGN, *LIMITS, *NETWORK, *TIMES, *ENERGIES, *POWER)
}

WORDS: Mapping[str, WordQuestion] = {
    word.key: word
    for word in (
        WordQuestion("process", "technology in which the chip is made", "design"),
        WordQuestion(
            "steps", "whether time goes on in steps; not in analogue circuits, for example", "design", (True, False)
        ),
        WordQuestion("plasticity", "whether the chip can change weights by itself", "design", (True, False)),
        WordQuestion(
            "topology",
            "how routers are connected",
            "network",
            ("mesh", "torus", "triangular_torus", "ring", "bus", "ladder_bus", "h_tree", "star"),
        ),
        WordQuestion("routing", "how a message finds its way", "network", ("xy", "yx", "table", "direct")),
        WordQuestion(
            "barrier_overlaps",
            "whether a step takes the barrier or its work, whichever is longer",
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
        ("block_overhead_bits", "bit", "bits of a block beside its synapses"),
        ("word_bits", "bit", "a block ends on a multiple of it"),
        ("weight_bits", "bit", "widths that a weight can have", "list"),
        ("index_bits", "bit", "widths of the target's index of a sparse axon; a dense axon has none", "list"),
        ("delay_field_bits", "bit", "width of a delay"),
        ("tag_field_bits", "bit", "width of a tag"),
        ("neuron_configurations", "1", "different neuron parameters of a core"),
        ("threshold_configurations", "1", "different thresholds of a core"),
        ("synapse_configurations", "1", "different formats of synapses of a core"),
        ("compartment_offset_max", "1", "largest offset of an axon's first target"),
    ),
    "dense_crossbar": group_of(
        "packing",
        ("rows", "1", "inputs of the crossbar"),
        ("columns", "1", "neurons of the crossbar"),
        ("crosspoint_bits", "bit", "memory of a crossing, used or not"),
    ),
    "words": group_of(
        "packing",
        ("kernel_words", "1", "weights that each core holds", "list"),
        ("neuron_words", "1", "neurons that each core holds", "list"),
        ("bias_words", "1", "biases that each core holds", "list"),
        ("weight_word_bits", "bit", "width of a weight"),
        ("neuron_word_bits", "bit", "width of a neuron's state"),
        ("destinations_per_core", "1", "cores to which a core sends"),
        ("input_side_max", "1", "largest width and height of a layer's input"),
        ("output_side_max", "1", "largest width and height of a layer's output"),
        ("channels_max", "1", "most channels of a layer"),
        ("kernel_side_max", "1", "largest width and height of a kernel"),
        ("strides", "1", "strides of a convolution", "list"),
        ("padding_max", "1", "largest padding"),
        ("pooling", "1", "sides of sum pooling", "list"),
    ),
    "cam": group_of(
        "packing",
        ("cam_words_per_neuron", "1", "sources that a neuron can tell apart"),
        ("tags_per_neuron", "1", "destinations to which a neuron sends its tag"),
    ),
}
"""The parameters of each known way in which a core stores its synapses; a sheet gives all of its own."""

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
