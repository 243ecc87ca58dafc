// Sums of rows in registers: which rows of a table are to be added is told by a list.

#pragma once

#include "bfloat16.h"
#include "conv.h"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

// How rows of `Held` are added to sums of `State`, some vectors of these at once. Lane `i` of the sums is that of
// the value at `place(i)` of a row.
template <class State, class Held>
struct Rows {
    using V = typename Vector<State>::type;
    static constexpr int64_t least = 1;  // vectors of sums that are added at once

    static int64_t place(int64_t lane) { return lane; }

    template <int64_t COUNT>
    [[gnu::always_inline]] static void add(V (&total)[COUNT], const Held *table, const int32_t *row,
                                           const int32_t *end) {
        for (; row < end; ++row) {
            const V *from = reinterpret_cast<const V *>(table + *row * COUNT * Vector<State>::lanes);
            for (int64_t j = 0; j < COUNT; ++j) total[j] += from[j];
        }
    }
};

#if defined(__AVX512BF16__)

// Two rows at once: their values side by side, times one, are added by a single instruction.
template <>
struct Rows<float, bfloat16> {
    using V = Vector<float>::type;
    static constexpr int64_t least = 2, lanes = Vector<float>::lanes;

    // The lower halves of each four lanes of two rows go to the first sums, the upper ones to the second.
    static int64_t place(int64_t lane) {
        const int64_t within = lane % (2 * lanes), half = within / lanes, four = within % lanes / 4;
        return lane - within + 8 * four + 4 * half + within % 4;
    }

    template <int64_t COUNT>
    [[gnu::always_inline]] static void add(V (&total)[COUNT], const bfloat16 *table, const int32_t *row,
                                           const int32_t *end) {
        alignas(LINE) static const bfloat16 nothing[COUNT * lanes] = {};
        const auto at = [&](int64_t i) { return table + row[i] * COUNT * lanes; };
        V other[COUNT] = {};  // an instruction takes long, and waits for the one before it on the same sums
        for (; end - row >= 4; row += 4) {
            add_two(total, at(0), at(1));
            add_two(other, at(2), at(3));
        }
        if (end - row >= 2) {
            add_two(total, at(0), at(1));
            row += 2;
        }
        if (row < end) add_two(other, at(0), nothing);
        for (int64_t j = 0; j < COUNT; ++j) total[j] += other[j];
    }

  private:
    template <int64_t COUNT>
    static void add_two(V (&total)[COUNT], const bfloat16 *row, const bfloat16 *next) {
        const __m512bh one = (__m512bh)_mm512_set1_epi16(0x3f80);
        for (int64_t j = 0; j < COUNT; j += 2) {
            const __m512i a = _mm512_load_si512(row + j * lanes), b = _mm512_load_si512(next + j * lanes);
            total[j] = (V)_mm512_dpbf16_ps((__m512)total[j], (__m512bh)_mm512_unpacklo_epi16(a, b), one);
            total[j + 1] = (V)_mm512_dpbf16_ps((__m512)total[j + 1], (__m512bh)_mm512_unpackhi_epi16(a, b), one);
        }
    }
};

#else

// A vector of two to a float: those in the lower halves go to the first sums, those in the upper to the second.
template <>
struct Rows<float, bfloat16> {
    using V = Vector<float>::type;
    typedef uint32_t Bits __attribute__((vector_size(REGISTER), may_alias));
    static constexpr int64_t least = 2, lanes = Vector<float>::lanes;

    static int64_t place(int64_t lane) {
        const int64_t within = lane % (2 * lanes);
        return lane - within + 2 * (within % lanes) + within / lanes;
    }

    template <int64_t COUNT>
    [[gnu::always_inline]] static void add(V (&total)[COUNT], const bfloat16 *table, const int32_t *row,
                                           const int32_t *end) {
        for (; row < end; ++row) {
            const Bits *from = reinterpret_cast<const Bits *>(table + *row * COUNT * lanes);
            for (int64_t j = 0; j < COUNT; j += 2) {
                total[j] += (V)(from[j / 2] << 16);
                total[j + 1] += (V)(from[j / 2] & 0xffff0000);
            }
        }
    }
};

#endif
