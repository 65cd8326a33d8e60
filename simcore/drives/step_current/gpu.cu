// Header: the steps from which a current acts, ascending; values: the currents.
__device__ inline double current_step_current(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 latest = entries_up_to(drive.header, drive.n_header, step);
    return latest > 0 ? drive.values[latest - 1] : 0.0;
}
