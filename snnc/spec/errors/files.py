"""What can be wrong with a file, and with another spec that a ``use`` clause names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic


@dataclass(frozen=True)
class FileUnreadable(Diagnostic):
    """The file is no text that a spec can be.

    Allowed: UTF-8, with or without a byte order mark, up to 1 MiB.
    Not allowed: an image, UTF-16, 10 MB of text.
    """

    code: ClassVar[str] = "file-unreadable"
    title: ClassVar[str] = "this is no spec: {reason}"
    help: ClassVar[str] = "give a UTF-8 text of at most 1 MiB in the notation of docs/notation.md"

    reason: str


@dataclass(frozen=True)
class UseNotFound(Diagnostic):
    """The spec that a ``use`` clause names cannot be read.

    Allowed: ``use "convnn_72.spec" as ConvNN`` where that file stands beside this one.
    Not allowed: the same where it does not.
    """

    code: ClassVar[str] = "use-not-found"
    title: ClassVar[str] = "the spec to use cannot be read: {reason}"
    label: ClassVar[str] = "no such spec"
    help: ClassVar[str] = "the path is taken from the folder of the spec that says `use`"

    reason: str


@dataclass(frozen=True)
class UseOutside(Diagnostic):
    """A ``use`` clause leads out of the folder tree of the spec that is compiled.

    Allowed: ``use "blocks/convnn.spec" as ConvNN``.
    Not allowed: ``use "../other/convnn.spec" as ConvNN``, an absolute path, a link that leads outside.
    """

    code: ClassVar[str] = "use-outside"
    title: ClassVar[str] = "a spec may only use specs of its own folder tree"
    label: ClassVar[str] = "leads outside of it"
    help: ClassVar[str] = "copy the spec to use beside this one and name it by a relative path"


@dataclass(frozen=True)
class UseCycle(Diagnostic):
    """Specs use each other in a circle, or too deep a chain of them.

    Allowed: ``a.spec`` uses ``b.spec``.
    Not allowed: and ``b.spec`` uses ``a.spec``.
    """

    code: ClassVar[str] = "use-cycle"
    title: ClassVar[str] = "a spec cannot use itself, nor a chain of more than {depth} specs"
    label: ClassVar[str] = "comes back to a spec that is being read"
    help: ClassVar[str] = "write the layers out in one of the specs"

    depth: int
