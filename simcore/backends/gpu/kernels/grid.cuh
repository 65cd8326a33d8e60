// What all kernels share: integers, and where a thread stands in the grid.

typedef long long int64;
typedef unsigned int uint32;
typedef unsigned long long uint64;

struct Place {
    int64 thread, threads;
    int64 warp, warps;
    int lane;
};

__device__ inline Place place_of_thread() {
    const int64 thread = static_cast<int64>(blockIdx.x) * blockDim.x + threadIdx.x;
    const int64 threads = static_cast<int64>(gridDim.x) * blockDim.x;
    return {thread, threads, thread / WARP, threads / WARP, static_cast<int>(thread % WARP)};
}

// Where the synapses of a partition, and the index of their groups, begin.
struct Partition {
    int64 first_word, first_index;
};
