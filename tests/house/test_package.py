"""The wheel, the sdist and the wheel made from the sdist carry the data, and only as data."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = {"snnc/_grammar/topology.lark", "snnc/_specs/vgg11x2.spec", "snnc/py.typed"}


def build(tree: Path, target: str, into: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unpacked sdist."""
    archive = build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))
    unpacked = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(archive, unpacked, filter="data")
    (tree,) = unpacked.iterdir()
    return tree


@pytest.fixture(scope="module", params=["checkout", "sdist"])
def wheel(request: pytest.FixtureRequest, sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = ROOT if request.param == "checkout" else sdist
    return build(tree, "wheel", tmp_path_factory.mktemp("wheel"))


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def checkout_files() -> set[str]:
    """Return the package's files as a wheel names them: modules, and data beside them."""
    files = [
        path for path in (ROOT / "snnc").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    return {str(path.relative_to(ROOT)) for path in files}


def test_the_wheel_carries_the_package_and_its_data(wheel: Path):
    assert (checkout_files() | DATA) - contents(wheel) == set()


def test_the_wheel_carries_every_spec(wheel: Path):
    specs = {f"snnc/_specs/{path.relative_to(ROOT / 'specs')}" for path in (ROOT / "specs").rglob("*.*")}
    assert specs - contents(wheel) == set()


def test_the_wheels_data_folders_hold_no_python(wheel: Path):
    data = [file for file in contents(wheel) if file.startswith(("snnc/_grammar/", "snnc/_specs/"))]
    assert [file for file in data if file.endswith((".py", ".pyc"))] == []


def test_an_installed_wheel_finds_its_data(wheel: Path, tmp_path: Path):
    shutil.unpack_archive(wheel, tmp_path, "zip")
    question = "from snnc.source.data import data; print(data('grammar'), data('specs'), sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", question], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [str(tmp_path / "snnc" / "_grammar"), str(tmp_path / "snnc" / "_specs")]


def test_the_sdist_can_be_tested(sdist: Path):
    for part in ("Makefile", "constraints.txt", "grammar/topology.lark", "tests/conftest.py", ".ci/run"):
        assert (sdist / part).is_file()
