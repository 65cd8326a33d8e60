// Delivery by groups, `just_in_time`: an index has the place of each group, the synapses of a row with one delay in one
// partition. A warp adds one group.

// Spikes keep no places in their rows.
__device__ inline void enter(const Arguments &, const Place &, int64, int64, int64) {}

// Delivers what the held spikes [first, end) bring to the step `arrival`; returns this thread's synaptic events. A warp
// takes a spike, one of its neuron's channels, and a partition.
__device__ inline int64 deliver(const Arguments &a, const Place &place, int64 arrival, int64 first, int64 end) {
    int64 events = 0;
    const int64 each = a.n_partitions * a.n_ordinals;
    for (int64 item = place.warp; item < (end - first) * each; item += place.warps) {
        const int64 number = item % a.n_partitions;
        const uint64 held = fresh(a.spikes + first + item / each);
        const int64 delay = arrival - a.base_step - origin_of(held) - a.min_delay;
        if (delay < 0 || delay >= a.n_delays) continue;
        const int64 neuron = static_cast<uint32>(held);
        const Channel *channel = channel_of(a, neuron, item / a.n_partitions % a.n_ordinals);
        if (!channel) continue;
        const Partition &partition = a.partitions[number];
        const uint32 *group = a.index + partition.first_index + (neuron + channel->shift) * a.n_delays + delay;
        const int64 low = group[0], high = group[1];
        SUM *input = input_of(a, arrival, channel->receptor);
        for (int64 k = low + place.lane; k < high; k += WARP)
            add_weight(a, input, number, a.words[partition.first_word + k], times_of(held));
        if (place.lane == 0) events += (high - low) * times_of(held);
    }
    return events;
}
