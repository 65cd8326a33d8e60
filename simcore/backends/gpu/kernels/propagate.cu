// The step loop. All threads stay in it for many steps and meet at barriers of the whole grid, two in a step.
//
// Between the first pair, neurons are updated with the input of this step, and at the same time the spikes of earlier
// steps deliver what arrives in the next one, into the other of two input buffers. What this step's own spikes bring to
// the next step, with a delay of one step, follows after the first barrier. Two files have a delivery, one for each
// layout of the synapses: deliver_groups.cuh and deliver_rows.cuh.

// The first thread of a block times it: cycles of each phase, and the nanoseconds that they took together.
enum { UPDATE, DELIVER, SYNCHRONISE, RECORD, PHASES };

__shared__ int64 block_cycles[PHASES], latest_cycle;

__device__ inline int64 start_clock() {
    if (threadIdx.x > 0) return 0;
    for (int phase = 0; phase < PHASES; ++phase) block_cycles[phase] = 0;
    latest_cycle = cycles();
    return nanoseconds();
}

// Adds the time since the last lap to a phase.
__device__ inline void lap(int phase) {
    if (threadIdx.x > 0) return;
    const int64 now = cycles();
    block_cycles[phase] += now - latest_cycle;
    latest_cycle = now;
}

__device__ inline void stop_clock(const Arguments &a, int64 begin_ns) {
    if (threadIdx.x > 0) return;
    int64 *clock = a.clocks + blockIdx.x * (PHASES + 1);
    for (int phase = 0; phase < PHASES; ++phase) clock[phase] += block_cycles[phase];
    clock[PHASES] += nanoseconds() - begin_ns;
}

__device__ inline double driving_current(const Arguments &a, const Population &p, int64 i, uint32 id, int64 step) {
    const int64 column = p.columns == 1 ? 0 : i;
    double total = p.currents[column];
    for (int64 d = p.first_drive; d < p.end_drive; ++d) {
        const Drive &drive = a.drives[d];
        if (drive.receptor >= 0) continue;
        const double current = drive_current(drive, step, id, static_cast<uint32>(a.seed));
        total += drive.weights ? drive.weights[i] * current : current;
    }
    return total * p.currents[p.columns + column];
}

__device__ inline void update(const Arguments &a, const Place &place, int64 step) {
    SUM *inputs = a.inputs + (step & 1) * RECEPTORS * a.n_neurons;
    for (int64 k = place.thread, number = 0; k < a.n_neurons; k += place.threads) {
        while (k >= a.populations[number].first + a.populations[number].n) ++number;
        const Population &p = a.populations[number];
        const int64 i = k - p.first;
        const uint32 id = static_cast<uint32>(a.rank + k * a.ranks);
        Neuron neuron{p, i, 0, {}};
        for (int receptor = 0; receptor < RECEPTORS; ++receptor) {
            neuron.input[receptor] = fresh(inputs + receptor * a.n_neurons + k);
            inputs[receptor * a.n_neurons + k] = 0;
        }
        for (int64 d = p.first_drive; d < p.end_drive; ++d) {
            const Drive &drive = a.drives[d];
            if (drive.receptor < 0) continue;
            const int64 events = drive_events(drive, step, id, static_cast<uint32>(a.seed));
            const int64 weight = drive.weights ? drive.weights[i] : drive.header[0];
            const SUM driven = static_cast<SUM>(events * weight);
            // An index known to the compiler keeps the inputs in registers.
            for (int receptor = 0; receptor < RECEPTORS; ++receptor)
                if (drive.receptor == receptor) neuron.input[receptor] += driven;
        }
        if (p.current_row >= 0) neuron.current = static_cast<REAL>(driving_current(a, p, i, id, step));
        const int64 times = update_neuron(p.model, neuron);
        if (times <= 0) continue;
        const uint64 origin = static_cast<uint64>(step - a.base_step) << 32 | extra_spikes(times);
        a.spikes[append(a.filled, 1)] = origin | id;
    }
}

__device__ inline int64 earliest(const Arguments &a, int64 arrival) {
    const int64 origin = arrival - a.max_delay;
    return fresh(a.ends + (origin > a.base_step ? origin - a.base_step : 0));
}

// True if the step before was simulated, and the spikes of this one find room.
__device__ inline bool ready(const Arguments &a, int64 step) {
    const int64 before = fresh(a.ends + (step - a.base_step));
    return before >= 0 && before + a.room <= a.capacity;
}

// The synaptic events that arrive in a step, as far as they were delivered before this launch.
__device__ inline int64 take_due(const Arguments &a, const Place &place, int64 step) {
    if (place.thread > 0) return 0;
    const int64 due = a.events[1 + (step & 1)];
    a.events[1 + (step & 1)] = 0;
    return due;
}

// Up to the first barrier; returns the events that this thread delivered to the next step.
__device__ inline int64 update_and_deliver(const Arguments &a, const Place &place, int64 step) {
    update(a, place, step);
    lap(UPDATE);
    const int64 end = fresh(a.ends + (step - a.base_step)), arrival = step + 1;
    const int64 events = arrival > a.delivered ? deliver(a, place, arrival, earliest(a, arrival), end) : 0;
    lap(DELIVER);
    return events;
}

// Up to the second barrier.
__device__ inline int64 deliver_and_record(const Arguments &a, const Place &place, int64 step) {
    const int64 before = fresh(a.ends + (step - a.base_step)), now = fresh(a.filled);
    enter(a, place, before, now, step);
    const int64 events = a.min_delay == 1 ? deliver(a, place, step + 1, before, now) : 0;
    lap(DELIVER);
    if (place.thread == 0) a.ends[step + 1 - a.base_step] = now;
    for (int64 k = place.thread; k < a.n_traces; k += place.threads)
        a.traces[(step - a.first_step) * a.n_traces + k] = fresh(a.traced[k]);
    lap(RECORD);
    return events;
}

// Delivers to a step what all held spikes bring to it: after a restart, and around an exchange with other ranks.
extern "C" __global__ void __launch_bounds__(512, 2) prime(int64 arrival) {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    enter(a, place, 0, *a.filled, arrival - 1);
    const int64 waiting = deliver(a, place, arrival, 0, *a.filled);
    if (waiting) add(a.events + 1 + (arrival & 1), waiting);
}
