"""The programs for a card compile where there is none, down to its machine code."""

import importlib
import itertools
import sys

import pytest

from snnc.nn.cuda import DEVICE_CODE, LAUNCH, ON_DEVICE

SHORT = {"float32": "fp32", "float64": "fp64", "bfloat16": "bf16", "float16": "fp16"}
CASES = list(itertools.product(("forward", "backward"), SHORT, ("subtract", "zero", "none"), (0, 2)))
CONSTANTS = {"EACH": 1, "CARRY": True, "KEEP": True, "LEAK": 0.9, "INITIAL": 0.25, "GAMMA": 0.3}


@pytest.fixture
def programs(monkeypatch):
    """The programs as they are compiled, whatever another test had of them."""
    pytest.importorskip("triton", reason="Triton is not installed; it has some 900 MB")
    monkeypatch.setenv("TRITON_INTERPRET", "0")
    sys.modules.pop(DEVICE_CODE, None)
    yield importlib.import_module(DEVICE_CODE)
    sys.modules.pop(DEVICE_CODE, None)


def compiled(program, dtype, constants, capability):
    """Machine code for a card of this compute capability."""
    import triton
    from triton.backends.compiler import GPUTarget

    types = {"stride": "i32", "steps": "i32", "neurons": "i32"}
    wide = "*fp64" if dtype == "float64" else "*fp32"
    types |= dict.fromkeys(("potentials", "threshold", "edge"), wide) | {"edge_rest": "*i32"}
    known = {name: value for name, value in constants.items() if name in program.arg_names}
    signature = {
        name: "constexpr" if name in known else types.get(name, f"*{SHORT[dtype]}")
        for name in program.arg_names
    }
    options = {name: value for name, value in LAUNCH.items() if name != "BLOCK"}
    source = triton.compiler.ASTSource(program, signature, known)
    return triton.compile(source, GPUTarget("cuda", capability, 32), options)


def test_every_dtype_has_a_case():
    assert {str(dtype) for dtype in ON_DEVICE} == {f"torch.{name}" for name in SHORT}


@pytest.mark.parametrize(("direction", "dtype", "reset", "refractory"), CASES[::7])
def test_a_program_compiles_without_fused_operations(programs, direction, dtype, reset, refractory):
    constants = CONSTANTS | {"RESET": reset, "REFRACTORY": refractory, "BLOCK": LAUNCH["BLOCK"]}
    for capability in (75, 90):
        code = compiled(getattr(programs, direction), dtype, constants, capability)
        assert len(code.asm["cubin"]) > 1000
        assert "fma." not in code.asm["ptx"]
