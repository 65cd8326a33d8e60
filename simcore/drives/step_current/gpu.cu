// Header: the steps from which a current acts, ascending; values: the currents.
__device__ inline double current_step_current(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    int64 latest = drive.n_header;
    while (latest > 0 && drive.header[latest - 1] > step) --latest;
    return latest > 0 ? drive.values[latest - 1] : 0.0;
}
