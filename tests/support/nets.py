"""Networks that are valid by construction, as spec text: sizes solved, BackRes, skips, hybrids."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st


@dataclass
class _Sketch:
    """A network while it is being drawn. ``skippable``: layers whose output a skip may start from."""

    channels: int
    side: int
    convs: int = 0
    items: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)
    skippable: list[tuple[str, int, int]] = field(default_factory=list)

    def conv(self, outputs: int, kernel: int = 3, options: str = "") -> str:
        self.convs += 1
        text = f"Conv{self.convs}({self.channels},{outputs},{kernel}x{kernel}/1{options})"
        self.channels = outputs
        return text


@st.composite
def networks(draw: st.DrawFn, most: int = 8, neurons: tuple[str, ...] = ("LIF", "IF", "ReLU")) -> str:
    """Draw a spec of a few layers on a small image, each layer of any kind that fits there."""
    sketch = _Sketch(draw(st.integers(1, 3)), draw(st.sampled_from([4, 6, 8])))
    shape = f"{sketch.channels}x{sketch.side}x{sketch.side}"
    sketch.skippable.append(("Input", sketch.channels, sketch.side))
    for _ in range(draw(st.integers(1, most))):
        draw(st.sampled_from([_add_conv, _add_conv, _add_group, _add_pool, _add_skip]))(draw, sketch, neurons)
    sketch.items += draw(_classifier(sketch))
    header = [
        "network Drawn",
        f"input {shape}",
        f"neuron ReLU|{draw(st.sampled_from(['LIF', 'IF']))}",
        f"encode {draw(st.sampled_from(['poisson', 'direct']))}",
        f"timesteps {draw(st.integers(1, 4))}",
    ]
    skips = [f"Skip {', '.join(sketch.skips)}"] if sketch.skips else []
    return "\n".join([*header, "Input - " + " - ".join(sketch.items), *skips]) + "\n"


def _neuron(draw: st.DrawFn, neurons: tuple[str, ...]) -> str:
    return draw(st.sampled_from(["", *(f", {name}" for name in neurons)]))


def _add_conv(draw: st.DrawFn, sketch: _Sketch, neurons: tuple[str, ...]) -> None:
    outputs, kernel = draw(st.integers(1, 5)), draw(st.sampled_from([1, 3]))
    extra = draw(st.sampled_from(["", ", bias"]))
    norm = draw(st.sampled_from(["", "", ", BN"]))
    sketch.items.append(sketch.conv(outputs, kernel, extra) + norm + _neuron(draw, neurons))
    sketch.skippable.append((f"Conv{sketch.convs}", sketch.channels, sketch.side))


def _add_group(draw: st.DrawFn, sketch: _Sketch, neurons: tuple[str, ...]) -> None:
    width, times = sketch.channels, draw(st.integers(1, 3))
    middle = draw(st.integers(1, 4))
    layers = [sketch.conv(middle) + _neuron(draw, neurons), sketch.conv(width) + _neuron(draw, neurons)]
    if draw(st.booleans()):
        layers = [sketch.conv(width)]
    block = " - ".join(layers)
    if draw(st.integers(0, 4)) == 0:
        block = f"[{block}] repeated 2 times"
    sketch.items.append(f"[{block}] repeated {times} times")
    sketch.skippable.append((f"Conv{sketch.convs}", width, sketch.side))


def _add_pool(draw: st.DrawFn, sketch: _Sketch, _neurons: tuple[str, ...]) -> None:
    if sketch.side % 2 or sketch.side < 4:
        return
    sketch.side //= 2
    kind = draw(st.sampled_from(["Pool", "MaxPool"]))
    sketch.items.append(f"{kind}(2x2/2)")
    sketch.skippable = [(name, width, side // 2) for name, width, side in sketch.skippable]


def _add_skip(draw: st.DrawFn, sketch: _Sketch, neurons: tuple[str, ...]) -> None:
    """Add a convolution whose input takes an earlier value in beside the main path's."""
    if not sketch.items:
        return
    name, width, _ = draw(st.sampled_from(sketch.skippable))
    mode = draw(st.sampled_from(["concat", "tile"] if width <= sketch.channels else ["concat"]))
    if mode == "concat":
        sketch.channels += width
    sketch.items.append(sketch.conv(draw(st.integers(1, 4))) + _neuron(draw, neurons))
    target = f"Conv{sketch.convs}"
    sketch.skips.append(f"{name}-to-{target} {mode}")
    sketch.skippable.append((target, sketch.channels, sketch.side))


@st.composite
def _classifier(draw: st.DrawFn, sketch: _Sketch) -> list[str]:
    flat = sketch.channels * sketch.side**2
    hidden = draw(st.integers(0, 8))
    classes = draw(st.integers(2, 5))
    if not hidden:
        return [f"FC1({flat},{classes})"]
    return [f"FC1({flat},{hidden})", f"FC2({hidden},{classes})"]
