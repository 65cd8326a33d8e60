// What both ways to deliver spikes share: held spikes, the rows of their neurons, and the input of a step.

// A held spike: the id of its neuron, from bit 32 on the step, and if neurons relay spikes (RELAYS), from bit 48 on how many
// more than one it stands for. One that stands for too many is told apart by its largest number.
__device__ inline uint64 extra_spikes(int64 times) {
    if (!RELAYS) return 0;
    return static_cast<uint64>(times > 0xFFFF ? 0xFFFF : times - 1) << 48;
}

__device__ inline int64 origin_of(uint64 held) { return static_cast<int64>(RELAYS ? held >> 32 & 0xFFFF : held >> 32); }

__device__ inline int64 times_of(uint64 held) { return RELAYS ? 1 + static_cast<int64>(held >> 48) : 1; }

// One of the channels of a neuron, or none if it has fewer.
__device__ inline const Channel *channel_of(const Arguments &a, int64 neuron, int64 ordinal) {
    const int64 range = entries_up_to(a.first_ids, a.n_ranges, neuron) - 1, c = a.channel_starts[range] + ordinal;
    return c < a.channel_starts[range + 1] ? a.channels + c : nullptr;
}

// What arrives at a receptor in a step.
__device__ inline SUM *input_of(const Arguments &a, int64 arrival, int64 receptor) {
    return a.inputs + ((arrival & 1) * RECEPTORS + receptor) * a.n_neurons;
}

// Adds the weight of a synapse of a partition to the input of its target, once for each of `times` spikes.
__device__ inline void add_weight(const Arguments &a, SUM *input, int64 partition, WORD word, int64 times) {
    const int half = 4 * sizeof(WORD);
    const uint64 mask = (1ull << half) - 1;
    const int64 target = static_cast<int64>(static_cast<uint64>(word) & mask) * a.n_partitions + partition;
    add(input + target, static_cast<SUM>(word >> half) * static_cast<SUM>(times));
}
