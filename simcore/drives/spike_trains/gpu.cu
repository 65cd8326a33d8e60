// Header: weight, number of neurons, of entries, whether each neuron has a weight; the entries' steps, in order of (step,
// neuron), their neurons and numbers of spikes in one integer; the weights.
__device__ inline int64 events_spike_trains(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 n = drive.header[2], *steps = drive.header + 4, *packed = steps + n;
    const int64 first = entries_up_to(steps, n, step - 1), end = entries_up_to(steps, n, step);
    const int64 neuron = place_of_neuron(drive, id);
    const int64 entry = first + entries_up_to(packed + first, end - first, neuron << 16 | 0xFFFF) - 1;
    return entry >= first && packed[entry] >> 16 == neuron ? packed[entry] & 0xFFFF : 0;
}
