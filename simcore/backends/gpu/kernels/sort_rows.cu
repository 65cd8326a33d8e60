// Sorts the synapses of each row of a partition by their delays, in their place: a thread takes a row.

// Shell's method with Knuth's gaps 1, 4, 13, ...
__device__ inline void sort_row(WORD *words, DELAY *delays, int64 n) {
    int64 gap = 1;
    while (gap < n / 3) gap = 3 * gap + 1;
    for (; gap > 0; gap /= 3) {
        for (int64 k = gap; k < n; ++k) {
            const WORD word = words[k];
            const DELAY delay = delays[k];
            int64 place = k;
            for (; place >= gap && delays[place - gap] > delay; place -= gap) {
                words[place] = words[place - gap];
                delays[place] = delays[place - gap];
            }
            words[place] = word;
            delays[place] = delay;
        }
    }
}

extern "C" __global__ void sort_rows() {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    for (int64 number = place.thread; number < a.n_partitions * a.n_groups; number += place.threads) {
        const Partition &partition = a.partitions[number / a.n_groups];
        const uint32 *row = a.index + partition.first_index + number % a.n_groups;
        const int64 first = partition.first_word + row[0];
        sort_row(a.words + first, a.word_delays + first, static_cast<int64>(row[1]) - row[0]);
    }
}
