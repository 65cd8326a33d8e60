// Draws lists of partners on a GPU: the arithmetic of draw.py. See `Lists` and `Draw` in rule.py.

struct Lists {
    int64 draw, of_sources;
    int64 seed, projection;
    int64 n; // number of lists
    int64 first_id, first, stride; // list k is that of neuron first + k * stride of the population with this first id
    int64 n_choices, excludes_self;
    int64 *starts; // where the edges of each list begin, and where those of the last end
    int64 *partners, *index; // GIVEN
    uint32 *taken; // DISTINCT: a bit for each partner that a list has, for each of `n_taken` warps that draw
    int64 n_taken;
};

struct Edge {
    uint32 owner, partner, bits; // population-local neurons, and random bits
    int64 index;                 // place in the description
};

__device__ inline uint32 scaled(uint32 word, uint32 n) { return (static_cast<uint64>(word) * n) >> 32; }

// The partner at some position of a list without multapses, by Floyd's algorithm.
__device__ inline uint32 distinct(const Lists &lists, uint32 n, uint32 position, uint32 word, uint32 *taken) {
    const uint32 last = static_cast<uint32>(lists.n_choices) - n + position, candidate = scaled(word, last + 1);
    const bool known = taken[candidate / 32] >> (candidate % 32) & 1u;
    const uint32 partner = known ? last : candidate;
    taken[partner / 32] |= 1u << (partner % 32);
    return partner;
}

// The lanes of a warp share a list, unless each edge depends on those before.
template <class Take>
__device__ inline void draw_list(const Lists &lists, int64 k, int lane, uint32 *taken, const Take &take) {
    const int64 start = lists.starts[k];
    const uint32 owner = static_cast<uint32>(lists.first + k * lists.stride);
    const uint32 n = static_cast<uint32>(lists.starts[k + 1] - start);
    const bool serial = lists.draw == DISTINCT;
    if (serial && lane > 0) return;
    if (serial)
        for (int64 word = 0; word < (lists.n_choices + 31) / 32; ++word) taken[word] = 0;
    for (uint32 pair = lane; 2 * pair < n; pair += serial ? 1 : WARP) {
        const Words words = philox(
            static_cast<uint32>(lists.projection), static_cast<uint32>(lists.first_id) + owner, pair,
            static_cast<uint32>(lists.of_sources), static_cast<uint32>(lists.seed),
            PURPOSE_CONNECTIVITY);
        for (uint32 position = 2 * pair; position < n && position < 2 * pair + 2; ++position) {
            const bool odd = position & 1;
            const uint32 word = odd ? words.w2 : words.w0, bits = odd ? words.w3 : words.w1;
            uint32 partner = position;
            int64 index = static_cast<int64>(owner) * n + position;
            if (lists.draw == WITH_REPLACEMENT) partner = scaled(word, static_cast<uint32>(lists.n_choices));
            if (lists.draw == DISTINCT) partner = distinct(lists, n, position, word, taken);
            if (lists.draw == GIVEN) {
                partner = static_cast<uint32>(lists.partners[start + position]);
                index = lists.index[start + position];
            }
            if (lists.excludes_self && partner >= owner) ++partner;
            take(Edge{owner, partner, bits, index});
        }
    }
}

// Calls `take` with every edge of all lists.
template <class Take> __device__ inline void draw_lists(const Lists &lists, const Place &place, const Take &take) {
    const bool few = lists.draw == DISTINCT && lists.n_taken < place.warps;
    const int64 crew = few ? lists.n_taken : place.warps;
    if (place.warp >= crew) return;
    uint32 *taken = lists.taken + place.warp * ((lists.n_choices + 31) / 32);
    for (int64 k = place.warp; k < lists.n; k += crew) draw_list(lists, k, place.lane, taken, take);
}
