// A neuron as its model sees it.

struct Neuron {
    const Population &population;
    int64 i;
    REAL current; // the coefficient `current_row`, where drives replace it
    SUM input[RECEPTORS];

    __device__ REAL &state(int variable) const { return population.state[variable * population.n + i]; }
    __device__ int &counter(int number) const { return population.counters[number * population.n + i]; }
    __device__ REAL coefficient(int row) const {
        if (row == population.current_row) return current;
        return population.coefficients[row * population.columns + (population.columns == 1 ? 0 : i)];
    }
    // What arrived at a receptor in this step, in the unit of the model's weights.
    __device__ REAL arrived(int receptor) const {
        return static_cast<REAL>(input[receptor]) * population.lsb[receptor];
    }
};
