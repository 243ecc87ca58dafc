"""Draw the first weights of a network: wide for spikes, so that none of them dies out on the way.

A neuron that fires now and then passes on less than it receives, so a deep spiking network that is
drawn as for ReLU falls silent after a few layers. Both functions here leave batch norms alone.
"""

from torch import nn


def xavier(*modules: nn.Module, gain: float = 2.0) -> None:
    """Draw weights for spiking neurons: uniform, of variance 2 gain² / (inputs + outputs).

    A gain of 2 is four times the variance that keeps a linear layer's signal; deeper networks and
    lower input rates bear more. Biases become 0. Every convolution and fully connected layer among
    ``modules`` and inside them is drawn.
    """
    for layer in _layers(modules):
        nn.init.xavier_uniform_(layer.weight, gain)


def kaiming(*modules: nn.Module) -> None:
    """Draw weights for ReLU: normal, of variance 2 / inputs, which keeps the size of the activity.

    Biases become 0. Every convolution and fully connected layer among ``modules`` and inside them
    is drawn.
    """
    for layer in _layers(modules):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")


def _layers(modules: tuple[nn.Module, ...]) -> list[nn.Conv2d | nn.Linear]:
    """Return the weighted layers, each once, their biases set to 0."""
    inside = (layer for module in modules for layer in module.modules())
    layers = list(dict.fromkeys(layer for layer in inside if isinstance(layer, nn.Conv2d | nn.Linear)))
    for layer in layers:
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return layers
