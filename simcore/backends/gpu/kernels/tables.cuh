// What the host tells the kernels; see tables.py, which lists the same members in the same order.
// REAL, SUM and WORD are the types of the neuron state, of summed input and of a synapse, DELAY that of a delay where
// each synapse has one; a neuron has RECEPTORS inputs.

struct Population {
    int64 first, n, model; // number of its first neuron on this rank
    REAL *state;      // (variables, n)
    int *counters;    // (counters, n)
    REAL *coefficients; // (coefficients, columns)
    int64 columns;    // 1 or n
    REAL *lsb;        // one for each receptor
    int64 first_drive, end_drive;
    int64 current_row;  // coefficient that drives replace, or -1
    double *currents;   // (2, columns): I_e, and the factor by which it enters the coefficient
};

struct Drive {
    int64 kind, index;
    int64 *header;
    uint32 *thresholds;
    double *values;
    int64 receptor; // -1: a current
    int64 n_header;
    int64 first_id;  // of this rank's neurons of the population
    int64 *weights;  // of each of these neurons, or none: all have the first of the header; 0 or 1 of a current
};

// Rows of the synapse tables that a range of neurons has, as simcore/synapses/rows.py lists them.
struct Channel {
    int64 shift, receptor, weight; // from a neuron's id to its row; of the synapses; not used
};

struct Arguments {
    int64 first_step, base_step; // of the launch; the earliest step whose spikes are held
    int64 delivered; // up to this step, what spikes before first_step bring is delivered already
    int64 rank, ranks; // neuron k of this rank has the id rank + k * ranks
    int64 n_neurons, n_partitions, n_delays, min_delay, max_delay, seed;
    int64 capacity, room, n_traces;
    int64 n_ranges, n_ordinals; // of neurons that have the same channels; the largest number of these
    int64 *first_ids, *channel_starts;
    Channel *channels;
    Population *populations;
    Drive *drives;
    Partition *partitions;
    WORD *words;
    DELAY *delays;   // of the words, where these are sorted by row
    uint32 *index;
    SUM *inputs;     // (2, receptors, neurons): what arrives in even and in odd steps
    uint64 *spikes;  // those held: id, and from bit 32 on the step, counted from base_step, and more
    uint64 *cursors; // (spikes, channels, partitions), see deliver_rows.cuh
    int64 *ends;     // where the spikes of each step begin, counted from base_step; -1 for steps not yet reached
    int64 *filled;   // number of held spikes
    REAL **traced;   // recorded values
    REAL *traces;    // (steps, traced)
    int64 *events;   // synaptic events that arrived, and that were delivered to an even or an odd step to come
    int64 *clocks;   // (blocks, phases + 1): cycles by phase, and the nanoseconds that they took together
    uint32 *arrivals;
};

// In constant memory: all threads read the same members at the same time.
__constant__ Arguments arguments;

// Place of a neuron among those of its population on this rank.
__device__ inline int64 place_of_neuron(const Drive &drive, uint32 id) { return (id - drive.first_id) / arguments.ranks; }

// How many of n ascending numbers are at most `limit`.
template <class T> __device__ inline int64 entries_up_to(const T *ascending, int64 n, int64 limit) {
    int64 low = 0, high = n;
    while (low < high) {
        const int64 middle = (low + high) / 2;
        if (ascending[middle] <= limit) low = middle + 1;
        else high = middle;
    }
    return low;
}
