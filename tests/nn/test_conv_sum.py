"""Rows of two bytes a value, added as this processor does it and as others do: the same but for rounding."""

import platform

import pytest
import torch
from torch import nn

from snnc.nn import CompiledConvolution, native

KERNEL = CompiledConvolution()
OTHERS = ["-mno-avx512bf16", "-mno-avx"]  # processors without an instruction, or without wide registers
OPTIONS = [[], *([flag] for flag in OTHERS if platform.machine() == "x86_64")]


@pytest.fixture(scope="module", params=OPTIONS, ids=lambda flags: " ".join(flags) or "native")
def _processor(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
            patch.setenv("CXX", " ".join(["c++", *request.param]))
        native.native_library.cache_clear()
        if native.native_library()[0] is None:
            pytest.skip("there is no C++ compiler")
        yield
    native.native_library.cache_clear()


@pytest.mark.usefixtures("_processor")
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("outputs", [1, 10, 32, 40, 64, 200])
def test_sums_have_the_precision_of_float32(outputs, rate):
    draw = torch.Generator().manual_seed(outputs)
    x = (torch.rand(5, 70, 6, 7, generator=draw) < rate).bfloat16()
    weight = torch.randn(outputs, 70, 3, 3, generator=draw).bfloat16()
    bias = torch.randn(outputs, generator=draw).bfloat16()
    bits = KERNEL.pack(x)
    maps = KERNEL.forward(bits, weight, bias, x.shape, (1, 1), torch.bfloat16)
    exact = nn.functional.conv2d(x.double(), weight.double(), bias.double(), padding=1)
    torch.testing.assert_close(maps.double(), exact, rtol=2**-8, atol=1e-4)
    upstream = torch.randn(exact.shape, generator=draw).bfloat16()
    learnt = KERNEL.weight_gradient(bits, upstream, weight.float(), x.shape, (1, 1))
    exact = nn.grad.conv2d_weight(x.double(), weight.shape, upstream.double(), padding=1)
    torch.testing.assert_close(learnt.double(), exact, rtol=1e-5, atol=1e-4)
