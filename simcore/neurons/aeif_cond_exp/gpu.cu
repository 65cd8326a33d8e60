// The arithmetic of the oracle in model.py and upswing.py, in the same order.

constexpr double MAX_STEP_AEIF_COND_EXP = 0.125, SMALL_SHARE_AEIF_COND_EXP = 1.0 / 16.0;
constexpr double SHORTEST_AEIF_COND_EXP = 1.0 / 1024.0;
constexpr int MAX_CROSSINGS_AEIF_COND_EXP = 20;

struct AeifCondExpRows {
    REAL leak, per_capacitance, drift, e_ex, e_in, theta, bound, peak;
    REAL reset, delta, per_delta, leak_delta, a, b, rate_w, decay_ex;
    REAL decay_in, middle_ex, middle_in, end_ex, end_in, rate_ex, rate_in, rate;
    REAL steep, leap, climb, blow_up, step, substep, substeps, refractory;
};

// Potential, adaptation current, and conductances over C_m.
struct AeifCondExpState {
    REAL v, w, x, y;
};

// dV/dt, dw/dt, and the exponential in dV/dt.
struct AeifCondExpSlope {
    REAL v, w, exponential;
};

// Factors of the conductances for the middle and for the end of a substep.
struct AeifCondExpDecays {
    REAL middle_ex, middle_in, end_ex, end_in;
};

__device__ inline AeifCondExpRows rows_aeif_cond_exp(const Neuron &n) {
    return {n.coefficient(0), n.coefficient(1), n.coefficient(2), n.coefficient(3),
            n.coefficient(4), n.coefficient(5), n.coefficient(6), n.coefficient(7),
            n.coefficient(8), n.coefficient(9), n.coefficient(10), n.coefficient(11),
            n.coefficient(12), n.coefficient(13), n.coefficient(14), n.coefficient(15),
            n.coefficient(16), n.coefficient(17), n.coefficient(18), n.coefficient(19),
            n.coefficient(20), n.coefficient(21), n.coefficient(22), n.coefficient(23),
            n.coefficient(24), n.coefficient(25), n.coefficient(26), n.coefficient(27),
            n.coefficient(28), n.coefficient(29), n.coefficient(30), n.coefficient(31)};
}

__device__ inline AeifCondExpSlope slope_aeif_cond_exp(
    REAL v, REAL w, REAL x, REAL y, bool active, const AeifCondExpRows &c) {
    const REAL bounded = v < c.bound ? v : c.bound;
    const REAL growth = exponential((bounded - c.theta) * c.per_delta);
    const REAL synaptic = (c.drift + x * c.e_ex + y * c.e_in) - (c.leak + x + y) * bounded;
    const REAL rise = synaptic + (c.leak_delta * growth - c.per_capacitance * w);
    return {active ? rise : REAL(0), (c.a * bounded - w) * c.rate_w, growth};
}

// The state after a Runge-Kutta step of dt; `largest` becomes the largest exponential in it.
__device__ inline AeifCondExpState substep_aeif_cond_exp(
    const AeifCondExpState &s, const AeifCondExpDecays &decays, REAL dt, bool active, const AeifCondExpRows &c,
    REAL &largest) {
    const REAL xm = s.x * decays.middle_ex, ym = s.y * decays.middle_in;
    const REAL x1 = s.x * decays.end_ex, y1 = s.y * decays.end_in;
    const REAL half = REAL(0.5) * dt, sixth = REAL(1.0 / 6.0) * dt;
    const AeifCondExpSlope k1 = slope_aeif_cond_exp(s.v, s.w, s.x, s.y, active, c);
    const AeifCondExpSlope k2 = slope_aeif_cond_exp(s.v + half * k1.v, s.w + half * k1.w, xm, ym, active, c);
    const AeifCondExpSlope k3 = slope_aeif_cond_exp(s.v + half * k2.v, s.w + half * k2.w, xm, ym, active, c);
    const AeifCondExpSlope k4 = slope_aeif_cond_exp(s.v + dt * k3.v, s.w + dt * k3.w, x1, y1, active, c);
    largest = k2.exponential > k1.exponential ? k2.exponential : k1.exponential;
    largest = k3.exponential > largest ? k3.exponential : largest;
    largest = k4.exponential > largest ? k4.exponential : largest;
    return {s.v + sixth * (k1.v + REAL(2.0) * (k2.v + k3.v) + k4.v),
            s.w + sixth * (k1.w + REAL(2.0) * (k2.w + k3.w) + k4.w), x1, y1};
}

__device__ inline AeifCondExpState advance_aeif_cond_exp(
    const AeifCondExpState &s, REAL dt, bool active, const AeifCondExpRows &c) {
    const REAL half = REAL(-0.5) * dt;
    const REAL half_ex = exponential(half * c.rate_ex), half_in = exponential(half * c.rate_in);
    REAL largest;
    return substep_aeif_cond_exp(s, {half_ex, half_in, half_ex * half_ex, half_in * half_in}, dt, active, c, largest);
}

// Length of the next substep, at most what is `left` of the step.
__device__ inline REAL length_aeif_cond_exp(REAL rise, const AeifCondExpState &s, REAL left, const AeifCondExpRows &c) {
    const REAL speed = rise < REAL(0) ? -rise : rise, rate = c.rate + s.x + s.y;
    const REAL most = REAL(MAX_STEP_AEIF_COND_EXP), shortest = c.substep * REAL(SHORTEST_AEIF_COND_EXP);
    REAL dt = speed * c.substep > c.climb ? c.climb / speed : c.substep;
    dt = rate * dt > most ? most / rate : dt;
    dt = dt < shortest ? shortest : dt;
    return dt > left ? left : dt;
}

// When the exponential alone carries V to the peak, and w then; the time is negative if it does not dominate.
__device__ inline REAL blow_up_aeif_cond_exp(
    const AeifCondExpState &s, const AeifCondExpSlope &begin, bool active, const AeifCondExpRows &c, REAL &w) {
    const REAL growth = c.leak_delta * begin.exponential, others = begin.v - growth;
    const REAL small = REAL(SMALL_SHARE_AEIF_COND_EXP) * growth;
    w = s.w;
    if (!(active && begin.exponential > c.blow_up && others < small && -others < small)) return REAL(-1.0);
    const REAL to_infinity = c.delta / begin.v * (REAL(1.0) + REAL(0.5) * others / begin.v);
    const REAL fraction = exponential((s.v - c.peak) * c.per_delta);
    if (!(fraction < REAL(1.0))) return REAL(0);
    const REAL reached = REAL(1.0) - fraction, time = to_infinity * reached;
    const REAL mean = s.v + (c.delta - fraction / reached * (c.peak - s.v));
    w = s.w + time * ((c.a * mean - s.w) * c.rate_w);
    return time;
}

// When in a substep of dt with V = `end` after it, at or above the peak, V reaches the peak.
__device__ inline REAL time_of_peak_aeif_cond_exp(
    const AeifCondExpState &s, REAL end, REAL dt, bool active, const AeifCondExpRows &c) {
    if (!(s.v < c.peak)) return REAL(0);
    REAL time = (c.peak - s.v) / (end - s.v) * dt;
    const AeifCondExpState there = advance_aeif_cond_exp(s, time, active, c);
    const REAL rise = slope_aeif_cond_exp(there.v, there.w, there.x, there.y, active, c).v;
    if (rise > REAL(0)) time = time + (c.peak - there.v) / rise;
    time = time > REAL(0) ? time : REAL(0);
    return time < dt ? time : dt;
}

// A whole step of a neuron that is not refractory, by short substeps; returns how often V reached the peak.
__device__ inline int integrate_finely_aeif_cond_exp(const Neuron &n, AeifCondExpState &s) {
    const AeifCondExpRows c = rows_aeif_cond_exp(n);
    int crossings = 0;
    bool active = true;
    for (REAL left = c.step; left > REAL(0);) {
        const AeifCondExpSlope begin = slope_aeif_cond_exp(s.v, s.w, s.x, s.y, active, c);
        REAL w_there, dt = blow_up_aeif_cond_exp(s, begin, active, c, w_there);
        const bool soon = REAL(0) <= dt && dt <= left;
        bool crosses = soon;
        AeifCondExpState after;
        if (!soon) {
            dt = length_aeif_cond_exp(begin.v, s, left, c);
            after = advance_aeif_cond_exp(s, dt, active, c);
            crosses = active && after.v >= c.peak;
            if (crosses) dt = time_of_peak_aeif_cond_exp(s, after.v, dt, active, c);
        }
        if (crosses) after = advance_aeif_cond_exp(s, dt, active, c);
        s = after;
        if (soon) s.w = w_there;
        left = left - dt;
        if (crosses) {
            s.v = c.reset;
            s.w = s.w + c.b;
            ++crossings;
            active = c.refractory == REAL(0) && crossings < MAX_CROSSINGS_AEIF_COND_EXP;
        }
    }
    return crossings;
}

// A whole step by usual substeps; false if one of them is too long, for a neuron that is not refractory.
__device__ inline bool integrate_aeif_cond_exp(const Neuron &n, AeifCondExpState &s, bool active) {
    const AeifCondExpRows c = rows_aeif_cond_exp(n);
    const AeifCondExpDecays decays{c.middle_ex, c.middle_in, c.end_ex, c.end_in};
    if (active && (c.rate + s.x + s.y) * c.substep > REAL(MAX_STEP_AEIF_COND_EXP)) return false;
    for (int left = static_cast<int>(c.substeps); left > 0; --left) {
        REAL largest;
        const AeifCondExpState after = substep_aeif_cond_exp(s, decays, c.substep, active, c, largest);
        const REAL moved = (after.v - s.v) * (after.v - s.v);
        const bool leaps = largest * (moved * moved) > c.leap;
        if (active && (largest > c.steep || after.v >= c.peak || leaps)) return false;
        s = after;
    }
    return true;
}

__device__ inline bool update_aeif_cond_exp(const Neuron &n) {
    REAL &v = n.state(0), &g_ex = n.state(1), &g_in = n.state(2), &w = n.state(3);
    int &refractory = n.counter(0);
    const int left = refractory;
    const REAL old_ex = g_ex, old_in = g_in, per_capacitance = n.coefficient(1);
    const REAL start = left == 0 ? v : n.coefficient(8);
    const AeifCondExpState before{start, w, old_ex * per_capacitance, old_in * per_capacitance};
    AeifCondExpState s = before;
    int crossings = 0;
    if (!integrate_aeif_cond_exp(n, s, left == 0)) {
        s = before;
        crossings = integrate_finely_aeif_cond_exp(n, s);
    }
    v = s.v;
    w = s.w;
    g_ex = old_ex * n.coefficient(15) + n.arrived(0);
    g_in = old_in * n.coefficient(16) - n.arrived(1);
    if (crossings > 0) n.counter(1) += crossings - 1;
    refractory = crossings > 0 ? static_cast<int>(n.coefficient(31)) : left - (left != 0);
    return crossings > 0;
}
