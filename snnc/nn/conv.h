// What the convolutions of spikes share: sizes, vectors, aligned memory.
//
// Maps are [image][row][column][channel], weights [tap row][tap column][input][output]. Inputs are bits, 64
// channels to a word, so a pixel without spikes costs a comparison.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

// Bytes of a vector: those of a register, since a compiler keeps wider ones in memory.
#if defined(__AVX512F__)
constexpr int64_t REGISTER = 64;
#elif defined(__AVX__)
constexpr int64_t REGISTER = 32;
#else
constexpr int64_t REGISTER = 16;
#endif

constexpr int64_t LINE = 64;                      // bytes of a line of the cache
constexpr int64_t WORD = 64;                      // channels to a word
constexpr int64_t WIDE = REGISTER == 64 ? 4 : 8;  // vectors that are summed at once, in registers

template <class State>
struct Vector {
    typedef State type __attribute__((vector_size(REGISTER)));
    static constexpr int64_t lanes = REGISTER / sizeof(State);
};

struct Shape {
    int64_t images, rows, columns, inputs, outputs, tap_rows, tap_columns, stride, padding;

    int64_t words() const { return (inputs + WORD - 1) / WORD; }
    int64_t out_rows() const { return (rows + 2 * padding - tap_rows) / stride + 1; }
    int64_t out_columns() const { return (columns + 2 * padding - tap_columns) / stride + 1; }
};

template <class State>
struct Lines {  // memory that begins with a line of the cache; zeros
    explicit Lines(int64_t count) : size((count * sizeof(State) + LINE - 1) / LINE * LINE) {
        start = static_cast<State *>(std::aligned_alloc(LINE, std::max(size, LINE)));
        if (!start) throw std::bad_alloc();
        clear();
    }
    Lines(const Lines &) = delete;
    ~Lines() { std::free(start); }
    void clear() { std::memset(start, 0, size); }
    int64_t size;
    State *start;
};

template <class State>
int64_t padded(int64_t outputs) {  // so that a row of weights fills whole lines
    constexpr int64_t count = LINE / sizeof(State);
    return (outputs + count - 1) / count * count;
}

inline Shape shape_of(const int64_t *sizes) {
    return {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6], sizes[7], sizes[8]};
}
