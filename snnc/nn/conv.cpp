// A convolution over spikes, which are 0 or 1 and mostly 0: only the weights of inputs that fired are added.
//
// An output is the sum of its weights in the order of taps and inputs, whatever the batch, its place in it and
// the number of threads.

#include "conv.h"

#include <vector>

#include "bfloat16.h"
#include "threads.h"

namespace {

constexpr int32_t CHUNK = 16;          // places that are copied at once
constexpr int64_t WORTH = 1 << 16;     // weights to add that are worth a thread

// Returns the lowest bits of 64 bytes: a product moves those of eight to the top byte.
inline uint64_t gathered(const uint8_t *bytes) {
    uint64_t found = 0;
    for (int64_t i = 0; i < WORD / 8; ++i) {
        uint64_t eight;
        std::memcpy(&eight, bytes + 8 * i, 8);
        found |= (eight * 0x0102040810204080ull >> 56) << 8 * i;
    }
    return found;
}

// Writes the bits of the values and tells whether all of them are 0 or 1.
template <class State, class Value>
bool pack(const Value *values, uint64_t *bits, int64_t pixels, int64_t inputs, int64_t threads) {
    const int64_t words = (inputs + WORD - 1) / WORD;
    std::vector<char> other(pixels ? std::max<int64_t>(threads, 1) : 1, 0);
    in_parts(pixels, threads, pixels * inputs / (WORTH * 4) + 1, [&](int64_t part, int64_t first, int64_t last) {
        bool strange = false;
        for (int64_t pixel = first; pixel < last; ++pixel) {
            for (int64_t word = 0; word < words; ++word) {
                const Value *from = values + pixel * inputs + word * WORD;
                const int64_t count = std::min(WORD, inputs - word * WORD);
                uint8_t fired[WORD] = {}, unknown = 0;
                for (int64_t i = 0; i < count; ++i) {
                    const State value(from[i]);
                    fired[i] = value == 1;
                    unknown |= static_cast<uint8_t>(value != 1 & value != 0);
                }
                strange |= unknown;
                bits[pixel * words + word] = gathered(fired);
            }
        }
        other[part] = strange;
    });
    return std::none_of(other.begin(), other.end(), [](char strange) { return strange; });
}

// Which inputs fired at each pixel of an image, one after the other.
struct Fired {
    std::vector<int32_t> inputs, starts;

    void read(const uint64_t *bits, const Shape &shape) {
        const int64_t words = shape.words(), pixels = shape.rows * shape.columns;
        inputs.resize(pixels * shape.inputs + CHUNK);
        starts.resize(pixels + 1);
        int32_t *end = inputs.data();
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
            starts[pixel] = static_cast<int32_t>(end - inputs.data());
            for (int64_t word = 0; word < words; ++word)
                for (uint64_t left = bits[pixel * words + word]; left; left &= left - 1)
                    *end++ = static_cast<int32_t>(word * WORD + __builtin_ctzll(left));
        }
        starts[pixels] = static_cast<int32_t>(end - inputs.data());
    }
};

// Writes the places of the weights of all that fired before an output's pixel, and returns how many. Chunks
// are copied whole: what is beyond their end is written over.
int64_t places_before(const Fired &fired, const Shape &shape, int64_t row, int64_t column, int32_t *places) {
    int32_t *end = places;
    for (int64_t tap_row = 0; tap_row < shape.tap_rows; ++tap_row) {
        const int64_t y = row * shape.stride + tap_row - shape.padding;
        if (y < 0 || y >= shape.rows) continue;
        for (int64_t tap_column = 0; tap_column < shape.tap_columns; ++tap_column) {
            const int64_t x = column * shape.stride + tap_column - shape.padding;
            if (x < 0 || x >= shape.columns) continue;
            const int32_t *from = fired.starts.data() + y * shape.columns + x;
            const int32_t count = from[1] - from[0];
            const int32_t tap = static_cast<int32_t>((tap_row * shape.tap_columns + tap_column) * shape.inputs);
            for (int32_t start = 0; start < count; start += CHUNK)
                for (int32_t i = start; i < start + CHUNK; ++i) end[i] = fired.inputs[from[0] + i] + tap;
            end += count;
        }
    }
    return end - places;
}

template <int64_t COUNT, class State>
void add_up(const State *weights, const int32_t *places, int64_t count, int64_t stride, State *sums) {
    using V = typename Vector<State>::type;
    V total[COUNT] = {};
    for (int64_t i = 0; i < count; ++i) {
        const V *row = reinterpret_cast<const V *>(weights + places[i] * stride);
        for (int64_t j = 0; j < COUNT; ++j) total[j] += row[j];
    }
    std::memcpy(sums, total, sizeof(total));
}

template <class State>
void forward(const uint64_t *bits, const State *weights, const State *bias, State *out, const Shape &shape,
             int64_t threads) {
    const int64_t lanes = Vector<State>::lanes, stride = padded<State>(shape.outputs);
    const int64_t out_columns = shape.out_columns(), lines = shape.images * shape.out_rows();
    const int64_t work = lines * out_columns * shape.inputs * shape.tap_rows * shape.tap_columns / 16;
    in_parts(lines, threads, work / WORTH + 1, [&](int64_t, int64_t first, int64_t last) {
        std::vector<int32_t> places(shape.tap_rows * shape.tap_columns * shape.inputs + CHUNK);
        Lines<State> sums(stride);
        Fired fired;
        int64_t known = -1;
        for (int64_t line = first; line < last; ++line) {
            const int64_t image = line / shape.out_rows(), row = line % shape.out_rows();
            if (image != known) fired.read(bits + image * shape.rows * shape.columns * shape.words(), shape);
            known = image;
            for (int64_t column = 0; column < out_columns; ++column) {
                const int64_t count = places_before(fired, shape, row, column, places.data());
                int64_t o = 0;
                for (; o + WIDE * lanes <= stride; o += WIDE * lanes)
                    add_up<WIDE>(weights + o, places.data(), count, stride, sums.start + o);
                for (; o < stride; o += lanes)
                    add_up<1>(weights + o, places.data(), count, stride, sums.start + o);
                State *to = out + (line * out_columns + column) * shape.outputs;
                if (bias)
                    for (int64_t i = 0; i < shape.outputs; ++i) to[i] = sums.start[i] + bias[i];
                else
                    for (int64_t i = 0; i < shape.outputs; ++i) to[i] = sums.start[i];
            }
        }
    });
}

}  // namespace

#define EXPORT_PACK(NAME, State, Value)                                                                     \
    extern "C" int32_t pack_##NAME(const void *values, void *bits, int64_t pixels, int64_t inputs,         \
                                   int64_t threads) {                                                      \
        return pack<State>(static_cast<const Value *>(values), static_cast<uint64_t *>(bits), pixels,      \
                           inputs, threads);                                                               \
    }

#define EXPORT(NAME, State)                                                                                 \
    extern "C" void convolve_##NAME(const void *bits, const void *weights, const void *bias, void *out,    \
                                    const int64_t *sizes, int64_t threads) {                               \
        forward(static_cast<const uint64_t *>(bits), static_cast<const State *>(weights),                  \
                static_cast<const State *>(bias), static_cast<State *>(out), shape_of(sizes), threads);    \
    }

EXPORT_PACK(float32, float, float)
EXPORT_PACK(float64, double, double)
EXPORT_PACK(bfloat16, float, bfloat16)
EXPORT(float32, float)
EXPORT(float64, double)
