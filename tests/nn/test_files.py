"""Each file can be copied into a printed network: its imports stripped, its names its own."""

import ast
from collections import Counter
from pathlib import Path

import pytest

import snnc.nn

FOLDER = Path(snnc.nn.__file__).parent
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__init__.py")


def imports(path):
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_there_are_files():
    assert len(FILES) >= 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_imports_by_name_and_at_the_top(path):
    top = [ast.dump(node) for node in ast.parse(path.read_text()).body]
    for node in imports(path):
        assert ast.dump(node) in top
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module != "__future__"
            assert not (node.module.startswith("snnc") and any(alias.asname for alias in node.names))
            assert not node.module.startswith("snnc") or node.module.startswith("snnc.nn.")
        else:
            assert not any(alias.name.startswith("snnc") for alias in node.names)


def defined(path):
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def test_no_name_is_defined_twice():
    counts = Counter(name for path in FILES for name in defined(path))
    assert counts
    assert [name for name, count in counts.items() if count > 1] == []


def needed(path, seen):
    """The files that a file needs, each after those that it needs itself."""
    for node in imports(path):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("snnc.nn."):
            below = FOLDER / f"{node.module.rpartition('.')[2]}.py"
            if below not in seen:
                needed(below, seen)
    seen.append(path)
    return seen


def without_ours(path):
    """The statements of a file but its imports of the package."""
    for node in ast.parse(path.read_text()).body:
        if not (isinstance(node, ast.ImportFrom) and node.module.startswith("snnc.")):
            yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_files_run_when_joined(path, tmp_path):
    joined = "\n".join(ast.unparse(node) for file in needed(path, []) for node in without_ours(file))
    assert "snnc.nn." not in "\n".join(line for line in joined.splitlines() if "import" in line)
    names: dict[str, object] = {"__name__": "joined"}
    exec(compile(joined, "joined", "exec"), names)  # noqa: S102 - a printed network is source
    assert set(defined(path)) <= set(names)


def test_the_package_says_what_it_offers():
    assert (
        sorted(snnc.nn.__all__, key=lambda name: (name.upper() != name, name[0].islower(), name))
        == snnc.nn.__all__
    )
    assert all(hasattr(snnc.nn, name) for name in snnc.nn.__all__)
