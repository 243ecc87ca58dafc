"""What a field of the model takes, in words; and the words by which messages speak of it."""

from __future__ import annotations

from typing import Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from snnc.spec import model

SHAPE = "the input is written channels x height x width: 3x32x32"
WINDOW = "a 3x3 window with stride 1 is written 3x3/1"
CONV = "ConvN(I,O,kxk/s) takes I channels and makes O"
LINEAR = "FCN(X,Y) takes X values and makes Y"

# What a field is called, and what there is to know about its values.
WORDS: dict[tuple[type[model.Entry], str], tuple[str, str]] = {
    (model.Unit, "leak"): (
        "the leak",
        "it is the share of the potential that a time-step leaves, alpha in Eqn (2); 0.95 to 0.99 is usual",
    ),
    (model.Unit, "threshold"): ("the threshold", "a neuron fires when its potential reaches the threshold"),
    (model.Unit, "reset"): ("the reset", "`subtract` takes the threshold off the potential after a spike"),
    (model.Unit, "refractory"): (
        "the refractory period",
        "for so many time-steps after a spike the potential takes no input",
    ),
    (model.Window, "size"): ("a window's size", WINDOW),
    (model.Window, "stride"): ("a stride", WINDOW),
    (model.Conv, "inputs"): ("the number of input channels", CONV),
    (model.Conv, "outputs"): ("the number of output channels", CONV),
    (model.Conv, "padding"): ("the padding", "left out, it is half the kernel, which keeps the map's size"),
    (model.Conv, "groups"): (
        "the number of groups",
        "left out, it is 1: every output channel sees every input channel",
    ),
    (model.Conv, "dilation"): ("the dilation", "left out, it is 1: the kernel covers neighbouring pixels"),
    (model.Linear, "inputs"): ("the number of inputs", LINEAR),
    (model.Linear, "outputs"): ("the number of outputs", LINEAR),
    (model.Dropout, "probability"): ("the dropout probability", "it is the share of values that become zero"),
    (model.Group, "times"): (
        "the repeat count",
        "`repeated 2 times` runs the block twice, the second time on its own output",
    ),
    (model.Group, "keep"): (
        "the rule of `keep`",
        "it says which output channels go into the next step (Sec. IV)",
    ),
    (model.Shape, "channels"): ("the number of input channels", SHAPE),
    (model.Shape, "height"): ("the input's height", SHAPE),
    (model.Shape, "width"): ("the input's width", SHAPE),
    (model.Skip, "mode"): ("the mode of a skip", "left out, the widths decide between add and concat"),
    (model.Network, "timesteps"): ("the number of time-steps", "the paper uses 5 to 2500 of them"),
    (model.Network, "encode"): (
        "the encoding",
        "poisson makes random spikes of the pixels, direct presents them as they are",
    ),
    (model.Network, "classify"): ("the classifier", "softmax is Eqn (6), stochmax Eqn (7)"),
}


def allowed(kind: type[model.Entry], field: str) -> str:
    """Return what a field takes: ``a whole number from 1 to 9,999,999``, ``add, concat or tile``."""
    info = kind.model_fields[field]
    choices = _choices(info)
    if choices:
        return f"{', '.join(choices[:-1])} or {choices[-1]}"
    what = (
        "a whole number"
        if info.annotation is int
        else "a finite number"
        if len(info.metadata) == 2
        else "a number"
    )
    return f"{what} {_bounds(info)}"


def _choices(info: FieldInfo) -> tuple[str, ...]:
    candidates = (info.annotation, *get_args(info.annotation))  # the second for `Mode | None`
    return next((get_args(one) for one in candidates if get_origin(one) is Literal), ())


def _bounds(info: FieldInfo) -> str:
    words = []
    for bound in info.metadata:
        match bound:
            case Ge():
                words.append(f"from {bound.ge:,}")
            case Gt():
                words.append(f"above {bound.gt:,}")
            case Le():
                words.append(
                    f"to {bound.le:,}" if words[0].startswith("from") else f"and at most {bound.le:,}"
                )
            case Lt():
                words.append(f"to below {bound.lt:,}")
            case _:  # finite: said by the other bounds
                pass
    return " ".join(words)
