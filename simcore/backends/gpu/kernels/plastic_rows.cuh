// Rows of plastic synapses: how the presynaptic spikes of a source are processed at all of them.

__device__ inline int64 target_of(int64 word) {
    return static_cast<uint32>(word) & static_cast<uint32>((1ull << plasticity.target_bits) - 1);
}

__device__ inline int64 delay_of(int64 word) {
    return plasticity.min_delay + static_cast<int64>((static_cast<uint64>(word) & 0xFFFFFFFFull) >> plasticity.target_bits);
}

__device__ inline int64 with_weight(int64 word, int64 weight) {
    return static_cast<int64>(static_cast<uint64>(weight) << 32 | (static_cast<uint64>(word) & 0xFFFFFFFFull));
}

__device__ inline Source source_of(int64 row) {
    const Plasticity &y = plasticity;
    return {fresh(y.last + row), fresh(y.values + row), fresh(y.values + y.n_rows + row)};
}

// Facilitates with the spikes of a history in (from, to]; `shift` is from presynaptic to postsynaptic stamps.
__device__ inline int64 facilitate(
    const PlasticProjection &p, const Source &source, int64 shift, int64 from, int64 to, int64 history, int64 weight,
    Tally &tally) {
    const int64 first = history * plasticity.length;
    int64 k = fresh(plasticity.held + history);
    while (k > 0 && fresh(plasticity.stamps + first + k - 1) > from) --k;
    for (; k < fresh(plasticity.held + history); ++k) {
        const int64 stamp = fresh(plasticity.stamps + first + k);
        if (stamp > to) break;
        weight = facilitated(p, weight, source.first * decayed(p.plus, stamp - (source.last + shift)), tally);
    }
    return weight;
}

// K_minus just before a stamp.
__device__ inline double trace_before(const PlasticProjection &p, int64 history, int64 stamp) {
    const int64 first = history * plasticity.length;
    int64 k = fresh(plasticity.held + history);
    while (k > 0 && fresh(plasticity.stamps + first + k - 1) >= stamp) --k;
    if (k == 0) return 0.0;
    return fresh(plasticity.traces + first + k - 1) * decayed(p.minus, stamp - fresh(plasticity.stamps + first + k - 1));
}

// Processes a presynaptic spike, sent `times` times, at a synapse whose weight changes; returns what is transmitted.
__device__ inline int64 process_pair(
    const PlasticProjection &p, const Source &source, int64 stamp, int64 times, int64 &word, Tally &tally) {
    const int64 shift = 2 * p.axonal - delay_of(word), history = target_of(word) + p.first_history;
    int64 weight = word >> 32, transmitted = 0;
    if (source.last != NEVER) {
        const int64 settled = fresh(plasticity.status + SETTLED) - p.lag;
        const int64 from = (source.last > settled ? source.last : settled) + shift;
        weight = facilitate(p, source, shift, from, stamp + shift, history, weight, tally);
    }
    const double minus = trace_before(p, history, stamp + shift);
    for (int64 k = 0; k < times; ++k) {
        weight = depressed(p, weight, minus, tally);
        transmitted += to_deliver(p.sign * weight);
    }
    word = with_weight(word, weight);
    return transmitted;
}

__device__ inline int64 slot_of(int64 arrival) { return arrival & (plasticity.n_slots - 1); }

// Adds input to what arrives in a step; if that step is the next, also to what its update reads.
__device__ inline void transmit(const Arguments &a, int64 receptor, int64 word, int64 arrival, int64 next, int64 sum) {
    if (sum == 0) return;
    const int64 place = receptor * a.n_neurons + target_of(word);
    add(plasticity.pending + slot_of(arrival) * RECEPTORS * a.n_neurons + place, static_cast<SUM>(sum));
    if (arrival == next) add(a.inputs + (arrival & 1) * RECEPTORS * a.n_neurons + place, static_cast<SUM>(sum));
}

// Synapses [low, high) of a row, of which a thread takes every so many.
struct Share {
    int64 low, high, stride;
};

// Processes a spike of a source at its synapses whose weights change.
__device__ inline void process_pairs(
    const Arguments &a, const PlasticProjection &p, const Source &source, const Share &own, int64 stamp, int64 times,
    int64 next, Tally &tally) {
    for (int64 k = own.low; k < own.high; k += own.stride) {
        int64 word = fresh(plasticity.words + k);
        const int64 sum = process_pair(p, source, stamp, times, word, tally);
        plasticity.words[k] = word;
        transmit(a, p.receptor, word, stamp - 1 + delay_of(word), next, sum);
    }
}

// The same where the source has resources.
__device__ inline void process_shares(
    const Arguments &a, const PlasticProjection &p, Source source, const Share &own, int64 stamp, int64 times,
    int64 next) {
    for (int64 time = 0; time < times; ++time) {
        recover(p, source, stamp);
        const int64 share = rounded(source.first * source.second * FULL_USE);
        for (int64 k = own.low; k < own.high; k += own.stride) {
            const int64 word = fresh(plasticity.words + k), weight = word >> 32;
            const int64 receptor = weight < 0 ? p.negative_receptor : p.receptor;
            transmit(a, receptor, word, stamp - 1 + delay_of(word), next, to_deliver(weight * share));
        }
    }
}

// Processes the held spikes [first, end) at the synapses of a projection, before the step `next`. Warps take a spike's
// row, several together where there are more warps than spikes. Rows' sources stay as they are: other warps read them.
__device__ inline void process(
    const Arguments &a, const Place &place, const PlasticProjection &p, int64 first, int64 end, int64 next) {
    if (end <= first) return;
    // In 32 bits, because divisions of 64 bits are long.
    const uint32 spikes = static_cast<uint32>(end - first), warps = static_cast<uint32>(place.warps);
    const uint32 pieces = warps > spikes ? warps / spikes : 1;
    Tally tally = {0, 0, 0};
    for (uint32 item = static_cast<uint32>(place.warp); item < spikes * pieces; item += warps) {
        const uint64 held = fresh(a.spikes + first + item / pieces);
        const int64 number = static_cast<int64>(static_cast<uint32>(held)) - p.first_source;
        if (number < 0 || number >= p.n_sources) continue;
        const int64 stamp = a.base_step + origin_of(held) + 1, times = times_of(held), row = p.first_row + number;
        const uint32 *groups = plasticity.index + row * plasticity.n_delays;
        const int64 lane = static_cast<int64>(item % pieces) * WARP + place.lane;
        const int64 lanes = static_cast<int64>(pieces) * WARP;
        const int64 low = groups[0], high = groups[plasticity.n_delays];
        const Source source = source_of(row);
        if (p.pairs) process_pairs(a, p, source, {low + lane, high, lanes}, stamp, times, next, tally);
        else process_shares(a, p, source, {low + lane, high, lanes}, stamp, times, next);
        if (p.pairs && lane == 0) add(p.counts + 1, (high - low) * times);
        for (int64 k = lane; k < plasticity.n_delays; k += lanes) {
            const int64 events = (static_cast<int64>(groups[k + 1]) - groups[k]) * times;
            const int64 arrival = stamp - 1 + plasticity.min_delay + k;
            if (events) add(plasticity.pending_events + slot_of(arrival), events);
        }
    }
    add_tally(p, tally);
}

// Puts the held spikes [first, end) into the state of their sources, once they are processed.
__device__ inline void store(const Arguments &a, const Place &place, const PlasticProjection &p, int64 first, int64 end) {
    const Plasticity &y = plasticity;
    for (int64 k = first + place.thread; k < end; k += place.threads) {
        const uint64 held = fresh(a.spikes + k);
        const int64 number = static_cast<int64>(static_cast<uint32>(held)) - p.first_source;
        if (number < 0 || number >= p.n_sources) continue;
        const int64 stamp = a.base_step + origin_of(held) + 1, row = p.first_row + number;
        Source source = source_of(row);
        for (int64 time = 0; time < times_of(held); ++time) {
            if (!p.pairs) {
                recover(p, source, stamp);
                continue;
            }
            source.first = source.last == NEVER ? 1.0 : trace_after(p.plus, source.first, stamp - source.last);
            source.last = stamp;
        }
        y.last[row] = source.last;
        y.values[row] = source.first;
        y.values[y.n_rows + row] = source.second;
    }
}
