// Header: weight, delay, number of times, of neurons, whether each neuron has a weight; the steps of the times; for each
// of them where the table of each neuron begins; the weights.
__device__ inline int64 events_poisson_rates(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 emitted = step - drive.header[1], n_times = drive.header[2], n = drive.header[3];
    const int64 time = entries_up_to(drive.header + 5, n_times, emitted) - 1;
    if (emitted < 0 || time < 0) return 0;
    const int64 table = drive.header[5 + n_times + time * n + place_of_neuron(drive, id)];
    return poisson_count(drive.thresholds + table, drive, emitted, id, seed);
}
