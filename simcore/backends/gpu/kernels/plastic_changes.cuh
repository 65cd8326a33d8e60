// What spikes do to a weight, and to the resources of a source: the arithmetic of simcore/plasticity/changes.py.

// What a thread has counted of the updates of a projection, in as few registers as possible.
struct Tally {
    uint32 facilitations, clipped, saturated;
};

__device__ inline void add_tally(const PlasticProjection &p, const Tally &tally) {
    if (tally.facilitations) add(p.counts, static_cast<int64>(tally.facilitations));
    if (tally.clipped) add(p.counts + 2, static_cast<int64>(tally.clipped));
    if (tally.saturated) add(p.counts + 3, static_cast<int64>(tally.saturated));
}

__device__ inline double raised(const double *powers, int64 x) {
    const int64 digits = x > 1 ? x : 1;
    union {
        double number;
        uint64 bits;
    } real{static_cast<double>(digits)};
    const int64 exponent = static_cast<int64>(real.bits >> 52) - 1023;
    // The digits of x below the first, as a fraction of 32 bits.
    const int64 fraction = (digits << (32 - exponent)) & 0xFFFFFFFFll;
    const double *knot = powers + EXPONENTS + 3 * (fraction >> (32 - KNOT_BITS));
    const double t = static_cast<double>(fraction & ((1ll << (32 - KNOT_BITS)) - 1)) * (1.0 / (1ll << (32 - KNOT_BITS)));
    const double value = powers[exponent] * (knot[0] + t * (knot[1] + t * knot[2]));
    return x == 0 ? 0.0 : value;
}

// To the nearest integer, ties to even, of numbers between 0 and 2^51.
__device__ inline int64 rounded(double x) {
    const double shifted = x + 0x1.8p52;
    return static_cast<int64>(shifted - 0x1.8p52);
}

__device__ inline double amount(const Change &change, int64 ceiling, int64 weight, double trace) {
    const double scaled = *change.coefficient * trace;
    if (change.exponent == 0) return scaled;
    const int64 x = change.from_ceiling ? ceiling - weight : weight;
    return scaled * (change.exponent == 1 ? static_cast<double>(x) : raised(change.powers, x));
}

__device__ inline int64 facilitated(const PlasticProjection &p, int64 weight, double trace, Tally &tally) {
    const double moved = static_cast<double>(weight) + amount(p.facilitation, p.ceiling, weight, trace);
    ++tally.facilitations;
    if (!(moved > static_cast<double>(p.ceiling))) return rounded(moved);
    ++(p.bounded ? tally.clipped : tally.saturated);
    return p.ceiling;
}

__device__ inline int64 depressed(const PlasticProjection &p, int64 weight, double trace, Tally &tally) {
    const double moved = static_cast<double>(weight) - amount(p.depression, p.ceiling, weight, trace);
    if (!(moved < 0.0)) return rounded(moved);
    ++tally.clipped;
    return 0;
}

__device__ inline int64 to_deliver(int64 weight) { return (weight + (1ll << (FRACTION_BITS - 1))) >> FRACTION_BITS; }

// The source of a row: its latest spike, and K_plus or x and u.
struct Source {
    int64 last;
    double first, second;
};

// What a spike of a source with resources does to them; of the first one nothing.
__device__ inline void recover(const PlasticProjection &p, Source &source, int64 stamp) {
    if (source.last != NEVER) {
        const int64 steps = stamp - source.last;
        const double x = source.first, u = source.second;
        source.first = 1.0 + ((x - x * u) - 1.0) * decayed(p.plus, steps);
        source.second = *p.use + (u * (1.0 - *p.use)) * decayed(p.minus, steps);
    }
    source.last = stamp;
}
