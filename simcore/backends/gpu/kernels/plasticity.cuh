// Synapses whose weights change, and their state; see simcore/synapses/plastic.py for when they are updated, and
// plastic_tables.py, which lists the same members in the same order.
//
// A synapse is a word: its target on this rank, above it the delay minus the smallest, and from bit 32 on the weight,
// in units of lsb 2^-15 its magnitude, or of resources its integer code.

struct Decay {
    double *numbers; // as simcore/plasticity/decay.py makes them
    int64 n_coarse;
};

struct Change {
    double *coefficient;
    int64 exponent; // 0, 1, or 2: see `powers`
    int64 from_ceiling;
    double *powers; // as simcore/plasticity/powers.py makes them
};

struct PlasticProjection {
    int64 first_source, n_sources, first_row;
    int64 lag, axonal;
    int64 receptor, negative_receptor; // of weights >= 0 and < 0
    int64 pairs;         // 1: weights change; 0: sources have resources
    int64 first_history; // from a target's number on this rank to its history
    int64 *counts;       // facilitations, depressions, clipped, saturated
    int64 sign, ceiling, bounded;
    Change facilitation, depression;
    Decay plus, minus;   // of resources those of recovery and facilitation
    double *use;         // U of resources
};

// Histories of the neurons of a population on this rank.
struct Histories {
    int64 first, n, depth; // n = 0: it has none
    Decay minus;
};

// What stands in `status`: histories with too little room, the step at which the launch must end, and that up to which
// all is settled.
enum { CROWDED, STOP, SETTLED };

struct Plasticity {
    int64 n_projections, n_delays, min_delay, target_bits;
    PlasticProjection *projections;
    Histories *populations;
    int64 n_populations;
    int64 *words;
    uint32 *index;       // (rows, delays) and one more: where the synapses of each begin
    int64 *last;         // of each row the stamp of its source's latest spike, NEVER without any
    double *values;      // and (2, rows) K_plus just after it, or x and u
    int64 n_rows;
    int64 length, reserve; // entries of a history, and how many must be free when an interval begins
    int64 ends_early;      // whether a launch ends when a history has too little room
    uint32 *held;          // entries of each history
    int64 *stamps;         // (histories, length), ascending
    double *traces;        // (histories, length): K_minus just after each
    int64 n_slots;         // a power of two
    SUM *pending;          // (slots, receptors, neurons): input that is to arrive in the steps slot, slot + n_slots, ...
    int64 *pending_events; // (slots,)
    int64 *status;
};

__device__ Plasticity plasticity;

__device__ inline double decayed(const Decay &decay, int64 steps) {
    const int64 coarse = steps >> FINE_BITS;
    if (coarse >= decay.n_coarse) return 0.0;
    return decay.numbers[FINE + coarse] * decay.numbers[steps & (FINE - 1)];
}

__device__ inline double trace_after(const Decay &decay, double trace, int64 steps) {
    return trace * decayed(decay, steps) + 1.0;
}

// Keeps a postsynaptic spike of the step; returns how often the neuron fired.
__device__ inline int64 remembered(const Neuron &neuron, int64 step, int64 times) {
    const Plasticity &y = plasticity;
    const Histories &own = y.populations[&neuron.population - arguments.populations];
    if (times <= 0 || own.n == 0) return times;
    const int64 history = own.first + neuron.i, first = history * y.length, held = y.held[history], stamp = step + 1;
    double trace = 1.0;
    if (held > 0) trace = trace_after(own.minus, y.traces[first + held - 1], stamp - y.stamps[first + held - 1]);
    y.stamps[first + held] = stamp;
    y.traces[first + held] = trace;
    y.held[history] = static_cast<uint32>(held + 1);
    if (held + 1 > y.length - y.reserve) add(y.status + CROWDED, 1ll);
    return times;
}

// `update` of propagate.cu, whose text is that of networks without plasticity, calls this in place of the models.
#define update_neuron(model, neuron) remembered(neuron, step, update_neuron(model, neuron))
