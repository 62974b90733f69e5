"""The files around the code agree with each other: packages, versions, commands, links, licences."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import course
import utils
from bootstrap import interpreter
from bootstrap.__main__ import COMMANDS as BOOTSTRAPS
from course.__main__ import parser
from course.building.build import repository
from course.building.chapter import read_chapters
from course.doctor import examine
from course.harness.changed_chapters import EVERYTHING, SINCE

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in PROJECT["optional-dependencies"].items()
}
ALL = RUNTIME + [requirement for lines in EXTRAS.values() for requirement in lines]
posix = pytest.mark.skipif(os.name == "nt", reason="make and bash")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pinned() -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in text("requirements.txt").splitlines())
    return [Requirement(line) for line in lines if line]


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


# --- packages --------------------------------------------------------------------------------------------------------


def test_requirements_are_exact_and_each_is_there_once():
    for requirement in pinned():
        (specifier,) = requirement.specifier
        assert specifier.operator == "==" and "*" not in specifier.version, requirement
    assert len(pinned()) == len(names(pinned()))


def test_what_is_declared_is_pinned_and_nothing_else():
    assert names(pinned()) == names(ALL)


@pytest.mark.parametrize("requirement", ALL, ids=str)
def test_the_pin_lies_in_the_range(requirement):
    (pin,) = [
        one
        for one in pinned()
        if canonicalize_name(one.name) == canonicalize_name(requirement.name)
    ]
    (version,) = [one.version for one in pin.specifier]
    assert requirement.specifier.contains(version), f"{pin} does not satisfy {requirement}"


@pytest.mark.parametrize("requirement", RUNTIME, ids=str)
def test_the_runtime_has_lower_bounds_only_so_that_colab_keeps_its_versions(requirement):
    assert {specifier.operator for specifier in requirement.specifier} <= {">="}
    assert len(requirement.specifier) <= 1 and requirement.marker is None and not requirement.extras


def test_transformers_and_bertviz_are_extras():
    assert not names(RUNTIME) & {"transformers", "bertviz"}
    assert {"transformers", "bertviz"} <= names(EXTRAS["bertviz"])


def test_the_doctor_reads_the_same_versions_as_pip():
    assert {
        canonicalize_name(name): version
        for name, version in examine.pins(ROOT / "requirements.txt").items()
    } == {canonicalize_name(one.name): next(iter(one.specifier)).version for one in pinned()}
    bounds = examine.lower_bounds(PROJECT["dependencies"])
    assert bounds == {one.name: next((s.version for s in one.specifier), "") for one in RUNTIME}


def imported(folder: str) -> set[str]:
    """The top-level modules that the Python files below `folder` import, wherever in the file."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.split(".")[0])
    own = {path.stem for path in (ROOT / "tests").rglob("*.py")} | {
        "utils",
        "course",
        "bootstrap",
        "tests",
    }
    return found - set(sys.stdlib_module_names) - own


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("utils", ["bertviz"]),
        ("course", ["lab", "author", "site"]),
        ("tests", list(EXTRAS)),
        ("bootstrap", []),
    ],
)
def test_every_import_is_a_declared_dependency(folder, extras):
    packages = metadata.packages_distributions()
    # Every virtual environment comes with pip, and Colab with packages of its own.
    modules = imported(folder) - {"pip", "google"}
    used = {
        module: {canonicalize_name(name) for name in packages.get(module, [module])}
        for module in modules
    }
    declared = names(RUNTIME) | {name for extra in extras for name in names(EXTRAS[extra])}
    assert not {module for module, owners in used.items() if not owners & declared}
    assert folder != "bootstrap" or not modules


def test_lessons_do_not_load_what_is_an_extra():
    names = "import sys\nfrom utils import *\nfrom course import *\n"
    look = f"{names}print(*sorted({{'transformers', 'bertviz'}} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


@pytest.mark.parametrize(
    "module", ["course.__main__", "course.doctor.examine", "utils.assets.cache"]
)
def test_what_has_to_work_without_torch_does_not_import_it(module):
    look = (
        f"import sys, {module}; print(*sorted({{'torch', 'numpy', 'IPython'}} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("package", [course, utils], ids=lambda package: package.__name__)
def test_a_package_knows_its_public_names_and_no_others(package):
    assert sorted(package._HOMES) == package.__all__
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    with pytest.raises(ImportError, match="nothing_of_ours"):
        exec(f"from {package.__name__} import nothing_of_ours")


# --- Pythons ---------------------------------------------------------------------------------------------------------


def test_the_tested_pythons_are_the_same_everywhere():
    tested = examine.tested_pythons(PROJECT["classifiers"])
    assert tested == interpreter.tested_versions() and len(tested) >= 3
    assert all(
        f"{major}.{minor}.0" in SpecifierSet(PROJECT["requires-python"]) for major, minor in tested
    )
    first, last = (".".join(map(str, version)) for version in (tested[0], tested[-1]))
    assert re.search(
        rf"Python {re.escape(first)}.* or {re.escape(last)} and `make`", text("README.md")
    )


def test_conda_installs_the_same_file():
    environment = yaml.safe_load(text("environment.yml"))
    (python,) = [
        line
        for line in environment["dependencies"]
        if isinstance(line, str) and line.startswith("python")
    ]
    version = tuple(map(int, python.removeprefix("python=").split(".")))
    assert version in interpreter.tested_versions()
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert [line for line in pip if not line.startswith("--")] == ["-r requirements.txt", "-e ."]
    assert {line for line in environment["dependencies"] if isinstance(line, str)} == {
        python,
        "pip",
    }


def test_the_set_up_starts_on_an_old_python():
    for path in (ROOT / "bootstrap").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
        assert any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        ) or (path.name == "__init__.py")


# --- commands --------------------------------------------------------------------------------------------------------


def targets() -> set[str]:
    return set(re.search(r"^TARGETS = (.*)$", text("Makefile"), re.MULTILINE)[1].split())


def test_make_offers_the_commands_of_the_course():
    run = subprocess.run(
        [sys.executable, "-m", "course", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    commands = set(re.findall(r"^    (\w+)  ", run.stdout, re.MULTILINE))
    assert commands == {
        "doctor",
        "fetch",
        "build",
        "ledger",
        "pack",
        "grade",
        "teacher",
        "test",
        "colab",
        "site",
        "bench",
        "gpu",
        "format",
        "lab",
    }
    assert targets() == commands | {"setup"}
    assert set(re.findall(r"\w+", BOOTSTRAPS)) == commands | {"setup"}
    installed = shutil.which("glass-box", path=str(Path(sys.executable).parent))
    run = subprocess.run([installed, "--help"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("usage: glass-box ")
    assert set(re.findall(r"^    (\w+)  ", run.stdout, re.MULTILINE)) == commands
    assert (
        set(
            re.findall(
                r"^(?:\w+=\S+ )?make (\w+)", text("README.md") + text("CONTRIBUTING.md"), re.M
            )
        )
        <= targets()
    )


@posix
@pytest.mark.skipif(not shutil.which("make"), reason="make")
def test_make_passes_arguments_on():
    command = ["make", "--dry-run", "lab", "ARGS=--no-browser --port 9999"]
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE")
    }  # `make test` is running
    run = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    assert run.stdout.strip().endswith("-m bootstrap lab --no-browser --port 9999")


@posix
@pytest.mark.skipif(not shutil.which("make"), reason="make")
def test_make_without_any_python_says_so_in_a_sentence(tmp_path):
    for tool in ("make", "sh"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    run = subprocess.run(
        ["make", "lab"], cwd=ROOT, capture_output=True, text=True, env={"PATH": str(tmp_path)}
    )
    assert run.returncode != 0
    assert "No Python 3.7 or newer starts here: install Python 3.12" in run.stderr


@posix
@pytest.mark.parametrize("code", [0, 7])
def test_ci_calls_make_and_passes_its_exit_code_on(tmp_path, code):
    (tmp_path / "make").write_text(f'#!/bin/sh\necho "$@"\nexit {code}\n', encoding="utf-8")
    (tmp_path / "make").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", ".ci/run"], cwd=ROOT, capture_output=True, text=True, env={"PATH": path}
    )
    assert run.returncode == code
    assert run.stdout.split() == (["test"] if code else ["test", "colab", "ARGS=--changed"])
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_workflow_tests_what_it_should():
    workflow = yaml.safe_load(text(".github/workflows/test.yml"))
    assert {"push", "pull_request", "schedule"} <= set(
        workflow[True]
    )  # YAML reads the key `on` as true
    jobs = workflow["jobs"]
    assert "make test" in [step.get("run") for step in jobs["all"]["steps"]]
    assert set(jobs["chapter-01"]["strategy"]["matrix"]["os"]) == {"windows-latest", "macos-latest"}
    tested = {".".join(map(str, version)) for version in interpreter.tested_versions()}
    for job in (job for job in jobs.values() if "strategy" in job):
        pythons = job["strategy"]["matrix"]["python"]
        assert set(pythons) <= tested and {min(tested), max(tested)} <= set(pythons)


def test_on_mondays_everything_runs_at_length():
    workflow = yaml.safe_load(text(".github/workflows/test.yml"))
    assert workflow[True]["schedule"][0]["cron"].endswith(" 1")
    assert set(workflow["env"]) == {SINCE, EVERYTHING}
    assert workflow["env"][EVERYTHING] == "${{ github.event_name == 'schedule' && '1' || '' }}"
    assert (
        workflow["env"][SINCE] == "${{ github.event.pull_request.base.sha || github.event.before }}"
    )
    for name, command in (("all", "make test"), ("colab", "make colab ARGS=--changed")):
        steps = workflow["jobs"][name]["steps"]
        assert steps[0]["with"]["fetch-depth"] == 0 and steps[-1]["run"] == command


def test_the_site_goes_out_from_main_only_and_after_the_tests():
    job = yaml.safe_load(text(".github/workflows/test.yml"))["jobs"]["site"]
    when = "github.event_name != 'pull_request' && github.ref == 'refs/heads/main'"
    assert job["needs"] == "all" and job["if"] == when
    assert job["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in job["steps"]]
    assert steps[-3:] == ["make site", "actions/upload-pages-artifact", "actions/deploy-pages"]
    assert job["steps"][-2]["with"]["path"] == "build/site"


def test_the_issue_form_asks_for_what_the_doctor_says():
    form = yaml.safe_load(text(".github/ISSUE_TEMPLATE/problem.yml"))
    fields = {field["id"]: field for field in form["body"]}
    assert "python -m course doctor" in fields["doctor"]["attributes"]["description"]
    assert all(fields[name]["validations"]["required"] for name in ("doctor", "place"))


# --- README ----------------------------------------------------------------------------------------------------------


def chapter_rows() -> list[str]:
    """The lines of the README's table, as the chapters give them."""
    address = repository(ROOT).replace(
        "https://github.com", "https://colab.research.google.com/github"
    )
    badge = "[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    return [
        f"| {chapter.slug[:2]} | [{chapter.title}](notebooks/{chapter.slug}.ipynb) | "
        f"{chapter.minutes} | "
        f"{badge}({address}/blob/main/notebooks/{chapter.slug}.ipynb) |"
        for chapter in read_chapters(ROOT / "course" / "chapters")
    ]


def test_the_readme_lists_exactly_the_chapters_that_exist():
    rows = [line for line in text("README.md").splitlines() if re.match(r"\| \d\d \|", line)]
    assert chapter_rows() and rows == chapter_rows()


def test_every_badge_opens_a_notebook_that_exists_from_the_one_address():
    """In the README and in every notebook: only pyproject.toml says where the project lives."""
    address = PROJECT["urls"]["Repository"].replace(
        "https://github.com", "https://colab.research.google.com/github"
    )
    notebooks = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    for path in [ROOT / "README.md", *notebooks]:
        links = re.findall(
            r"https://colab\.research\.google\.com/github/[^)\s\"]+",
            path.read_text(encoding="utf-8"),
        )
        targets = [link.removeprefix(f"{address}/blob/main/") for link in links]
        assert targets == (
            [f"notebooks/{one.name}" for one in (notebooks if path.suffix == ".md" else [path])]
        )


def test_binder_opens_the_one_address():
    (link,) = re.findall(r"https://mybinder\.org/v2/gh/[^)\s]+", text("README.md"))
    owner = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    assert link == f"https://mybinder.org/v2/gh/{owner}/main?urlpath=lab/tree/notebooks"
    assert {"notebooks", "environment.yml"} <= {path.name for path in ROOT.iterdir()}


def test_the_container_sets_up_what_the_course_needs_with_a_python_that_is_tested():
    container = json.loads(text(".devcontainer/devcontainer.json"))
    python = container["image"].rpartition(":")[2]
    assert f"Programming Language :: Python :: {python}" in PROJECT["classifiers"]
    make, fetch = container["postCreateCommand"].split(" && ")
    assert make.split()[0] == "make" and make.split()[1] in targets()
    assert parser().parse_args(fetch.split(" -m course ")[1].split()).command.__name__ == "fetch"
    interpreter = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)]+)\)", text(name))
    for link in links:
        if not link.startswith("https://"):
            assert (ROOT / link.partition("#")[0]).exists(), link
        elif link.startswith("https://github.com/"):
            assert link.startswith(PROJECT["urls"]["Repository"] + "/"), link


def test_the_readme_is_short():
    assert len([line for line in text("README.md").splitlines() if not line.startswith("|")]) <= 115


# --- licences --------------------------------------------------------------------------------------------------------


def test_the_licence_texts_are_whole():
    assert text("LICENSE").startswith("MIT License\n") and text("LICENSE").endswith(
        "DEALINGS IN THE\nSOFTWARE.\n"
    )
    lessons = text("LICENSE-lessons")
    assert lessons.startswith("Attribution 4.0 International\n")
    # The plain text of CC BY 4.0 as its publisher gives it out, word for word.
    digest = hashlib.sha256(lessons.encode()).hexdigest()
    assert digest == "fd3a263fe19ed8faa9068b43abaebafc02c77897b0c6fc09abc04bb592e5f16e"
    assert set(PROJECT["license-files"]) == {"LICENSE", "LICENSE-lessons"}
    assert PROJECT["license"] == "MIT AND CC-BY-4.0"
