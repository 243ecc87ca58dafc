"""Stop at the first number that is none: which layer, which step, before it spoils a checkpoint.

A spiking neuron turns a NaN into silence, so a finite loss proves nothing: thresholds and gradients are
looked at too.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from snnc.train.network import spiking


class NumericalStop(ArithmeticError):  # noqa: N818 - it is a stop, exit 3
    """Training met a NaN or an infinity. ``layer`` and ``step`` say where, ``what`` says in what."""

    def __init__(self, layer: str, step: int, what: str) -> None:
        super().__init__(f"{layer}: {what} is not finite at step {step}")
        self.layer, self.step, self.what = layer, step, what


def refuse_thresholds(module: nn.Module, step: int) -> None:
    """Raise `NumericalStop` for a threshold that is not finite."""
    for name, part in spiking(module).items():
        if not bool(part.threshold.isfinite().all()):
            raise NumericalStop(name, step, "the threshold")


def refuse_weights(module: nn.Module, step: int) -> None:
    """Raise `NumericalStop` for a weight or a running statistic that is not finite."""
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            layer, _, what = name.rpartition(".")
            raise NumericalStop(layer, step, f"the {what}")


def stop(module: nn.Module, step: int, again: Callable[[], object]) -> NumericalStop:
    """Find where a loss or gradient stopped being finite, and return the stop to raise.

    ``again`` runs the network as it ran before. Weights are looked at first, then what each layer puts
    out, then the gradients, from the last layer to the first: the order in which a fault spreads.
    """
    try:
        refuse_thresholds(module, step)
        refuse_weights(module, step)
    except NumericalStop as found:
        return found
    gradients = [(name, p.grad) for name, p in module.named_parameters() if p.grad is not None]
    layer = _first_output(module, again)
    if layer is not None:
        return NumericalStop(layer, step, "the output")
    for name, gradient in reversed(gradients):
        if not bool(gradient.isfinite().all()):
            return NumericalStop(name.rpartition(".")[0], step, "the gradient")
    return NumericalStop("the loss", step, "its value")


def _first_output(module: nn.Module, again: Callable[[], object]) -> str | None:
    found: list[str] = []

    def look(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - torch's hook
        def hook(_part: nn.Module, _arguments: object, output: object) -> None:
            if isinstance(output, Tensor) and not bool(output.isfinite().all()):
                found.append(name)

        return hook

    leaves = [(name, part) for name, part in module.named_modules() if name and not list(part.children())]
    hooks = [part.register_forward_hook(look(name)) for name, part in leaves]
    try:
        with torch.no_grad():
            again()
    finally:
        for hook in hooks:
            hook.remove()
    return found[0] if found else None
