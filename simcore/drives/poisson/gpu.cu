// One Philox block is one (drive, neuron) and four consecutive steps; thresholds begin with their number.
__device__ inline int64 poisson_count(const uint32 *thresholds, uint32 n, uint32 word) {
    int64 count = 0;
    while (count < n && word >= thresholds[count]) ++count;
    return count;
}

__device__ inline uint32 poisson_word(const Drive &drive, int64 emitted, uint32 id, uint32 seed) {
    const uint64 block = static_cast<uint64>(emitted >> 2);
    const Words words = philox(static_cast<uint32>(drive.index), id, static_cast<uint32>(block),
                               static_cast<uint32>(block >> 32), seed, PURPOSE_POISSON);
    return words.word(emitted & 3);
}

__device__ inline int64 events_poisson(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 emitted = step - drive.header[1];
    if (emitted < drive.header[2] || emitted >= drive.header[3]) return 0;
    return poisson_count(drive.thresholds + 1, drive.thresholds[0], poisson_word(drive, emitted, id, seed));
}
