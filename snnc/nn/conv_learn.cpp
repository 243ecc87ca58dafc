// The gradient of a convolution over spikes for its weights: for each, the sum of the gradients of the outputs
// before which its input fired.

#include "conv.h"

#include <memory>
#include <vector>

#include "conv_sum.h"
#include "threads.h"

namespace {

constexpr int64_t HELD = 128 << 10;    // bytes of gradients that stay in the cache

// A part of the maps whose gradients stay in the cache: some rows of an image, or all rows of some images.
//
// An input at y meets the taps of one class, (y + padding) % stride, in the rows q, q - 1, ... of the output
// with q = (y + padding) / stride: the tap t that in q - t / stride. Columns likewise.
struct Block {
    Block(const Shape &shape, int64_t room)
        : shape(shape), reach((shape.tap_rows - 1) / shape.stride), side((shape.tap_columns - 1) / shape.stride),
          all((shape.rows - 1 + shape.padding) / shape.stride + 1),
          width((shape.columns - 1 + shape.padding) / shape.stride + 1 + side) {
        rows = std::max<int64_t>(1, std::min(all, room / width - reach));
        images = rows < all ? 1 : std::max<int64_t>(1, room / ((rows + reach) * width));
        capacity = images * rows * width;
        fired.resize(shape.stride * shape.stride * shape.inputs * capacity);
        counts.resize(shape.stride * shape.stride * shape.inputs);
    }

    int64_t pixels() const { return images * (rows + reach) * width; }
    int64_t list(int64_t row, int64_t column) const {
        return (row % shape.stride * shape.stride + column % shape.stride) * shape.inputs;
    }

    // Notes for each class and input where it fired, in the images from `image` on, the rows from `row` on.
    void read(const uint64_t *bits, int64_t image, int64_t count, int64_t row) {
        const int64_t words = shape.words();
        std::fill(counts.begin(), counts.end(), 0);
        const int64_t top = std::max<int64_t>(0, row * shape.stride - shape.padding);
        const int64_t end = std::min(shape.rows, (row + rows) * shape.stride - shape.padding);
        for (int64_t i = 0; i < count; ++i)
            for (int64_t y = top; y < end; ++y)
                for (int64_t x = 0; x < shape.columns; ++x) {
                    const int64_t q = (y + shape.padding) / shape.stride - row + i * (rows + reach);
                    const int64_t place = q * width + (x + shape.padding) / shape.stride;
                    const int64_t first = list(y + shape.padding, x + shape.padding);
                    const uint64_t *word = bits + (((image + i) * shape.rows + y) * shape.columns + x) * words;
                    for (int64_t w = 0; w < words; ++w)
                        for (uint64_t left = word[w]; left; left &= left - 1) {
                            const int64_t which = first + w * WORD + __builtin_ctzll(left);
                            fired[which * capacity + counts[which]++] = static_cast<int32_t>(place);
                        }
                }
    }

    // Copies the gradients of the outputs from `first` on, as many as `lanes`, to where the taps look for them,
    // with zeros around them.
    template <class Value>
    void copy(const Value *gradient, Value *to, int64_t image, int64_t count, int64_t row, int64_t first,
              int64_t lanes) const {
        const int64_t outputs = std::min(lanes, shape.outputs - first);
        const int64_t out_rows = shape.out_rows(), out_columns = shape.out_columns();
        std::memset(static_cast<void *>(to), 0, pixels() * lanes * sizeof(Value));
        for (int64_t i = 0; i < count; ++i)
            for (int64_t line = 0; line < rows + reach; ++line) {
                const int64_t r = row - reach + line;
                if (r < 0 || r >= out_rows) continue;
                const Value *from = gradient + ((image + i) * out_rows + r) * out_columns * shape.outputs + first;
                Value *there = to + ((i * (rows + reach) + line) * width + side) * lanes;
                for (int64_t c = 0; c < std::min(out_columns, width - side); ++c)
                    std::copy_n(from + c * shape.outputs, outputs, there + c * lanes);
            }
    }

    const Shape &shape;
    int64_t reach, side;          // rows and columns of gradients before the first of the inputs'
    int64_t all, width;           // rows q of an image, columns of the copy
    int64_t rows, images;         // of a block
    int64_t capacity;
    std::vector<int32_t> fired, counts;
};

// Adds what the block tells of the weights for some outputs, of which `weights` has the first.
template <int64_t COUNT, class State, class Value>
[[gnu::noinline]] void learn_block(const Block &block, const Value *gradient, State *weights, int64_t stride) {
    using V = typename Vector<State>::type;
    const Shape &shape = block.shape;
    constexpr int64_t lanes = COUNT * Vector<State>::lanes;
    for (int64_t input = 0; input < shape.inputs; ++input)
        for (int64_t row = 0; row < shape.tap_rows; ++row)
            for (int64_t column = 0; column < shape.tap_columns; ++column) {
                const int64_t which = block.list(row, column) + input;
                const int64_t above = block.reach - row / shape.stride, before = block.side - column / shape.stride;
                const Value *from = gradient + (above * block.width + before) * lanes;
                const int32_t *place = block.fired.data() + which * block.capacity;
                V total[COUNT] = {};
                Rows<State, Value>::add(total, from, place, place + block.counts[which]);
                V *to = reinterpret_cast<V *>(
                    weights + ((row * shape.tap_columns + column) * shape.inputs + input) * stride);
                for (int64_t j = 0; j < COUNT; ++j) to[j] += total[j];
            }
}

// The gradient for the weights: of each block by itself first, so that few roundings follow one another.
template <class State, class Value>
void learn(const uint64_t *bits, const Value *gradient, State *result, const Shape &shape, int64_t threads) {
    using Sums = Rows<State, Value>;
    constexpr int64_t narrow = Sums::least * Vector<State>::lanes, wide = WIDE * Vector<State>::lanes;
    const int64_t stride = padded<Value>(shape.outputs);
    const int64_t size = shape.tap_rows * shape.tap_columns * shape.inputs * stride;
    threads = std::max<int64_t>(1, std::min(threads, shape.images));
    std::vector<std::unique_ptr<Lines<State>>> totals(threads);
    in_parts(shape.images, threads, threads, [&](int64_t part, int64_t first, int64_t last) {
        totals[part].reset(new Lines<State>(size));
        State *total = totals[part]->start;
        Block block(shape, HELD / (wide * sizeof(Value)));
        Lines<Value> copy(block.pixels() * wide);
        for (int64_t image = first; image < last; image += block.images)
            for (int64_t row = 0; row < block.all; row += block.rows) {
                const int64_t count = std::min(block.images, last - image);
                block.read(bits, image, count, row);
                for (int64_t o = 0; o < shape.outputs;) {
                    const int64_t lanes = o + wide <= stride ? wide : narrow;
                    block.copy(gradient, copy.start, image, count, row, o, lanes);
                    if (lanes == wide)
                        learn_block<WIDE>(block, copy.start, total + o, stride);
                    else
                        learn_block<Sums::least>(block, copy.start, total + o, stride);
                    o += lanes;
                }
            }
    });
    std::memset(result, 0, size * sizeof(State));
    for (const auto &total : totals)
        if (total)
            for (int64_t i = 0; i < size; i += narrow)
                for (int64_t lane = 0; lane < narrow; ++lane)
                    result[i + Sums::place(lane)] += total->start[i + lane];
}

}  // namespace

#define EXPORT(NAME, State, Value)                                                                          \
    extern "C" void learn_##NAME(const void *bits, const void *gradient, void *result,                     \
                                 const int64_t *sizes, int64_t threads) {                                  \
        learn(static_cast<const uint64_t *>(bits), static_cast<const Value *>(gradient),                   \
              static_cast<State *>(result), shape_of(sizes), threads);                                     \
    }

EXPORT(float32, float, float)
EXPORT(float64, double, double)
EXPORT(bfloat16, float, bfloat16)
