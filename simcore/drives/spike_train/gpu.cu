// Header: weight, number n of arrival steps, the n steps ascending, the n counts.
__device__ inline int64 events_spike_train(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 n = drive.header[1];
    const int64 *arrivals = drive.header + 2;
    const int64 place = entries_up_to(arrivals, n, step) - 1;
    return place >= 0 && arrivals[place] == step ? arrivals[n + place] : 0;
}
