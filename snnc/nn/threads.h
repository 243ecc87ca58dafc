// Work in threads: those of torch where its OpenMP is GNU's, else threads that live for one call.
//
// Torch's own keep turning for a while after each of its operations. Beside them, others would wait for a core.

#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

struct Pool {
    using Start = void (*)(void (*work)(void *), void *data, unsigned threads, unsigned flags);  // GOMP_parallel

    bool here() const { return start && getpid() == owner; }  // a fork has none of its parent's threads

    Start start = nullptr;
    pid_t owner = 0;
};

inline Pool pool;

// Calls run(part) for each part, in threads that end with the call.
template <class Run>
void in_own_threads(int64_t parts, Run &run) {
    std::vector<std::thread> others;
    int64_t started = 1;
    try {
        for (; started < parts; ++started) others.emplace_back(run, started);
    } catch (const std::system_error &) {  // no more threads to be had: this one does the rest
    }
    run(0);
    for (int64_t part = started; part < parts; ++part) run(part);
    for (auto &other : others) other.join();
}

// Calls run(part) for each part, in the threads of the pool, which may be fewer.
template <class Run>
void in_pool(int64_t parts, Run &run) {
    struct Work {
        Run &run;
        int64_t parts;
        std::atomic<int64_t> next{0};
    } work{run, parts};
    const auto help = [](void *given) {
        auto &work = *static_cast<Work *>(given);
        for (int64_t part = work.next++; part < work.parts; part = work.next++) work.run(part);
    };
    pool.start(help, &work, static_cast<unsigned>(parts), 0);
}

// Calls body(part, first, last) for adjacent parts of 0..count, at most one for each thread.
template <class Body>
void in_parts(int64_t count, int64_t threads, int64_t worth, Body body) {
    if (count == 0) return;
    const int64_t parts = std::max<int64_t>(1, std::min({threads, count, worth}));
    const auto run = [&](int64_t part) { body(part, part * count / parts, (part + 1) * count / parts); };
    if (parts == 1)
        run(0);
    else if (pool.here())
        in_pool(parts, run);
    else
        in_own_threads(parts, run);
}
