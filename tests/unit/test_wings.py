"""The wings of the house: which folder may import which, what a folder is called, and that nothing
is left behind.
"""

import ast
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(
    face.parent for name in ("utils", "course") for face in (ROOT / name).rglob("__init__.py")
)


def module_of(path: Path) -> str:
    """The dotted name of a file; of an __init__.py that of its folder."""
    place = path.relative_to(ROOT).with_suffix("")
    return ".".join(place.parent.parts if place.name == "__init__" else place.parts)


MODULES = {
    module_of(path): path for name in ("utils", "course") for path in (ROOT / name).rglob("*.py")
}


def imported_by(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, wherever in the file, also those that only a type
    checker sees.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import: write it out"
            full = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (
                name if name in MODULES else node.module for name in full if node.module in MODULES
            )


def room_of(module: str, depth: int) -> str:
    """The folder in which a module lies, at most `depth` folders deep; a file that lies in no
    deeper one is its own.
    """
    return ".".join(module.split(".")[: depth + 1])


def arrows(depth: int, inside: str = "") -> dict[str, set[str]]:
    """For each room below `inside` the others there that it imports."""
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        if module.startswith(inside):
            others = {room_of(name, depth) for name in imported_by(path) if name.startswith(inside)}
            found.setdefault(room_of(module, depth), set()).update(others)
    return {room: others - {room} for room, others in found.items()}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A way along the arrows that ends where it began; empty if there is none."""
    done: set[str] = set()

    def walk(way: list[str]) -> list[str]:
        for room in sorted(graph.get(way[-1], ())):
            if room in way:
                return [*way[way.index(room) :], room]
            if room not in done and (found := walk([*way, room])):
                return found
        done.add(way[-1])
        return []

    return next(
        (found for room in sorted(graph) if room not in done and (found := walk([room]))), []
    )


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize(
    ("depth", "inside"),
    [(1, ""), (2, "course.grading."), (9, "")],
    ids=["rooms", "grading", "files"],
)
def test_no_arrows_run_in_a_circle(depth, inside):
    graph = arrows(depth, inside)
    assert sum(map(len, graph.values())) > 10
    assert circle(graph) == []


def test_arrows_go_from_course_to_utils_only():
    of_utils = [path for module, path in MODULES.items() if module.startswith("utils")]
    assert {name.partition(".")[0] for path in of_utils for name in imported_by(path)} == {"utils"}


def exported_by(face: Path) -> set[str]:
    """The names that a package's __init__.py offers: what it defines, imports, or looks up when
    asked.
    """
    tree = ast.parse(face.read_text(encoding="utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom | ast.Import)]
    found |= {alias.asname or alias.name for node in imports for alias in node.names}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Dict):
            found |= {one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)}
    return found


@pytest.mark.parametrize("package", PACKAGES, ids=module_of)
def test_a_package_exports_nothing_under_the_name_of_one_of_its_modules(package):
    modules = {
        path.stem
        for path in package.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert not exported_by(package / "__init__.py") & modules


@pytest.mark.parametrize("package", PACKAGES, ids=module_of)
def test_every_folder_of_code_says_what_it_is_about(package):
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))


def test_every_folder_of_code_is_a_package():
    folders = {path.parent for path in MODULES.values()}
    assert folders == set(PACKAGES)


def test_no_two_tests_have_one_name():
    """pytest imports a test by the name of its file alone."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert len(names) == len(set(names))


def test_no_test_imports_another_one():
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (
                isinstance(node, ast.ImportFrom) and (node.module or "").startswith("test_")
            ), path


def listed(*places: str) -> set[str]:
    """The files that belong to the project, below these places."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *places]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_the_installed_packages_carry_every_file_beside_the_code(tmp_path):
    """As `pip install .` into an empty environment does it: what a wheel has is what lies in the
    two folders.
    """
    pytest.importorskip("setuptools", minversion="77")
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    for name in listed(
        "utils", "course", "pyproject.toml", "README.md", "LICENSE", "LICENSE-lessons"
    ):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(wheels),
    ]
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if name.startswith(("utils/", "course/"))}
    assert carried == listed("utils", "course")
