"""Build and load the C++ of this package: `lif.cpp`, `conv.cpp`, `conv_learn.cpp`, `threads.cpp`.

It is built on first use, in some seconds, and kept in the user's cache folder for these sources, this
compiler and processor. ``SNNC_KERNEL=torch`` keeps the compiler out, ``SNNC_KERNEL=cpp`` makes its absence
an error. A printed network does not need this file.
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

import torch
from torch import Tensor

SOURCES = ("lif.cpp", "conv.cpp", "conv_learn.cpp", "threads.cpp")
HEADERS = ("threads.h", "conv.h", "conv_sum.h", "bfloat16.h")
# Every operation rounds as torch's does, so no fused multiply-add: it would change spikes.
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffp-contract=off", "-fno-trapping-math")
SHARED = ("-shared", "-fPIC", "-pthread")
BUILD_SECONDS = 120  # then the compiler is given up
SUFFIX = {torch.float32: "float32", torch.float64: "float64", torch.bfloat16: "bfloat16"}

_pointer, _size, _real, _code = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double, ctypes.c_int32
_rows = (_pointer, _size, _pointer, _pointer, _size, _size)  # in, its stride, out, potentials, T, N
_neurons = (*_rows, _pointer, _size, _real, _real, _real, _code, _code, _pointer, _pointer, _size)
_convolution = (_pointer, _pointer, _pointer, _pointer, _pointer, _size)
FUNCTIONS = {
    "forward": (_neurons, None),
    "backward": (_neurons, None),
    "pack": ((_pointer, _pointer, _size, _size, _size), _code),
    "convolve": (_convolution, None),
    "learn": ((_pointer, _pointer, _pointer, _pointer, _size), None),
}


class NoCompiledKernelError(Exception):
    """The kernels cannot be built or loaded here; the message says why."""


def is_in_memory(tensor: Tensor) -> bool:
    """Tell whether this is memory of a known layout; a subclass may only stand for a tensor."""
    return type(tensor) is Tensor and tensor.device.type == "cpu" and tensor.dtype in SUFFIX


def wants_native() -> bool:
    """Tell whether the kernels are to be used, building them if need be.

    Raises ``ValueError`` for an unknown SNNC_KERNEL, and ``RuntimeError`` where it asks for them and there
    are none.
    """
    choice = os.environ.get("SNNC_KERNEL") or "any"
    if choice not in ("any", "torch", "cpp"):
        raise ValueError(f"SNNC_KERNEL is 'torch' or 'cpp'; got {choice!r}")
    if choice == "torch":
        return False
    library, reason = native_library()
    if library is None and choice == "cpp":
        raise RuntimeError(f"SNNC_KERNEL=cpp asks for the compiled kernel, but {reason}")
    return library is not None


@cache
def native_library() -> tuple[ctypes.CDLL | None, str]:
    """Return the library and its path, or None and why there is none; asked once a process."""
    try:
        path = _built()
        library = ctypes.CDLL(str(path))
    except (NoCompiledKernelError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        return None, str(error).strip() or type(error).__name__
    for name, (takes, gives) in FUNCTIONS.items():
        for suffix in SUFFIX.values():
            function = getattr(library, f"{name}_{suffix}")
            function.argtypes, function.restype = takes, gives
    _share_threads(library)
    return library, str(path)


def _share_threads(library: ctypes.CDLL) -> None:
    """Let the kernels run in the threads of torch where it has loaded the OpenMP of GNU."""
    start = getattr(ctypes.CDLL(None), "GOMP_parallel", None)
    if start is not None:
        library.use_pool.argtypes, library.use_pool.restype = (_pointer,), None
        library.use_pool(ctypes.cast(start, _pointer))


def _built() -> Path:
    """Return the path of the library, built unless an earlier run did it."""
    command = [*_compiler(), *FLAGS, *SHARED]
    path = _cache_folder() / f"snnc-{_fingerprint(command)}.so"
    if not path.exists():
        _build(command, path)
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


def _fingerprint(command: list[str]) -> str:
    version = _output([command[0], "--version"])
    texts = (Path(__file__).with_name(name).read_text() for name in (*SOURCES, *HEADERS))
    parts = (*texts, shlex.join(command), version, platform.machine(), _processor())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _processor() -> str:
    """Return what -march=native depends on: the features of the processor, where they are told."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())


def _build(command: list[str], path: Path) -> None:
    """Build to a name of its own, then rename, so that no process loads half a library."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(handle)
    try:
        sources = [str(Path(__file__).with_name(name)) for name in SOURCES]
        _output([*command, *sources, "-o", temporary])
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _output(command: list[str]) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)  # noqa: S603 - the user's own compiler
    if run.returncode:
        raise NoCompiledKernelError(f"{command[0]} failed: {run.stderr.strip()[:500]}")
    return run.stdout
