// The step loop of a network with plasticity, and what the host calls between launches.
//
// The update keeps the neurons' spikes in their histories. After the first barrier of a step the spikes that are due
// are processed, which reads histories and the state of sources and changes weights. The state of these sources, and
// the input that was put off, follow after the second barrier: in the next step, or in `store_step`.

// The held spikes of a step of origin, as far as they are known.
struct Range {
    int64 first, end;
};

__device__ inline Range spikes_of(const Arguments &a, int64 origin, int64 step) {
    if (origin < a.base_step) return {0, 0};
    const int64 *ends = a.ends + (origin - a.base_step);
    return {fresh(ends), origin == step ? fresh(a.filled) : fresh(ends + 1)};
}

__device__ inline void process_due(const Arguments &a, const Place &place, int64 step) {
    for (int64 k = 0; k < plasticity.n_projections; ++k) {
        const PlasticProjection &p = plasticity.projections[k];
        const Range due = spikes_of(a, step - p.lag, step);
        process(a, place, p, due.first, due.end, step + 1);
    }
}

__device__ inline void store_due(const Arguments &a, const Place &place, int64 step) {
    for (int64 k = 0; k < plasticity.n_projections; ++k) {
        const PlasticProjection &p = plasticity.projections[k];
        // The step is over: nothing is added to its spikes.
        const Range due = spikes_of(a, step - p.lag, step + 1);
        store(a, place, p, due.first, due.end);
    }
}

// Gives the update the pending input of a step.
__device__ inline void join(const Arguments &a, const Place &place, int64 arrival) {
    const SUM *pending = plasticity.pending + slot_of(arrival) * RECEPTORS * a.n_neurons;
    SUM *inputs = a.inputs + (arrival & 1) * RECEPTORS * a.n_neurons;
    for (int64 k = place.thread; k < RECEPTORS * a.n_neurons; k += place.threads) {
        const SUM sum = fresh(pending + k);
        if (sum != 0) add(inputs + k, sum);
    }
}

// Before the update: what the step before left, and the pending input of this step, which is in the update's already,
// and of the next. Returns the synaptic events that arrive.
__device__ inline int64 follow(const Arguments &a, const Place &place, int64 step) {
    if (step > a.first_step) store_due(a, place, step - 1);
    join(a, place, step + 1);
    SUM *over = plasticity.pending + slot_of(step) * RECEPTORS * a.n_neurons;
    for (int64 k = place.thread; k < RECEPTORS * a.n_neurons; k += place.threads) over[k] = 0;
    if (place.thread > 0) return 0;
    int64 *events = plasticity.pending_events + slot_of(step);
    const int64 arrived = fresh(events);
    *events = 0;
    return arrived;
}

// Ends the launch after a step in which a history became too full.
__device__ inline void stop_if_crowded(const Place &place, int64 step) {
    const bool crowded = plasticity.ends_early && fresh(plasticity.status + CROWDED) > 0;
    if (place.thread == 0 && crowded) plasticity.status[STOP] = step + 1;
}

__device__ inline bool has_room(const Arguments &a, int64 step) {
    return ready(a, step) && step < fresh(plasticity.status + STOP);
}

extern "C" __global__ void __launch_bounds__(512, 2) propagate(int64 end_step) {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    const int64 begin_ns = start_clock();
    unsigned int goal = 0;
    int64 arrived = 0, waiting = 0, step = a.first_step;
    for (; step < end_step && has_room(a, step); ++step) {
        arrived += waiting + (step < a.first_step + 2 ? take_due(a, place, step) : 0);
        arrived += follow(a, place, step);
        waiting = update_and_deliver(a, place, step);
        grid_barrier(a.arrivals, goal);
        lap(SYNCHRONISE);
        waiting += deliver_and_record(a, place, step);
        process_due(a, place, step);
        stop_if_crowded(place, step);
        lap(DELIVER);
        grid_barrier(a.arrivals, goal);
        lap(SYNCHRONISE);
    }
    if (arrived) add(a.events, arrived);
    if (waiting) add(a.events + 1 + (step & 1), waiting);
    stop_clock(a, begin_ns);
}

// The same in two launches for each step, where the blocks of a launch may run one after the other.
extern "C" __global__ void __launch_bounds__(512, 2) begin_step(int64 step) {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    if (!has_room(a, step)) return;
    const int64 begin_ns = start_clock();
    int64 arrived = take_due(a, place, step) + follow(a, place, step);
    const int64 waiting = update_and_deliver(a, place, step);
    if (arrived) add(a.events, arrived);
    if (waiting) add(a.events + 1 + ((step + 1) & 1), waiting);
    stop_clock(a, begin_ns);
}

extern "C" __global__ void __launch_bounds__(512, 2) end_step(int64 step) {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    if (!has_room(a, step)) return;
    const int64 begin_ns = start_clock();
    const int64 waiting = deliver_and_record(a, place, step);
    process_due(a, place, step);
    stop_if_crowded(place, step);
    lap(DELIVER);
    if (waiting) add(a.events + 1 + ((step + 1) & 1), waiting);
    stop_clock(a, begin_ns);
}

extern "C" __global__ void set_plasticity(int64 address) {
    if (place_of_thread().thread == 0) plasticity = *reinterpret_cast<const Plasticity *>(address);
}

// Makes the words that connect.cu placed words of plastic synapses.
extern "C" __global__ void begin_words() {
    const Plasticity &y = plasticity;
    const Place place = place_of_thread();
    for (int64 number = 0; number < y.n_projections; ++number) {
        const PlasticProjection &p = y.projections[number];
        for (int64 k = place.warp; k < p.n_sources * y.n_delays; k += place.warps) {
            const uint32 *group = y.index + p.first_row * y.n_delays + k;
            for (int64 i = group[0] + place.lane; i < group[1]; i += WARP) {
                const int64 code = y.words[i] >> 32, delay = k % y.n_delays << y.target_bits;
                y.words[i] = with_weight(y.words[i] | delay, p.pairs ? p.sign * code << FRACTION_BITS : code);
            }
        }
    }
}

// Puts the spikes of the last step of a launch into the state of their sources.
extern "C" __global__ void store_step(int64 step) { store_due(arguments, place_of_thread(), step); }

// Processes received spikes of a step of origin that were due before this step; then puts them into the state.
extern "C" __global__ void __launch_bounds__(512, 2) process_received(int64 origin) {
    const Arguments &a = arguments;
    const Range spikes = spikes_of(a, origin, a.first_step);
    for (int64 k = 0; k < plasticity.n_projections; ++k) {
        const PlasticProjection &p = plasticity.projections[k];
        if (origin + p.lag < a.first_step)
            process(a, place_of_thread(), p, spikes.first, spikes.end, a.first_step);
    }
}

extern "C" __global__ void store_received(int64 origin) {
    const Arguments &a = arguments;
    const Range spikes = spikes_of(a, origin, a.first_step);
    for (int64 k = 0; k < plasticity.n_projections; ++k) {
        const PlasticProjection &p = plasticity.projections[k];
        if (origin + p.lag < a.first_step) store(a, place_of_thread(), p, spikes.first, spikes.end);
    }
}

// Facilitates every synapse with all postsynaptic spikes that no presynaptic one can precede any more.
extern "C" __global__ void __launch_bounds__(512, 2) settle(int64 step) {
    const Plasticity &y = plasticity;
    const Place place = place_of_thread();
    for (int64 number = 0; number < y.n_projections; ++number) {
        const PlasticProjection &p = y.projections[number];
        if (!p.pairs) continue;
        Tally tally = {0, 0, 0};
        const int64 before = fresh(y.status + SETTLED) - p.lag;
        for (int64 row = p.first_row + place.warp; row < p.first_row + p.n_sources; row += place.warps) {
            const Source source = source_of(row);
            if (source.last == NEVER) continue;
            const int64 from = source.last > before ? source.last : before, high = y.index[(row + 1) * y.n_delays];
            for (int64 k = y.index[row * y.n_delays] + place.lane; k < high; k += WARP) {
                const int64 word = fresh(y.words + k), shift = 2 * p.axonal - delay_of(word);
                const int64 history = target_of(word) + p.first_history;
                const int64 weight = facilitate(
                    p, source, shift, from + shift, step - p.lag + shift, history, word >> 32, tally);
                y.words[k] = with_weight(word, weight);
            }
        }
        add_tally(p, tally);
    }
}

// Drops the spikes that are settled at every synapse, but for the newest of them: later traces start from it.
extern "C" __global__ void drop_settled(int64 step) {
    const Plasticity &y = plasticity;
    const Place place = place_of_thread();
    for (int64 number = 0; number < y.n_populations; ++number) {
        const Histories &own = y.populations[number];
        for (int64 history = own.first + place.thread; history < own.first + own.n; history += place.threads) {
            int64 *stamps = y.stamps + history * y.length;
            double *traces = y.traces + history * y.length;
            const int64 held = y.held[history];
            int64 dropped = 0;
            while (dropped + 1 < held && stamps[dropped + 1] <= step - own.depth) ++dropped;
            for (int64 k = dropped; k < held; ++k) {
                stamps[k - dropped] = stamps[k];
                traces[k - dropped] = traces[k];
            }
            y.held[history] = static_cast<uint32>(held - dropped);
            if (2 * (held - dropped) > y.length) add(y.status + CROWDED, 1ll);
        }
    }
}

extern "C" __global__ void join_pending(int64 arrival) { join(arguments, place_of_thread(), arrival); }
