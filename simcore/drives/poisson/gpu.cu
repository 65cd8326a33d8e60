// One Philox block is one (drive, neuron) and eight consecutive steps, half a word for each.
__device__ inline uint32 half_of(const Words &words, int64 emitted) {
    return words.word((emitted & 7) >> 1) >> 16 * (emitted & 1) & 0xFFFF;
}

// The table holds the number of counts, the number of leading empty cells, and the last word of each other cell.
__device__ inline int64 poisson_count(const uint32 *table, const Drive &drive, int64 emitted, uint32 id, uint32 seed) {
    const int64 n = table[0], empty = table[1];
    const uint32 *ends = table + 2;
    const uint32 index = static_cast<uint32>(drive.index);
    const uint64 block = static_cast<uint64>(emitted >> 3);
    const uint32 low = static_cast<uint32>(block), high = static_cast<uint32>(block >> 32);
    const Words uppers = philox(index, id, low, high, seed, PURPOSE_POISSON);
    const uint32 upper = half_of(uppers, emitted);
    int64 cell = empty;
    while (cell < n && upper > ends[cell - empty] >> 16) ++cell;
    if (cell < n) return cell;
    const Words lowers = philox(index, id, low, high, seed, PURPOSE_POISSON_LOW);
    const uint32 word = upper << 16 | half_of(lowers, emitted);
    while (cell < 2 * n - 1 && word > ends[cell - empty]) ++cell;
    return cell - n;
}

__device__ inline int64 events_poisson(const Drive &drive, int64 step, uint32 id, uint32 seed) {
    const int64 emitted = step - drive.header[1];
    if (emitted < drive.header[2] || emitted >= drive.header[3]) return 0;
    return poisson_count(drive.thresholds, drive, emitted, id, seed);
}
