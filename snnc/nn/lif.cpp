// Leaky integrate-and-fire neurons over all time steps, and the adjoint of that loop.
//
// Rows [steps, neurons] of currents become rows of spikes and of potentials before the reset; the
// gradient for the spikes becomes that for the currents. The arithmetic is that of TorchKernel in
// scan.py, one rounding for one operation, so build it with -ffp-contract=off. A chunk of neurons
// goes through all steps while its state stays in the first-level cache. Of currents in bfloat16 the
// potentials are float32, and rounded to bfloat16 where they are written down for the adjoint: all
// that it takes from them is a slope, to which it multiplies a gradient of that precision.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "bfloat16.h"
#include "threads.h"

namespace {

constexpr int64_t CHUNK = 2048;             // neurons; their state and thresholds fill 16 KiB
constexpr int64_t WORK_PER_THREAD = 1 << 18;  // values that are worth starting a thread for

enum Reset { SUBTRACT = 0, ZERO = 1, NONE = 2 };

template <class State>
struct Neurons {
    const State *threshold;
    int64_t threshold_stride;  // 0: one for all
    State leak, initial, gamma;
    int32_t refractory;
    State *edge;          // forward V, backward its gradient: before the loop, then after it; or null
    int32_t *edge_rest;   // the steps still to rest, likewise
};

template <class Body>
void in_threads(int64_t steps, int64_t neurons, int64_t threads, Body body) {
    const int64_t chunks = (neurons + CHUNK - 1) / CHUNK, worth = steps * neurons / WORK_PER_THREAD + 1;
    in_parts(chunks, threads, worth, [&](int64_t, int64_t first, int64_t last) {
        for (int64_t chunk = first; chunk < last; ++chunk)
            body(chunk * CHUNK, std::min(CHUNK, neurons - chunk * CHUNK));
    });
}

template <int RESET, class State>
State after_reset(State potential, bool fired, State v) {
    if (RESET == SUBTRACT) return potential - (fired ? v : State(0));
    if (RESET == ZERO) return fired ? State(0) : potential;
    return potential;
}

// What is written down of a potential; the adjoint of a reset to zero sees from it whether it fired.
template <int RESET, class Kept, class State>
Kept kept_of(State potential, bool fired, State v) {
    Kept kept(potential);
    if constexpr (RESET == ZERO && !std::is_same_v<Kept, State>)
        kept.bits += (State(kept) >= v) == fired ? 0 : fired ? 1 : -1;
    return kept;
}

template <int RESET, bool RESTS, class Value, class State, class Kept>
void forward_chunk(const Value *current, int64_t current_stride, Value *spikes, Kept *potentials,
                   int64_t steps, int64_t stride, int64_t first, int64_t count,
                   const Neurons<State> &neurons) {
    State state[CHUNK], v[CHUNK];
    Kept unkept[CHUNK];
    int32_t rest[CHUNK] = {};
    for (int64_t i = 0; i < count; ++i) {
        v[i] = neurons.threshold[(first + i) * neurons.threshold_stride];
        state[i] = neurons.edge ? neurons.edge[first + i] : v[i] * neurons.initial;
    }
    if (RESTS && neurons.edge) std::copy_n(neurons.edge_rest + first, count, rest);
    for (int64_t t = 0; t < steps; ++t) {
        const Value *__restrict in = current + t * current_stride + first;
        Value *__restrict out = spikes + t * stride + first;
        Kept *__restrict kept = potentials ? potentials + t * stride + first : unkept;
        for (int64_t i = 0; i < count; ++i) {
            State potential = neurons.leak * state[i] + State(in[i]);
            if (RESTS) potential = rest[i] > 0 ? -std::numeric_limits<State>::infinity() : potential;
            const bool fired = potential >= v[i];
            kept[i] = kept_of<RESET, Kept>(potential, fired, v[i]);
            out[i] = fired ? Value(1.0f) : Value(0.0f);
            const State after = after_reset<RESET>(potential, fired, v[i]);
            if (RESTS) {
                state[i] = rest[i] > 0 ? state[i] : after;
                rest[i] = fired ? neurons.refractory : rest[i] > 0 ? rest[i] - 1 : 0;
            } else {
                state[i] = after;
            }
        }
    }
    if (neurons.edge) std::copy_n(state, count, neurons.edge + first);
    if (RESTS && neurons.edge) std::copy_n(rest, count, neurons.edge_rest + first);
}

template <int RESET, bool RESTS, class Value, class State, class Kept>
void backward_chunk(const Value *gradient, int64_t gradient_stride, const Kept *potentials, Value *result,
                    int64_t steps, int64_t stride, int64_t first, int64_t count,
                    const Neurons<State> &neurons) {
    State carried[CHUNK] = {}, v[CHUNK];
    for (int64_t i = 0; i < count; ++i) v[i] = neurons.threshold[(first + i) * neurons.threshold_stride];
    if (neurons.edge) std::copy_n(neurons.edge + first, count, carried);
    for (int64_t t = steps - 1; t >= 0; --t) {
        const Value *__restrict in = gradient + t * gradient_stride + first;
        const Kept *__restrict kept = potentials + t * stride + first;
        Value *__restrict out = result + t * stride + first;
        for (int64_t i = 0; i < count; ++i) {
            const State potential(kept[i]);
            const State near = 1 - std::fabs((potential - v[i]) / v[i]);  // Eqn (4)
            const State slope = (near < 0 ? State(0) : near) * neurons.gamma;
            const State through = RESET == ZERO && potential >= v[i] ? State(0) : carried[i];
            const State total = through + slope * State(in[i]);
            if (RESTS) {
                const bool rests = potential == -std::numeric_limits<State>::infinity();
                out[i] = Value(rests ? State(0) : total);
                carried[i] = rests ? total : total * neurons.leak;
            } else {
                out[i] = Value(total);
                carried[i] = total * neurons.leak;
            }
        }
    }
    if (neurons.edge) std::copy_n(carried, count, neurons.edge + first);
}

template <int RESET, bool RESTS, class Value, class State, class Kept>
void forward(const Value *current, int64_t current_stride, Value *spikes, Kept *potentials, int64_t steps,
             int64_t count, const Neurons<State> &neurons, int64_t threads) {
    in_threads(steps, count, threads, [&](int64_t first, int64_t size) {
        forward_chunk<RESET, RESTS>(current, current_stride, spikes, potentials, steps, count, first, size,
                                    neurons);
    });
}

template <int RESET, bool RESTS, class Value, class State, class Kept>
void backward(const Value *gradient, int64_t gradient_stride, const Kept *potentials, Value *result,
              int64_t steps, int64_t count, const Neurons<State> &neurons, int64_t threads) {
    in_threads(steps, count, threads, [&](int64_t first, int64_t size) {
        backward_chunk<RESET, RESTS>(gradient, gradient_stride, potentials, result, steps, count, first, size,
                                     neurons);
    });
}

}  // namespace

#define CHOOSE(FUNCTION, RESET, ...)                                                     \
    switch (RESET * 2 + (refractory > 0)) {                                              \
        case SUBTRACT * 2: return FUNCTION<SUBTRACT, false>(__VA_ARGS__);                \
        case SUBTRACT * 2 + 1: return FUNCTION<SUBTRACT, true>(__VA_ARGS__);             \
        case ZERO * 2: return FUNCTION<ZERO, false>(__VA_ARGS__);                        \
        case ZERO * 2 + 1: return FUNCTION<ZERO, true>(__VA_ARGS__);                     \
        case NONE * 2: return FUNCTION<NONE, false>(__VA_ARGS__);                        \
        case NONE * 2 + 1: return FUNCTION<NONE, true>(__VA_ARGS__);                     \
    }

#define EXPORT(NAME, Value, State, Kept)                                                                 \
    extern "C" void forward_##NAME(const void *current, int64_t current_stride, void *spikes,            \
                                   void *potentials, int64_t steps, int64_t count,                       \
                                   const void *threshold, int64_t threshold_stride, double leak,         \
                                   double initial, double gamma, int32_t reset, int32_t refractory,      \
                                   void *edge, void *edge_rest, int64_t threads) {                       \
        const Neurons<State> neurons{static_cast<const State *>(threshold), threshold_stride,            \
                                     State(leak), State(initial), State(gamma), refractory,              \
                                     static_cast<State *>(edge), static_cast<int32_t *>(edge_rest)};     \
        CHOOSE(forward, reset, static_cast<const Value *>(current), current_stride,                      \
               static_cast<Value *>(spikes), static_cast<Kept *>(potentials), steps, count, neurons,     \
               threads)                                                                                  \
    }                                                                                                    \
    extern "C" void backward_##NAME(const void *gradient, int64_t gradient_stride, void *result,         \
                                    const void *potentials, int64_t steps, int64_t count,                \
                                    const void *threshold, int64_t threshold_stride, double leak,        \
                                    double initial, double gamma, int32_t reset, int32_t refractory,     \
                                    void *edge, void *edge_rest, int64_t threads) {                      \
        const Neurons<State> neurons{static_cast<const State *>(threshold), threshold_stride,            \
                                     State(leak), State(initial), State(gamma), refractory,              \
                                     static_cast<State *>(edge), static_cast<int32_t *>(edge_rest)};     \
        CHOOSE(backward, reset, static_cast<const Value *>(gradient), gradient_stride,                   \
               static_cast<const Kept *>(potentials), static_cast<Value *>(result), steps, count,        \
               neurons, threads)                                                                         \
    }

EXPORT(float32, float, float, float)
EXPORT(float64, double, double, double)
EXPORT(bfloat16, bfloat16, float, bfloat16)
