// Delivery by rows, `calendar`: the synapses of a row lie in the order of their delays. A held spike has a cursor for
// each of its rows, one for each channel of its neuron and each partition: the place of the next synapse, and the step at
// which that one arrives. A thread takes a cursor. Of a cursor that is not due it reads eight bytes, which lie side by
// side with those of its neighbours.

// In the place of a step, counted from base_step: the row has no more synapses.
enum : uint32 { OVER = 0xFFFFFFFFu };

// Synapses [low, high) of a partition whose first word and delay these are.
struct Row {
    int64 partition, receptor, low, high;
    const WORD *words;
    const DELAY *delays; // from min_delay on
};

// The row of a cursor; an empty one where the neuron has fewer channels than others.
__device__ inline Row row_of(const Arguments &a, int64 neuron, int64 cursor) {
    const int64 number = cursor % a.n_partitions;
    const Channel *channel = channel_of(a, neuron, cursor / a.n_partitions % a.n_ordinals);
    if (!channel) return {number, 0, 0, 0, a.words, a.delays};
    const Partition &partition = a.partitions[number];
    const uint32 *row = a.index + partition.first_index + neuron + channel->shift;
    return {number, channel->receptor, row[0], row[1], a.words + partition.first_word, a.delays + partition.first_word};
}

// A cursor of a spike of the step `origin`, counted from base_step, at a synapse of a row or behind the last one.
__device__ inline uint64 cursor_at(const Arguments &a, const Row &row, int64 origin, int64 next) {
    const int64 due = next < row.high ? origin + a.min_delay + row.delays[next] : OVER;
    return static_cast<uint64>(due) << 32 | static_cast<uint32>(next);
}

// Places the cursors of the held spikes [first, end) at the first synapses that arrive after the step `before`.
__device__ inline void enter(const Arguments &a, const Place &place, int64 first, int64 end, int64 before) {
    const int64 each = a.n_partitions * a.n_ordinals;
    for (int64 cursor = first * each + place.thread; cursor < end * each; cursor += place.threads) {
        const uint64 held = fresh(a.spikes + cursor / each);
        const Row row = row_of(a, static_cast<uint32>(held), cursor);
        const int64 past = before - a.base_step - origin_of(held) - a.min_delay;
        // Of a new spike everything is to come.
        const int64 gone = past < 0 ? 0 : entries_up_to(row.delays + row.low, row.high - row.low, past);
        a.cursors[cursor] = cursor_at(a, row, origin_of(held), row.low + gone);
    }
}

// Delivers what the held spikes [first, end) bring to the step `arrival`; returns this thread's synaptic events. All
// steps before are delivered. After `enter` of the same spikes no barrier is needed: each thread takes the same cursors.
__device__ inline int64 deliver(const Arguments &a, const Place &place, int64 arrival, int64 first, int64 end) {
    const uint64 now = static_cast<uint64>(arrival - a.base_step);
    int64 events = 0;
    const int64 each = a.n_partitions * a.n_ordinals;
    for (int64 cursor = first * each + place.thread; cursor < end * each; cursor += place.threads) {
        const uint64 entry = fresh(a.cursors + cursor);
        if (entry >> 32 != now) continue;
        const uint64 held = fresh(a.spikes + cursor / each);
        const Row row = row_of(a, static_cast<uint32>(held), cursor);
        const int64 origin = origin_of(held), begin = static_cast<uint32>(entry);
        const int64 delay = static_cast<int64>(now) - origin - a.min_delay;
        SUM *input = input_of(a, arrival, row.receptor);
        int64 next = begin;
        for (; next < row.high && row.delays[next] == delay; ++next)
            add_weight(a, input, row.partition, row.words[next], times_of(held));
        a.cursors[cursor] = cursor_at(a, row, origin, next);
        events += (next - begin) * times_of(held);
    }
    return events;
}

// Before a launch of the step loop: places the cursors of all spikes behind what is delivered already.
extern "C" __global__ void __launch_bounds__(512, 2) enter_held() {
    const Arguments &a = arguments;
    const int64 before = a.delivered > a.first_step ? a.delivered : a.first_step;
    enter(a, place_of_thread(), 0, *a.filled, before);
}
