// Header: weight, number n of arrival steps, the n steps ascending, the n counts.
__device__ inline int64 events_spike_train(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 n = drive.header[1];
    const int64 *arrivals = drive.header + 2;
    int64 low = 0, high = n;
    while (low < high) {
        const int64 middle = (low + high) / 2;
        if (arrivals[middle] < step) low = middle + 1;
        else high = middle;
    }
    return low < n && arrivals[low] == step ? arrivals[n + low] : 0;
}
