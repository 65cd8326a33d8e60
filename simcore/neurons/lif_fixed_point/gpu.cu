// In double, in which all numbers of the model are exact; see cpu.py.
__device__ inline double bounded_lif_fixed_point(double x) {
    const double largest = 8388607.0;
    const double above = x > largest ? largest : x;
    return above < -largest ? -largest : above;
}

__device__ inline bool update_lif_fixed_point(const Neuron &n) {
    REAL &v = n.state(0), &u = n.state(1);
    int &held = n.counter(0);
    const int left = held;
    const REAL *lsb = n.population.lsb;
    const double weights = static_cast<double>(n.input[0]) * lsb[0] + static_cast<double>(n.input[1]) * lsb[1];
    const double arrived = weights * static_cast<double>(n.coefficient(5));
    const double share = 1.0 / 4096.0;
    const double current = bounded_lif_fixed_point(
        trunc(static_cast<double>(u) * static_cast<double>(n.coefficient(0)) * share) + arrived);
    const double decayed = trunc(static_cast<double>(v) * static_cast<double>(n.coefficient(1)) * share);
    const double integrated = bounded_lif_fixed_point(decayed + current + static_cast<double>(n.coefficient(2)));
    const double potential = left == 0 ? integrated : 0.0;
    const bool fires = potential > static_cast<double>(n.coefficient(3));
    v = fires ? REAL(0) : static_cast<REAL>(potential);
    u = static_cast<REAL>(current);
    held = fires ? static_cast<int>(n.coefficient(4)) : left - (left != 0);
    return fires;
}
