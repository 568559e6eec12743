"""Patients and courses are found from a checkout and from an installed wheel, in a clean environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from simtrainer.core.resource import resource_path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("meshes", "curricula")
TRACKED = ("simtrainer", "pyproject.toml", "README.md", "LICENSE", "tools/wheel_data.py", *KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkout_finds_its_own_folder(kind: str) -> None:
    if not (ROOT / kind).is_dir():
        pytest.skip(f"{kind}/ is not filled yet")
    assert resource_path(kind) == ROOT / kind


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy without network, so that the checkout stays as it is."""
    copy = tmp_path_factory.mktemp("checkout") / "simtrainer"
    copy.mkdir()
    (copy / "tools").mkdir()
    for name in TRACKED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name)
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, copy / name)
    for kind in KINDS:
        (copy / kind / "of_the_test").mkdir(parents=True)
        (copy / kind / "of_the_test" / "probe.yaml").write_text(f"kind: {kind}\n", encoding="utf-8")
    out = copy.parent / "out"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc") or "tests/" in name]
    assert {name.split("/")[0] for name in names} == {"simtrainer", names[-1].split("/")[0]}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "simtrainer").rglob("*.py")}
    assert sources <= set(names)
    for kind in KINDS:
        assert f"simtrainer/_data/{kind}/of_the_test/probe.yaml" in names
    proofs = {f"simtrainer/_data/curricula/{path.name}" for path in (ROOT / "curricula").glob("*.proof.json")}
    assert proofs <= set(names)


@pytest.mark.slow
def test_an_editable_install_copies_no_patient_and_needs_none(wheel: Path, tmp_path: Path) -> None:
    checkout = wheel.parent.parent / "simtrainer"
    hidden = [(checkout / kind).rename(tmp_path / kind) for kind in KINDS]
    code = f"import hatchling.build as b; b.build_editable({str(tmp_path)!r})"
    try:
        subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True, capture_output=True, timeout=300)
    finally:
        for path in hidden:
            path.rename(checkout / path.name)
    (built,) = tmp_path.glob("*.whl")
    assert not [name for name in zipfile.ZipFile(built).namelist() if "_data" in name]


@pytest.mark.slow
def test_an_installed_wheel_finds_its_patients_and_courses(wheel: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    subprocess.run([sys.executable, "-m", "venv", str(clean)], check=True, timeout=300)
    python = clean / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    script = clean / ("Scripts/simtrainer.exe" if os.name == "nt" else "bin/simtrainer")
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PIP_USER", "PIP_TARGET"}}
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, env=env, timeout=300)
    site = next(path for path in clean.rglob("site-packages") if path.is_dir())
    (site / "zz_dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    code = (
        "import simtrainer\n"
        "from simtrainer.core.resource import resource_path\n"
        "print(simtrainer.__file__)\n"
        f"for kind in {KINDS}: print(resource_path(kind) / 'of_the_test' / 'probe.yaml')\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [str(python), "-c", code], cwd=elsewhere, env=env, capture_output=True, text=True, check=True, timeout=300
    )
    origin, *found = done.stdout.splitlines()
    assert Path(origin).is_relative_to(site)
    assert [Path(line).read_text(encoding="utf-8").strip() for line in found] == [f"kind: {kind}" for kind in KINDS]
    assert all(Path(line).is_relative_to(site) for line in found)
    listed = subprocess.run(
        [str(script), "list", "--json"],
        cwd=elsewhere,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
