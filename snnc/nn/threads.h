// Work in threads that live for one call: none is left to spin beside torch's own, or to be lost in a fork.

#pragma once

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

// Calls body(part, first, last) for adjacent parts of 0..count, at most one for each thread.
template <class Body>
void in_parts(int64_t count, int64_t threads, int64_t worth, Body body) {
    if (count == 0) return;
    threads = std::max<int64_t>(1, std::min({threads, count, worth}));
    const auto run = [&](int64_t part) { body(part, part * count / threads, (part + 1) * count / threads); };
    std::vector<std::thread> others;
    int64_t started = 1;
    try {
        for (; started < threads; ++started) others.emplace_back(run, started);
    } catch (const std::system_error &) {  // no more threads to be had: this one does the rest
    }
    run(0);
    for (int64_t part = started; part < threads; ++part) run(part);
    for (auto &other : others) other.join();
}
