// The step loop. All threads stay in it for many steps and meet at barriers of the whole grid, two in a step.
//
// Between the first pair, neurons are updated with the input of this step, and at the same time the spikes of earlier
// steps deliver what arrives in the next one, into the other of two input buffers: a warp adds one group of synapses,
// those of one neuron, delay and partition. What this step's own spikes bring to the next step, with a delay of one
// step, follows after the first barrier.

struct Place {
    int64 thread, threads;
    int64 warp, warps;
    int lane;
};

__device__ inline double driving_current(const Arguments &a, const Population &p, int64 i, int64 step) {
    const int64 column = p.columns == 1 ? 0 : i;
    double total = p.currents[column];
    for (int64 d = p.first_drive; d < p.end_drive; ++d)
        if (a.drives[d].receptor < 0)
            total += drive_current(a.drives[d], step, static_cast<uint32>(p.first_id + i), static_cast<uint32>(a.seed));
    return total * p.currents[p.columns + column];
}

__device__ inline void update(const Arguments &a, const Place &place, int64 step) {
    SUM *inputs = a.inputs + (step & 1) * 2 * a.n_neurons;
    for (int64 id = place.thread, number = 0; id < a.n_neurons; id += place.threads) {
        while (id >= a.populations[number].first_id + a.populations[number].n) ++number;
        const Population &p = a.populations[number];
        const int64 i = id - p.first_id;
        SUM first = fresh(inputs + id), last = fresh(inputs + a.n_neurons + id);
        inputs[id] = 0;
        inputs[a.n_neurons + id] = 0;
        for (int64 d = p.first_drive; d < p.end_drive; ++d) {
            const Drive &drive = a.drives[d];
            if (drive.receptor < 0) continue;
            const int64 events = drive_events(drive, step, static_cast<uint32>(id), static_cast<uint32>(a.seed));
            const SUM driven = static_cast<SUM>(events * drive.header[0]);
            if (drive.receptor == 0) first += driven;
            else last += driven;
        }
        const REAL current = p.current_row < 0 ? REAL(0) : static_cast<REAL>(driving_current(a, p, i, step));
        const Neuron neuron{p, i, current, {first, last}};
        if (!update_neuron(p.model, neuron)) continue;
        const bool both = p.second_row >= 0;
        const int64 entry = append(a.filled, both ? 2 : 1);
        a.entries[entry] = static_cast<uint32>(id) | static_cast<uint32>(p.receptor) << 31;
        a.origins[entry] = static_cast<int>(step - a.base_step);
        if (both) {
            a.entries[entry + 1] = static_cast<uint32>(p.second_row + i) | 1u << 31;
            a.origins[entry + 1] = static_cast<int>(step - a.base_step);
        }
    }
}

// Delivers what the held spikes [first, end) bring to the step `arrival`; returns this thread's synaptic events.
__device__ inline int64 deliver(const Arguments &a, const Place &place, int64 arrival, int64 first, int64 end) {
    const int half = 4 * sizeof(WORD);
    const uint64 mask = (1ull << half) - 1;
    SUM *inputs = a.inputs + (arrival & 1) * 2 * a.n_neurons;
    int64 events = 0;
    for (int64 item = place.warp; item < (end - first) * a.n_partitions; item += place.warps) {
        const int64 entry = first + item / a.n_partitions, number = item % a.n_partitions;
        const int64 delay = arrival - a.base_step - fresh(a.origins + entry) - a.min_delay;
        if (delay < 0 || delay >= a.n_delays) continue;
        const uint32 spike = fresh(a.entries + entry);
        const Partition &partition = a.partitions[number];
        const uint32 *group = a.index + partition.first_index + (spike & 0x7FFFFFFFu) * a.n_delays + delay;
        const int64 low = group[0], high = group[1];
        SUM *receptor = inputs + (spike >> 31) * a.n_neurons;
        for (int64 k = low + place.lane; k < high; k += WARP) {
            const WORD word = a.words[partition.first_word + k];
            const int64 target = static_cast<int64>(static_cast<uint64>(word) & mask) * a.n_partitions + number;
            add(receptor + target, static_cast<SUM>(word >> half));
        }
        if (place.lane == 0) events += high - low;
    }
    return events;
}

__device__ inline Place place_of_thread() {
    const int64 thread = static_cast<int64>(blockIdx.x) * blockDim.x + threadIdx.x;
    const int64 threads = static_cast<int64>(gridDim.x) * blockDim.x;
    return {thread, threads, thread / WARP, threads / WARP, static_cast<int>(thread % WARP)};
}

__device__ inline int64 earliest(const Arguments &a, int64 arrival) {
    const int64 origin = arrival - a.max_delay;
    return fresh(a.ends + (origin > a.base_step ? origin - a.base_step : 0));
}

extern "C" __global__ void __launch_bounds__(512, 2) propagate() {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    unsigned int goal = 0;
    int64 events = 0, waiting = 0, step = a.first_step;
    for (; step < a.end_step; ++step) {
        const int64 before = fresh(a.ends + (step - a.base_step));
        if (before + a.room > a.capacity) break;
        events += waiting;
        update(a, place, step);
        waiting = deliver(a, place, step + 1, earliest(a, step + 1), before);
        grid_barrier(a.arrivals, goal);
        const int64 now = fresh(a.filled);
        if (a.min_delay == 1) waiting += deliver(a, place, step + 1, before, now);
        if (place.thread == 0) a.ends[step + 1 - a.base_step] = now;
        for (int64 k = place.thread; k < a.n_traces; k += place.threads)
            a.traces[(step - a.first_step) * a.n_traces + k] = fresh(a.traced[k]);
        grid_barrier(a.arrivals, goal);
    }
    if (events) add(a.events, events);
    if (waiting) add(a.events + 1, waiting);
    if (place.thread == 0) *a.reached = step;
}

// Delivers to `first_step` what the held spikes bring to it, as after a restart.
extern "C" __global__ void __launch_bounds__(512, 2) prime() {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    const int64 end = a.ends[a.first_step - a.base_step];
    const int64 waiting = deliver(a, place, a.first_step, earliest(a, a.first_step), end);
    if (waiting) add(a.events + 1, waiting);
}
