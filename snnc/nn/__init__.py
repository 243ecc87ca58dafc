"""Spiking layers for torch: tensors to tensors, and nothing of the compiler.

Spike trains and currents over time are ``[T, B, ...]``, static values ``[B, ...]``. Every file
here can be read, and copied into a printed network, on its own or with the files it imports.
"""

from snnc.nn.channels import Narrow, tile_channels
from snnc.nn.compiled import CompiledKernel, kernel_in_use
from snnc.nn.compiled_conv import CompiledConvolution
from snnc.nn.cuda import TritonKernel
from snnc.nn.encoding import hold, poisson
from snnc.nn.gate import GatedMaxPool, gated_max_pool
from snnc.nn.init import kaiming, xavier
from snnc.nn.mean_pool import MeanPool2d
from snnc.nn.modules import IF, LIF, DropoutOverTime, SpikingNeurons, over_time
from snnc.nn.network import SpikingNetwork
from snnc.nn.neuron import Neuron, NeuronState, initial_state, lif_step
from snnc.nn.scan import KERNELS, Kernel, TorchKernel, scan, scan_by_steps
from snnc.nn.spike_conv import SPARSE, SpikeConv2d
from snnc.nn.stochmax import Stochmax
from snnc.nn.surrogate import fire

__all__ = [
    "IF",
    "LIF",
    "CompiledConvolution",
    "CompiledKernel",
    "DropoutOverTime",
    "GatedMaxPool",
    "Kernel",
    "MeanPool2d",
    "Narrow",
    "Neuron",
    "NeuronState",
    "SpikeConv2d",
    "SpikingNetwork",
    "SpikingNeurons",
    "Stochmax",
    "TorchKernel",
    "TritonKernel",
    "fire",
    "gated_max_pool",
    "hold",
    "initial_state",
    "kaiming",
    "kernel_in_use",
    "lif_step",
    "over_time",
    "poisson",
    "scan",
    "scan_by_steps",
    "tile_channels",
    "xavier",
]

KERNELS.insert(0, TritonKernel())
KERNELS.insert(0, CompiledKernel())
SPARSE.insert(0, CompiledConvolution())
