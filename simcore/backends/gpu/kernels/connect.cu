// Draws the synapses of one projection, twice: first each adds one to the count of its group, then each takes a place
// in it. A group is the synapses of a row with one delay, in one partition, or with any delay (BY_ROW). Counts stand one
// entry behind their group, so that a group begins where the one before ends when all are placed. Their order within a
// group is any; with any delay they are sorted by it at last (sort_rows.cu).

struct Values {
    int64 kind; // 0: one for all, 1: by 16 random bits, 2: one for each edge
    int *entries;
};

struct Arguments {
    Lists lists;
    int64 source_first, target_first; // ids of the first neurons of both populations
    int64 first, stride, local_first; // this rank's targets: population-local first, and its number on the rank
    Values weights, delays;
    int64 positive_row, negative_row; // of the first source
    int64 n_partitions, n_groups, n_delays, min_delay;
    Partition *partitions;
    uint32 *index;      // partitions one after the other, n_groups + 1 entries each
    WORD *words;
    DELAY *word_delays; // of the words, from min_delay on, if a group has any delay
    uint32 *in_degrees; // of this rank's neurons
    int64 *digest, *negative_digest; // sums of the four words for weights >= 0 and < 0; one place if all have one sign
    int64 *pieces;      // (partitions, n_pieces): synapses in a piece of the index, then those before it
    int64 n_pieces, piece;
};

__constant__ Arguments arguments;

struct Synapse {
    uint32 neuron; // number of the target on this rank
    int weight, delay;
    uint32 partition;
    uint32 *next; // entry of the index in which its group is counted
};

__device__ inline int value(const Values &values, uint32 bits, int64 index) {
    return values.entries[values.kind == 0 ? 0 : values.kind == 1 ? bits : index];
}

// Calls `take` with every synapse of this rank, the ids of its ends first.
template <class Take> __device__ inline void draw_synapses(const Arguments &a, const Take &take) {
    draw_lists(a.lists, place_of_thread(), [&](const Edge &edge) {
        const uint32 source = a.lists.of_sources ? edge.owner : edge.partner;
        const uint32 target = a.lists.of_sources ? edge.partner : edge.owner;
        const uint32 first = static_cast<uint32>(a.first), stride = static_cast<uint32>(a.stride);
        if (target < first || (target - first) % stride != 0) return;
        Synapse synapse;
        synapse.neuron = static_cast<uint32>(a.local_first) + (target - first) / stride;
        synapse.weight = value(a.weights, edge.bits >> 16, edge.index);
        synapse.delay = value(a.delays, edge.bits & 0xFFFFu, edge.index);
        synapse.partition = synapse.neuron % static_cast<uint32>(a.n_partitions);
        const int64 row = source + (synapse.weight < 0 ? a.negative_row : a.positive_row);
        const int64 group = BY_ROW ? row : row * a.n_delays + synapse.delay - a.min_delay;
        synapse.next = a.index + a.partitions[synapse.partition].first_index + group + 1;
        take(static_cast<uint32>(a.source_first) + source, static_cast<uint32>(a.target_first) + target, synapse);
    });
}

extern "C" __global__ void __launch_bounds__(512, 2) count_synapses() {
    const Arguments &a = arguments;
    int64 sums[4] = {0, 0, 0, 0};
    draw_synapses(a, [&](uint32 source, uint32 target, const Synapse &synapse) {
        append(synapse.next, 1u);
        const Words words = philox(
            source, target, static_cast<uint32>(synapse.weight), static_cast<uint32>(synapse.delay), 0,
            PURPOSE_NETWORK_DIGEST);
        // Two sets of sums take too many registers, and weights of a projection seldom have both signs.
        if (a.negative_digest != a.digest && synapse.weight < 0) {
            add(a.negative_digest, static_cast<int64>(words.w0));
            add(a.negative_digest + 1, static_cast<int64>(words.w1));
            add(a.negative_digest + 2, static_cast<int64>(words.w2));
            add(a.negative_digest + 3, static_cast<int64>(words.w3));
            return;
        }
        sums[0] += words.w0;
        sums[1] += words.w1;
        sums[2] += words.w2;
        sums[3] += words.w3;
    });
    for (int k = 0; k < 4; ++k)
        if (sums[k]) add(a.digest + k, sums[k]);
}

extern "C" __global__ void __launch_bounds__(512, 2) place_synapses() {
    const Arguments &a = arguments;
    draw_synapses(a, [&](uint32, uint32, const Synapse &synapse) {
        append(a.in_degrees + synapse.neuron, 1u);
        const uint64 target = synapse.neuron / static_cast<uint32>(a.n_partitions);
        const uint64 weight = static_cast<uint64>(static_cast<int64>(synapse.weight)) << 4 * sizeof(WORD);
        const int64 position = a.partitions[synapse.partition].first_word + append(synapse.next, 1u);
        a.words[position] = static_cast<WORD>(weight | target);
        if (BY_ROW) a.word_delays[position] = static_cast<DELAY>(synapse.delay - a.min_delay);
    });
}

// Calls `visit` with the entries of each piece of the index and the piece's number.
template <class Visit> __device__ inline void visit_pieces(const Arguments &a, const Visit &visit) {
    const Place place = place_of_thread();
    for (int64 number = place.thread; number < a.n_partitions * a.n_pieces; number += place.threads) {
        const int64 low = number % a.n_pieces * a.piece, high = low + a.piece;
        uint32 *entries = a.index + a.partitions[number / a.n_pieces].first_index + 1;
        visit(number, entries + low, entries + (high < a.n_groups ? high : a.n_groups));
    }
}

extern "C" __global__ void sum_pieces() {
    const Arguments &a = arguments;
    visit_pieces(a, [&](int64 number, const uint32 *entry, const uint32 *end) {
        int64 sum = 0;
        for (; entry < end; ++entry) sum += *entry;
        a.pieces[number] = sum;
    });
}

extern "C" __global__ void start_groups() {
    const Arguments &a = arguments;
    visit_pieces(a, [&](int64 number, uint32 *entry, const uint32 *end) {
        uint32 running = static_cast<uint32>(a.pieces[number]);
        for (; entry < end; ++entry) {
            const uint32 count = *entry;
            *entry = running;
            running += count;
        }
    });
}
