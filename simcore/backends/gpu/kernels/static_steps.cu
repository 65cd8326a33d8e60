// The step loop where no weight changes, in one launch for many steps.

extern "C" __global__ void __launch_bounds__(512, 2) propagate(int64 end_step) {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    const int64 begin_ns = start_clock();
    unsigned int goal = 0;
    int64 arrived = 0, waiting = 0, step = a.first_step;
    for (; step < end_step && ready(a, step); ++step) {
        arrived += waiting + (step < a.first_step + 2 ? take_due(a, place, step) : 0);
        waiting = update_and_deliver(a, place, step);
        grid_barrier(a.arrivals, goal);
        lap(SYNCHRONISE);
        waiting += deliver_and_record(a, place, step);
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
    if (!ready(a, step)) return;
    const int64 begin_ns = start_clock();
    const int64 arrived = take_due(a, place, step), waiting = update_and_deliver(a, place, step);
    if (arrived) add(a.events, arrived);
    if (waiting) add(a.events + 1 + ((step + 1) & 1), waiting);
    stop_clock(a, begin_ns);
}

extern "C" __global__ void __launch_bounds__(512, 2) end_step(int64 step) {
    const Arguments &a = arguments;
    const Place place = place_of_thread();
    if (!ready(a, step)) return;
    const int64 begin_ns = start_clock();
    const int64 waiting = deliver_and_record(a, place, step);
    if (waiting) add(a.events + 1 + ((step + 1) & 1), waiting);
    stop_clock(a, begin_ns);
}
