// Header: weight, delay, number of rates, the steps from which they hold. Thresholds: where the table of each rate
// begins, then these.
__device__ inline int64 events_inhomogeneous_poisson(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 emitted = step - drive.header[1];
    const int64 rate = entries_up_to(drive.header + 3, drive.header[2], emitted) - 1;
    if (emitted < 0 || rate < 0) return 0;
    return poisson_count(drive.thresholds + drive.thresholds[rate], drive, emitted, id, seed);
}
