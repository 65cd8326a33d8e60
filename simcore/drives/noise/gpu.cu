// Header: steps of an interval, first and end step; values: 65,536 quantiles.
__device__ inline double current_noise(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    if (step < drive.header[1] || step >= drive.header[2]) return 0.0;
    const int64 interval = (step - drive.header[1]) / drive.header[0];
    const uint64 block = static_cast<uint64>(interval >> 2);
    const Words words = philox(static_cast<uint32>(drive.index), id, static_cast<uint32>(block),
                               static_cast<uint32>(block >> 32), seed, PURPOSE_NOISE);
    return drive.values[words.word(interval & 3) >> 16];
}
