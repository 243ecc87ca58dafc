// A convolution over spikes, which are 0 or 1 and mostly 0: only the weights of inputs that fired are added.
//
// In which order an output's weights are added depends on what fired alone: not on the batch, its place in it or
// the number of threads. For outputs in bfloat16 they are added up in float32.

#include "conv.h"

#include <vector>

#include "conv_sum.h"
#include "threads.h"

namespace {

constexpr int64_t STRIP = 64;          // pixels whose sums stay in the nearest cache
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
        inputs.resize(pixels * shape.inputs);
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

// The weights in the order in which they are read: [block of outputs][tap][input][output of the block]. Of one
// tap and block they stay in the nearest cache while a strip of pixels goes by.
template <class State, class Held>
struct Blocks {
    using Sums = Rows<State, Held>;
    static constexpr int64_t narrow = Sums::least * Vector<State>::lanes, wide = WIDE * Vector<State>::lanes;

    Blocks(const Held *weights, const Shape &shape)
        : shape(shape), taps(shape.tap_rows * shape.tap_columns), stride(padded<Held>(shape.outputs)),
          memory(taps * shape.inputs * stride) {
        int64_t place[wide];
        for (int64_t lane = 0; lane < wide; ++lane) place[lane] = Sums::place(lane);
        for (int64_t o = 0; o < stride; o += lanes(o))
            for (int64_t i = 0; i < taps * shape.inputs; ++i) {
                Held *to = memory.start + o * taps * shape.inputs + i * lanes(o);
                for (int64_t lane = 0; lane < lanes(o); ++lane) to[place[lane]] = weights[i * stride + o + lane];
            }
    }

    int64_t lanes(int64_t first) const { return first + wide <= stride ? wide : narrow; }  // of the block at `first`
    const Held *of(int64_t first, int64_t tap) const {
        return memory.start + (first * taps + tap * lanes(first)) * shape.inputs;
    }

    const Shape &shape;
    int64_t taps, stride;
    Lines<Held> memory;
};

// Some rows of the outputs of an image.
struct Strip {
    int64_t row, rows;
};

// Adds the weights of one tap, of the inputs that fired before it, to the sums of a strip.
template <int64_t COUNT, class State, class Held>
void add_tap(const Fired &fired, const Held *weights, int64_t tap, const Strip &strip, const Shape &shape,
             State *sums) {
    using V = typename Vector<State>::type;
    constexpr int64_t lanes = COUNT * Vector<State>::lanes;
    const int64_t down = tap / shape.tap_columns - shape.padding, right = tap % shape.tap_columns - shape.padding;
    const int64_t columns = shape.out_columns();
    const int64_t first = std::max<int64_t>(0, (shape.stride - 1 - right) / shape.stride);
    const int64_t last = std::min(columns, (shape.columns - 1 - right + shape.stride) / shape.stride);
    for (int64_t r = 0; r < strip.rows; ++r) {
        const int64_t y = (strip.row + r) * shape.stride + down;
        if (y < 0 || y >= shape.rows) continue;
        for (int64_t c = first; c < last; ++c) {
            const int32_t *start = fired.starts.data() + y * shape.columns + c * shape.stride + right;
            if (start[0] == start[1]) continue;
            V *sum = reinterpret_cast<V *>(sums + (r * columns + c) * lanes);
            V total[COUNT];
            for (int64_t j = 0; j < COUNT; ++j) total[j] = sum[j];
            Rows<State, Held>::add(total, weights, fired.inputs.data() + start[0], fired.inputs.data() + start[1]);
            for (int64_t j = 0; j < COUNT; ++j) sum[j] = total[j];
        }
    }
}

template <class State, class Value>
void forward(const uint64_t *bits, const Value *weights, const Value *bias, Value *out, const Shape &shape,
             int64_t threads) {
    const Blocks<State, Value> blocks(weights, shape);
    const int64_t columns = shape.out_columns(), lines = shape.images * shape.out_rows();
    const int64_t work = lines * columns * shape.inputs * blocks.taps / 16;
    const int64_t high = std::max<int64_t>(1, STRIP / std::max<int64_t>(1, columns));
    in_parts(lines, threads, work / WORTH + 1, [&](int64_t, int64_t first, int64_t last) {
        Lines<State> sums(high * columns * blocks.wide);
        Fired fired;
        int64_t known = -1;
        for (int64_t line = first; line < last;) {
            const int64_t image = line / shape.out_rows(), row = line % shape.out_rows();
            if (image != known) fired.read(bits + image * shape.rows * shape.columns * shape.words(), shape);
            known = image;
            const Strip strip{row, std::min({high, shape.out_rows() - row, last - line})};
            const int64_t pixels = strip.rows * columns;
            for (int64_t o = 0; o < blocks.stride; o += blocks.lanes(o)) {
                const int64_t lanes = blocks.lanes(o), count = std::min(lanes, shape.outputs - o);
                sums.clear();
                for (int64_t tap = 0; tap < blocks.taps; ++tap)
                    if (lanes == blocks.wide)
                        add_tap<WIDE>(fired, blocks.of(o, tap), tap, strip, shape, sums.start);
                    else
                        add_tap<Rows<State, Value>::least>(fired, blocks.of(o, tap), tap, strip, shape, sums.start);
                for (int64_t pixel = 0; pixel < pixels; ++pixel) {
                    const State *sum = sums.start + pixel * lanes;
                    Value *to = out + (line * columns + pixel) * shape.outputs + o;
                    for (int64_t i = 0; i < count; ++i) to[i] = Value(bias ? sum[i] + State(bias[o + i]) : sum[i]);
                }
            }
            line += strip.rows;
        }
    });
}

}  // namespace

#define EXPORT(NAME, State, Value)                                                                          \
    extern "C" int32_t pack_##NAME(const void *values, void *bits, int64_t pixels, int64_t inputs,         \
                                   int64_t threads) {                                                      \
        return pack<State>(static_cast<const Value *>(values), static_cast<uint64_t *>(bits), pixels,      \
                           inputs, threads);                                                               \
    }                                                                                                      \
    extern "C" void convolve_##NAME(const void *bits, const void *weights, const void *bias, void *out,    \
                                    const int64_t *sizes, int64_t threads) {                               \
        forward<State>(static_cast<const uint64_t *>(bits), static_cast<const Value *>(weights),           \
                       static_cast<const Value *>(bias), static_cast<Value *>(out), shape_of(sizes),       \
                       threads);                                                                           \
    }

EXPORT(float32, float, float)
EXPORT(float64, double, double)
EXPORT(bfloat16, float, bfloat16)
