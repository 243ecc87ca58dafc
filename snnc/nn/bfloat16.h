// Numbers of 16 bits that are the upper half of a float.

#pragma once

#include <cstdint>
#include <cstring>

struct bfloat16 {
    uint16_t bits;

    bfloat16() = default;

    explicit bfloat16(float value) {
        uint32_t wide;
        std::memcpy(&wide, &value, 4);
        const uint32_t nearest_even = (wide + 0x7fff + (wide >> 16 & 1)) >> 16;
        bits = value == value ? static_cast<uint16_t>(nearest_even) : 0x7fc0;
    }

    explicit operator float() const {
        const uint32_t wide = static_cast<uint32_t>(bits) << 16;
        float value;
        std::memcpy(&value, &wide, 4);
        return value;
    }
};
