// The names of kernels/cuda.cuh for threads of a CPU: every thread of the grid is one, all run at the same time.
// The threads are those of POSIX: <thread>, <barrier> and <chrono> take the compiler three times as long as the kernels.
#include <cmath>
#include <pthread.h>
#include <time.h>

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
static pthread_barrier_t everyone;

template <class T> inline void add(T *sum, T value) { __atomic_fetch_add(sum, value, __ATOMIC_RELAXED); }

inline unsigned int append(unsigned int *end, unsigned int n) { return __atomic_fetch_add(end, n, __ATOMIC_RELAXED); }

inline long long append(long long *end, long long n) { return __atomic_fetch_add(end, n, __ATOMIC_RELAXED); }

template <class T> inline T fresh(const T *place) { return *place; }

// Shared memory is a thread's own here: what only the first thread of a block uses.
inline long long nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

inline long long cycles() { return nanoseconds(); }

inline void grid_barrier(unsigned int *, unsigned int &) { pthread_barrier_wait(&everyone); }

template <class Kernel> struct Thread {
    const Kernel *kernel;
    Index block, thread;
    pthread_t id;

    static void *run(void *given) {
        const Thread *own = static_cast<Thread *>(given);
        blockIdx = own->block;
        threadIdx = own->thread;
        (*own->kernel)();
        return nullptr;
    }
};

template <class Kernel> inline void on_threads(Kernel kernel, unsigned int blocks, unsigned int threads) {
    gridDim.x = blocks;
    blockDim.x = threads;
    pthread_barrier_init(&everyone, nullptr, blocks * threads);
    auto *crew = new Thread<Kernel>[blocks * threads];
    for (unsigned int k = 0; k < blocks * threads; ++k) {
        crew[k] = {&kernel, {k / threads}, {k % threads}, {}};
        // A thread that is missing would keep the others at the barrier for ever.
        if (pthread_create(&crew[k].id, nullptr, Thread<Kernel>::run, &crew[k]) != 0) __builtin_abort();
    }
    for (unsigned int k = 0; k < blocks * threads; ++k) pthread_join(crew[k].id, nullptr);
    delete[] crew;
    pthread_barrier_destroy(&everyone);
}
