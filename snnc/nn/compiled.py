"""Run the neurons of scan.py in C++, several times faster on a CPU, where a compiler is at hand.

``lif.cpp`` beside this file is built on first use, in a few seconds, and kept in the user's cache
folder for this source, compiler and processor. Where that cannot be, plain torch does the same:
the spikes are equal bit for bit. ``SNNC_KERNEL=torch`` keeps the compiler out, ``SNNC_KERNEL=cpp``
makes its absence an error. A printed network does not need this file.
"""

import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import final

import torch
from torch import Tensor

from snnc.nn.neuron import Neuron
from snnc.nn.scan import Kernel, Rows, kernel_for

# Every operation rounds as torch's does, so no fused multiply-add: it would change spikes.
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffp-contract=off", "-fno-trapping-math")
SHARED = ("-shared", "-fPIC", "-pthread")
BUILD_SECONDS = 120  # then the compiler is given up
SUFFIX = {torch.float32: "float32", torch.float64: "float64", torch.bfloat16: "bfloat16"}
RESET_CODE = {"subtract": 0, "zero": 1, "none": 2}  # as in lif.cpp

_pointer, _size, _real, _code = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double, ctypes.c_int32
ROWS = (_pointer, _size, _pointer, _pointer, _size, _size)  # in, its stride, out, potentials, T, N
ARGUMENTS = (*ROWS, _pointer, _size, _real, _real, _real, _code, _code, _pointer, _pointer, _size)


class NoCompiledKernelError(Exception):
    """The kernel cannot be built or loaded here; the message says why."""


@final
class CompiledKernel:
    """The loop of lif.cpp: float32, float64 and bfloat16 on the CPU; see :class:`Kernel`."""

    name = "cpp"

    def takes(self, current: Tensor) -> bool:
        """Tell whether the kernel is to be used, building it if need be.

        Raises ``ValueError`` for an unknown SNNC_KERNEL, and ``RuntimeError`` where it asks for
        this kernel and there is none.
        """
        choice = os.environ.get("SNNC_KERNEL") or "any"
        if choice not in ("any", "torch", "cpp"):
            raise ValueError(f"SNNC_KERNEL is 'torch' or 'cpp'; got {choice!r}")
        if choice == "torch" or not _in_memory(current):
            return False
        library, reason = _library()
        if library is None and choice == "cpp":
            raise RuntimeError(f"SNNC_KERNEL=cpp asks for the compiled kernel, but {reason}")
        return library is not None

    def forward(
        self, current: Tensor, threshold: Tensor, neuron: Neuron, *, keep: bool, state: Rows | None = None
    ) -> tuple[Tensor, Tensor]:
        spikes = torch.empty(current.shape, dtype=current.dtype)
        potentials = torch.empty(current.shape if keep else (0, 0), dtype=threshold.dtype)
        _call("forward", (current, spikes, potentials), threshold, neuron, state or ())
        return spikes, potentials

    def backward(
        self,
        gradient: Tensor,
        potentials: Tensor,
        threshold: Tensor,
        neuron: Neuron,
        *,
        carried: Tensor | None = None,
    ) -> Tensor:
        result = torch.empty(gradient.shape, dtype=gradient.dtype)
        edge = () if carried is None else (carried,)
        _call("backward", (gradient, result, potentials), threshold, neuron, edge)
        return result


def _in_memory(current: Tensor) -> bool:
    """Tell whether this is memory of a known layout; a subclass may only stand for a tensor."""
    return type(current) is Tensor and current.device.type == "cpu" and current.dtype in SUFFIX


def kernel_in_use() -> str:
    """Return the name of the kernel that runs float32 on this CPU, and where it is or why not."""
    kernel: Kernel = kernel_for(torch.empty(1, 1))
    asked = os.environ.get("SNNC_KERNEL") == "torch"
    return f"{kernel.name} ({'SNNC_KERNEL' if asked else _library()[1]})"


def _call(
    direction: str,
    rows: tuple[Tensor, Tensor, Tensor],
    threshold: Tensor,
    neuron: Neuron,
    edge: tuple[Tensor, ...],
) -> None:
    source, target, potentials = rows
    library, reason = _library()
    if library is None:
        raise RuntimeError(reason)
    getattr(library, f"{direction}_{SUFFIX[source.dtype]}")(
        source.data_ptr(),
        source.stride(0),
        target.data_ptr(),
        potentials.data_ptr() if potentials.numel() else None,
        *source.shape,
        threshold.data_ptr(),
        threshold.stride(0) if threshold.dim() else 0,
        neuron.leak,
        neuron.initial,
        neuron.gamma,
        RESET_CODE[neuron.reset],
        neuron.refractory,
        *(one.data_ptr() for one in edge),
        *(None for _ in range(2 - len(edge))),
        torch.get_num_threads(),
    )


@cache
def _library() -> tuple[ctypes.CDLL | None, str]:
    """Return the library and its path, or None and why there is none; asked once a process."""
    try:
        path = _built()
        library = ctypes.CDLL(str(path))
    except (NoCompiledKernelError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        return None, str(error).strip() or type(error).__name__
    for direction in ("forward", "backward"):
        for suffix in SUFFIX.values():
            function = getattr(library, f"{direction}_{suffix}")
            function.argtypes, function.restype = ARGUMENTS, None
    return library, str(path)


def _built() -> Path:
    """Return the path of the library, built unless an earlier run did it."""
    source = Path(__file__).with_name("lif.cpp")
    command = [*_compiler(), *FLAGS, *SHARED]
    path = _cache_folder() / f"lif-{_fingerprint(source, command)}.so"
    if not path.exists():
        _build(source, command, path)
    return path


def _compiler() -> list[str]:
    named = os.environ.get("CXX")
    candidates = [shlex.split(named)] if named else [["c++"], ["g++"], ["clang++"]]
    for words in candidates:
        if words and shutil.which(words[0]):
            return words
    raise NoCompiledKernelError(
        f"there is no C++ compiler; looked for {shlex.join(map(' '.join, candidates))}"
    )


def _cache_folder() -> Path:
    """Return a folder that nobody else can write to: what lies in it will be run."""
    if os.name != "posix":
        raise NoCompiledKernelError(f"it is built on POSIX systems only, not on {os.name}")
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "snnc"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise NoCompiledKernelError(f"others can write to {folder}")
    return folder


def _fingerprint(source: Path, command: list[str]) -> str:
    version = _output([command[0], "--version"])
    parts = (source.read_text(), shlex.join(command), version, platform.machine(), _processor())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _processor() -> str:
    """Return what -march=native depends on: the features of the processor, where they are told."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())


def _build(source: Path, command: list[str], path: Path) -> None:
    """Build to a name of its own, then rename, so that no process loads half a library."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(handle)
    try:
        _output([*command, str(source), "-o", temporary])
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _output(command: list[str]) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)  # noqa: S603 - the user's own compiler
    if run.returncode:
        raise NoCompiledKernelError(f"{command[0]} failed: {run.stderr.strip()[:500]}")
    return run.stdout
