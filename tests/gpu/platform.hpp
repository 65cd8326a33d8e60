// The names of kernels/cuda.cuh for threads of a CPU: every thread of the grid is one, all run at the same time.
#include <barrier>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

#define __device__
#define __global__
#define __constant__ static
#define __shared__ static thread_local
#define __launch_bounds__(...)
#define WARP 4

struct Index {
    unsigned int x;
};
static thread_local Index blockIdx, threadIdx;
static Index gridDim, blockDim;
static std::barrier<> *everyone;

template <class T> inline void add(T *sum, T value) { __atomic_fetch_add(sum, value, __ATOMIC_RELAXED); }

inline unsigned int append(unsigned int *end, unsigned int n) { return __atomic_fetch_add(end, n, __ATOMIC_RELAXED); }

inline long long append(long long *end, long long n) { return __atomic_fetch_add(end, n, __ATOMIC_RELAXED); }

template <class T> inline T fresh(const T *place) { return *place; }

// Shared memory is a thread's own here: what only the first thread of a block uses.
inline long long nanoseconds() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

inline long long cycles() { return nanoseconds(); }

inline void grid_barrier(unsigned int *, unsigned int &) { everyone->arrive_and_wait(); }

template <class Kernel> inline void on_threads(Kernel kernel, unsigned int blocks, unsigned int threads) {
    gridDim.x = blocks;
    blockDim.x = threads;
    std::barrier<> meeting(blocks * threads);
    everyone = &meeting;
    std::vector<std::thread> crew;
    for (unsigned int block = 0; block < blocks; ++block)
        for (unsigned int thread = 0; thread < threads; ++thread)
            crew.emplace_back([=] {
                blockIdx.x = block;
                threadIdx.x = thread;
                kernel();
            });
    for (std::thread &one : crew) one.join();
}
