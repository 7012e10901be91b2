"""Wheel, sdist and `pip install -e .` carry every file that is needed, and work."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_server

ROOT = Path(__file__).resolve().parents[2]
CARRIED = ("*.py", "*.sql", "*.txt", "*.typed", "*.j2", "README.md")

INVENTORY = """
import json, pathlib, sys
from mytrader_etl import __version__, deployment
from mytrader_etl.deployment import sources
deployment.up(sys.argv[1])
print(json.dumps({
    "version": __version__,
    "package": str(pathlib.Path(sources.__file__).parents[1]),
    "routines": {r.path: r.sha256 for r in sources.routines()},
    "migrations": {m.file_name: m.sha256 for m in sources.migrations()},
    "findings": [str(f) for f in deployment.verify(sys.argv[1])],
}))
"""


def carried_files() -> set[str]:
    """Return what a wheel has to hold, by its path in the wheel."""
    found = set()
    folders = {"driver": "", "procedures": "procedures", "migrations": "migrations"}
    for folder, prefix in folders.items():
        for pattern in CARRIED:
            for file in (ROOT / folder).rglob(pattern):
                found.add(str(Path("mytrader_etl", prefix, file.relative_to(ROOT / folder))))
    return found


def run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project, so that building leaves no traces in it."""
    target = tmp_path_factory.mktemp("project") / "mytrader-etl"
    ignored = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist")
    shutil.copytree(ROOT, target, ignore=ignored)
    return target


@pytest.fixture(scope="module")
def built(project: Path) -> Path:
    """Build the sdist, and the wheel from the sdist."""
    run(sys.executable, "-m", "build", "--no-isolation", ".", cwd=project)
    return project / "dist"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """Return the Python of a new environment that borrows all dependencies from this one."""
    folder = tmp_path / "env"
    venv.create(folder, with_pip=False)
    site = next((folder / "lib").glob("python*/site-packages"))
    # After the environment's own packages, and without this one's .pth files: an editable
    # installation of the project in this environment is not seen.
    ours = [p for p in sys.path if p.endswith("site-packages")]
    (site / "borrowed.pth").write_text("\n".join(ours) + "\n")
    return folder / "bin" / "python"


def inventory(python: Path, dsn: str, cwd: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(python, "-c", INVENTORY, dsn, cwd=cwd))
    return found


def expected(dsn: str) -> dict[str, object]:
    from mytrader_etl.deployment import sources

    return {
        "version": sources.LIBRARY_VERSION,
        "routines": {r.path: r.sha256 for r in sources.routines()},
        "migrations": {m.file_name: m.sha256 for m in sources.migrations()},
        "findings": [],
    }


def pip_install(python: Path, *what: str | Path, cwd: Path) -> None:
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--force-reinstall", "-q")
    run(python, "-m", "pip", "install", *options, *what, cwd=cwd)


def test_every_folder_with_python_is_a_package() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    named = set(config["options"]["packages"].split())
    folders = {"mytrader_etl", "mytrader_etl.procedures", "mytrader_etl.migrations"}
    folders |= {
        ".".join(("mytrader_etl", *file.parent.relative_to(ROOT / "driver").parts))
        for file in (ROOT / "driver").rglob("*.py")
    }
    assert named == folders


def test_wheel_holds_every_file(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("mytrader_etl/")}
        entry_points = next(n for n in archive.namelist() if n.endswith("entry_points.txt"))
        assert "mytrader-etl = mytrader_etl.cli:main" in archive.read(entry_points).decode()
    assert names == carried_files()


def test_sdist_holds_every_file(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    for folder in ("driver", "procedures", "migrations", "tests", "tools"):
        for pattern in CARRIED:
            files = {str(file.relative_to(ROOT)) for file in (ROOT / folder).rglob(pattern)}
            assert files <= names
    assert {"setup.cfg", "pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md"} <= names


def test_wheel_installs_and_deploys(
    built: Path, environment: Path, empty_dsn: str, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    pip_install(environment, wheel, cwd=tmp_path)
    found = inventory(environment, empty_dsn, tmp_path)
    assert Path(str(found.pop("package"))).is_relative_to(tmp_path / "env")
    assert found == expected(empty_dsn)


def test_editable_installs_and_deploys(
    project: Path, environment: Path, empty_dsn: str, tmp_path: Path
) -> None:
    pip_install(environment, "-e", project, cwd=tmp_path)
    found = inventory(environment, empty_dsn, tmp_path)
    assert found.pop("package") == str(project / "driver")
    assert found == expected(empty_dsn)
