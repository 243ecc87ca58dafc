"""The optimiser of a recipe, and its state as tensors with names, to be saved and put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from snnc.train.recipe import Optimiser


def optimiser(recipe: Optimiser, module: nn.Module) -> Optimizer:
    """Return a fresh optimiser for all weights of a network."""
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    match recipe.name:
        case "adam":
            return Adam(weights, recipe.rate, weight_decay=recipe.decay, fused=True)
        case "adamw":
            return AdamW(weights, recipe.rate, weight_decay=recipe.decay, fused=True)
        case "sgd":
            return SGD(weights, recipe.rate, momentum=recipe.momentum, weight_decay=recipe.decay, fused=True)
        case _:
            assert_never(recipe.name)


def state_tensors(optimizer: Optimizer, module: nn.Module) -> dict[str, Tensor]:
    """Return the optimiser's memory of every weight as ``<weight>/<quantity>``."""
    return {
        f"{name}/{quantity}": torch.as_tensor(value)
        for name, weight in module.named_parameters()
        for quantity, value in optimizer.state.get(weight, {}).items()
        if value is not None
    }


def restore(optimizer: Optimizer, module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `state_tensors` returned.

    Raises `KeyError` for a weight that the network lacks, `ValueError` for a quantity of another shape.
    """
    weights = dict(module.named_parameters())
    for name, tensor in tensors.items():
        weight, _, quantity = name.rpartition("/")
        owner = weights[weight]
        if tensor.shape not in (owner.shape, torch.Size([])):
            raise ValueError(f"{name} has {list(tensor.shape)} numbers for a weight of {list(owner.shape)}")
        place = tensor if quantity == "step" and owner.device.type == "cpu" else tensor.to(owner.device)
        if place.dim() == owner.dim() and place.dim() == 4:
            place = place.contiguous(memory_format=_layout(owner))
        optimizer.state[owner][quantity] = place


def _layout(weight: Tensor) -> torch.memory_format:
    last = weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()
    return torch.channels_last if last else torch.contiguous_format
