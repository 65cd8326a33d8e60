// The arithmetic of the oracle in model.py, in the same order. A step with large conductances has shorter substeps from
// the beginning; a neuron in the refractory period, whose potential stays, has none.

constexpr double MAX_STEP_IAF_COND_EXP = 0.25, MAX_PIECES_IAF_COND_EXP = 65536.0;

struct IafCondExpSlope {
    REAL a, b, theta;

    __device__ REAL operator()(REAL v) const {
        const REAL bounded = v < theta ? v : theta;
        return b - a * bounded;
    }
};

struct IafCondExpSubstep {
    REAL length;
    REAL middle_ex, middle_in, end_ex, end_in; // factors of the conductances for the middle and the end
};

// The substep that is wanted where the usual one is too long, and the number of them in a step.
__device__ inline int shorten_iaf_cond_exp(const Neuron &n, REAL rate, IafCondExpSubstep &s) {
    const REAL step = n.coefficient(15), wanted = rate * step * REAL(1.0 / MAX_STEP_IAF_COND_EXP);
    const REAL most = REAL(MAX_PIECES_IAF_COND_EXP);
    const int pieces = static_cast<int>(wanted < most ? wanted : most) + 1;
    s.length = step / static_cast<REAL>(pieces);
    s.middle_ex = exponential(REAL(-0.5) * s.length * n.coefficient(13));
    s.middle_in = exponential(REAL(-0.5) * s.length * n.coefficient(14));
    s.end_ex = s.middle_ex * s.middle_ex;
    s.end_in = s.middle_in * s.middle_in;
    return pieces;
}

// The potential after a step that begins with v and the conductances x and y over C_m.
__device__ inline REAL integrate_iaf_cond_exp(const Neuron &n, REAL v, REAL x, REAL y) {
    const REAL leak = n.coefficient(0), drift = n.coefficient(2), e_ex = n.coefficient(3), e_in = n.coefficient(4);
    const REAL theta = n.coefficient(5);
    IafCondExpSubstep s{n.coefficient(16), n.coefficient(9), n.coefficient(10), n.coefficient(11), n.coefficient(12)};
    int left = static_cast<int>(n.coefficient(17));
    const REAL rate = leak + x + y;
    if (rate * s.length > REAL(MAX_STEP_IAF_COND_EXP)) left = shorten_iaf_cond_exp(n, rate, s);
    const REAL half = REAL(0.5) * s.length, sixth = REAL(1.0 / 6.0) * s.length;
    for (; left > 0; --left) {
        const REAL xm = x * s.middle_ex, ym = y * s.middle_in, x1 = x * s.end_ex, y1 = y * s.end_in;
        const IafCondExpSlope begin{leak + x + y, drift + x * e_ex + y * e_in, theta};
        const IafCondExpSlope middle{leak + xm + ym, drift + xm * e_ex + ym * e_in, theta};
        const IafCondExpSlope end{leak + x1 + y1, drift + x1 * e_ex + y1 * e_in, theta};
        const REAL k1 = begin(v);
        const REAL k2 = middle(v + half * k1);
        const REAL k3 = middle(v + half * k2);
        const REAL k4 = end(v + s.length * k3);
        v = v + sixth * (k1 + REAL(2.0) * (k2 + k3) + k4);
        x = x1;
        y = y1;
    }
    return v;
}

__device__ inline bool update_iaf_cond_exp(const Neuron &n) {
    REAL &v = n.state(0), &g_ex = n.state(1), &g_in = n.state(2);
    int &refractory = n.counter(0);
    const REAL old_ex = g_ex, old_in = g_in, per_capacitance = n.coefficient(1), reset = n.coefficient(6);
    const int left = refractory;
    const REAL potential
        = left == 0 ? integrate_iaf_cond_exp(n, v, old_ex * per_capacitance, old_in * per_capacitance) : reset;
    g_ex = old_ex * n.coefficient(7) + n.arrived(0);
    g_in = old_in * n.coefficient(8) - n.arrived(1);
    const bool fires = left == 0 && potential >= n.coefficient(5);
    v = fires ? reset : potential;
    refractory = fires ? static_cast<int>(n.coefficient(18)) : left - (left != 0);
    return fires;
}
