"""Chapters become notebooks: the same bytes each time, stable ids, and one sentence for whatever is
wrong.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from course import colab
from course.building import build
from course.building.build import differences, main, notebook, repository
from course.building.chapter import ChapterError, read_chapter, read_chapters
from course.exercises import of_chapter

ADDRESS = "https://github.com/someone/glass-box"
CHAPTER = """\
---
title: Predicting the next token
mirrors:
  - Mathematical Guide > 1.1 Probabilistic Framework
  - "Advanced Concepts > Step 1: Forward Pass"
---
You will be able to read a distribution.

## The loop

```{code-cell}
x = 1
```

Words between.

```{code-cell} python
:tags: [nbval-check-output]
print("café")
```

+++

### Deeper

```text
no code
```

```{code-cell}
x = 1
```
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository with one chapter, which has no exercises."""
    monkeypatch.setattr("course.building.exercise_cells.of_chapter", lambda number: [])
    (tmp_path / "course/chapters").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nurls = {{ Repository = "{ADDRESS}" }}\n', encoding="utf-8"
    )
    put(tmp_path, CHAPTER)
    return tmp_path


def put(root, text, name="01_next_token.md"):
    path = root / "course/chapters" / name
    path.write_text(text, encoding="utf-8")
    return path


def cells(root, folder="notebooks", name="01_next_token"):
    return json.loads((root / folder / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


# What a notebook holds


def test_notebook_has_every_cell_in_order(root, capsys):
    assert main([], root) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.endswith("01_next_token.ipynb")] == [
        "built notebooks/01_next_token.ipynb",
        "built build/solved/01_next_token.ipynb",
    ]
    assert all((root / line.removeprefix("built ")).is_file() for line in said)
    kinds = [(cell["cell_type"], source(cell)) for cell in cells(root)]
    assert kinds[2:] == [
        ("code", "x = 1"),
        ("markdown", "Words between."),
        ("code", 'print("café")'),
        ("markdown", "### Deeper\n\n```text\nno code\n```"),
        ("code", "x = 1"),
    ]
    assert kinds[0][0] == "markdown" and kinds[1] == ("code", colab.CELL.format(repository=ADDRESS))
    assert cells(root)[4]["metadata"] == {"tags": ["nbval-check-output"]}


def test_first_cell_says_what_the_front_matter_says(root):
    main([], root)
    first = source(cells(root)[0])
    title = "# 01 · Predicting the next token\n\n"
    own = of_chapter("01")
    minutes = sum(one.minutes for one in own)
    how_long = f"About 5 minutes to read and run, and {minutes} for {len(own)} exercises."
    assert first.startswith(title + how_long)
    assert "You will be able to read a distribution.\n\n## The loop" in first
    assert first.endswith(
        "\n\n- Mathematical Guide > 1.1 Probabilistic Framework\n- Advanced Concepts > Step 1: "
        "Forward Pass"
        "\n\n</details>"
    )
    link = "https://colab.research.google.com/github/someone/glass-box/blob/main/notebooks/01_next_token.ipynb"
    assert f"]({link})" in first and "Save a copy" in first
    kaggle = "https://kaggle.com/kernels/welcome?src=https://github.com/someone/glass-box/blob/main/notebooks/01_next_token.ipynb"
    assert f"]({kaggle})" in first and "internet" in first


def test_notebook_is_clean_and_valid(root):
    main([], root)
    for folder in ("notebooks", "build/solved"):
        path = root / folder / "01_next_token.ipynb"
        data = path.read_bytes()
        found = nbformat.reads(data.decode("utf-8"), as_version=4)
        nbformat.validate(found)
        assert (found.nbformat, found.nbformat_minor) == (4, 5)
        assert found.metadata == {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        assert all(
            cell.outputs == [] and cell.execution_count is None
            for cell in found.cells
            if cell.cell_type == "code"
        )
        assert (
            data
            == (
                json.dumps(json.loads(data), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            ).encode()
        )


def test_the_same_chapter_gives_the_same_bytes(root, monkeypatch):
    chapter = read_chapter(root / "course/chapters/01_next_token.md")
    one, other = (notebook(chapter, ADDRESS, lambda cell: cell.source) for _ in range(2))
    assert one == other
    main([], root)
    assert (root / "notebooks/01_next_token.ipynb").read_bytes() == one


def test_windows_line_ends_change_nothing(root):
    main([], root)
    before = (root / "notebooks/01_next_token.ipynb").read_bytes()
    (root / "course/chapters/01_next_token.md").write_bytes(CHAPTER.replace("\n", "\r\n").encode())
    assert main(["--check"], root) == 0 and before


def test_ids_are_unique_valid_and_the_same_in_both_builds(root):
    main([], root)
    ids = [cell["id"] for cell in cells(root)]
    assert len(set(ids)) == len(ids) == 7
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", id) for id in ids)
    assert ids == [cell["id"] for cell in cells(root, "build/solved")]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Words between.", "Other words.", {3}),
        ('print("café")', "print(2)", {4}),
        ("You will be able", "You will know how", {0}),
        ("title: Predicting", "title: Guessing", set()),
        ("```text\nno code", "```text\nnone", {5}),
    ],
)
def test_editing_a_cell_changes_no_other_id(root, old, new, changed):
    main([], root)
    before = [cell["id"] for cell in cells(root)]
    put(root, CHAPTER.replace(old, new))
    main([], root)
    after = [cell["id"] for cell in cells(root)]
    assert {i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b} == changed


def test_inserting_a_cell_keeps_all_other_ids(root):
    main([], root)
    before = [cell["id"] for cell in cells(root)]
    put(
        root,
        CHAPTER.replace("Words between.", "Words.\n\n```{code-cell}\ny = 2\n```\n\nWords between."),
    )
    main([], root)
    after = [cell["id"] for cell in cells(root)]
    assert [id for id in after if id in before] == before and len(after) == len(before) + 2


def test_two_chapters_share_no_id(root):
    put(root, CHAPTER, "02_again.md")
    main([], root)
    assert not {cell["id"] for cell in cells(root)} & {
        cell["id"] for cell in cells(root, name="02_again")
    }


def test_builds_may_fill_a_cell_differently(root, monkeypatch):
    shout = {
        build.LEARNER: lambda cell: cell.source,
        build.SOLVED: lambda cell: cell.source.upper(),
    }
    monkeypatch.setattr(build, "BUILDS", shout)
    main([], root)
    assert source(cells(root)[2]) == "x = 1" and source(cells(root, "build/solved")[2]) == "X = 1"
    assert [cell["id"] for cell in cells(root)] == [
        cell["id"] for cell in cells(root, "build/solved")
    ]


# Comparing, writing


def test_check_is_content_after_a_build(root, capsys):
    main([], root)
    capsys.readouterr()
    assert main(["--check"], root) == 0
    assert capsys.readouterr() == ("", "")


def test_check_names_each_difference_and_writes_nothing(root, capsys):
    put(root, CHAPTER, "02_missing.md")
    put(root, CHAPTER, "03_edited.md")
    main([], root)
    (root / "notebooks/02_missing.ipynb").unlink()
    (root / "notebooks/03_edited.ipynb").write_bytes(
        (root / "notebooks/03_edited.ipynb").read_bytes() + b"\n"
    )
    (root / "notebooks/04_removed.ipynb").write_text("{}", encoding="utf-8")
    (root / "notebooks/My notes.ipynb").write_text("{}", encoding="utf-8")
    before = {path: path.read_bytes() for path in root.rglob("*.ipynb")}
    capsys.readouterr()
    assert main(["--check"], root) == 1
    assert (
        capsys.readouterr().err.splitlines()
        == differences(root)
        == [
            "notebooks/04_removed.ipynb has no chapter any more; delete it",
            "notebooks/02_missing.ipynb is missing; run python -m course build",
            "notebooks/03_edited.ipynb is not what its chapter gives; edit the chapter and run "
            "python -m course build",
        ]
    )
    assert before == {path: path.read_bytes() for path in root.rglob("*.ipynb")}


def test_build_writes_only_what_changed(root, capsys):
    put(root, CHAPTER, "02_other.md")
    main([], root)
    stamp = (root / "notebooks/02_other.ipynb").stat().st_mtime_ns
    put(root, CHAPTER.replace("Words between", "Words there"))
    capsys.readouterr()
    main([], root)
    assert "01_next_token" in (out := capsys.readouterr().out) and "02_other" not in out
    assert (root / "notebooks/02_other.ipynb").stat().st_mtime_ns == stamp


def test_build_clears_solved_but_deletes_nothing_of_a_learner(root):
    main([], root)
    os.rename(root / "course/chapters/01_next_token.md", root / "course/chapters/01_renamed.md")
    main([], root)
    assert not (root / "build/solved/01_next_token.ipynb").exists()
    assert (root / "notebooks/01_next_token.ipynb").exists() and main(["--check"], root) == 1


@pytest.mark.parametrize("argv", [[], ["--check"]])
def test_a_malformed_chapter_writes_nothing(root, capsys, argv):
    put(root, "no front matter", "02_bad.md")
    assert main(argv, root) == 1
    assert capsys.readouterr().err.startswith(
        "02_bad.md:1: the chapter must start with its front matter"
    )
    assert not list(root.rglob("*.ipynb"))


# The address


@pytest.mark.parametrize(
    "urls", ["", 'urls = {Home = "x"}', 'urls = {Repository = "https://example.org/a/b"}']
)
def test_address_must_be_on_github(root, capsys, urls):
    (root / "pyproject.toml").write_text(f"[project]\n{urls}\n", encoding="utf-8")
    assert main([], root) == 1
    assert "https://github.com/owner/name" in capsys.readouterr().err


def test_no_pyproject_is_a_sentence(root, capsys):
    (root / "pyproject.toml").unlink()
    assert main([], root) == 1
    assert "clone of the repository" in capsys.readouterr().err


def test_trailing_slash_of_the_address_is_dropped(root):
    (root / "pyproject.toml").write_text(
        f'[project]\nurls = {{ Repository = "{ADDRESS}/" }}\n', encoding="utf-8"
    )
    assert repository(root) == ADDRESS


# Malformed chapters: what is replaced in CHAPTER, and the sentence with its line

HEAD_OF_FILE = CHAPTER[: CHAPTER.index("You will")]
MALFORMED = [
    (CHAPTER, "no front matter\n", 1, "must start with its front matter"),
    ("---\ntitle", "title", 1, "must start with its front matter"),
    ("title: Predicting the next token\n", "", 1, "needs some text as 'title'"),
    ("title: Predicting the next token", "title:", 2, "needs some text as 'title'"),
    ("title: Predicting the next token", "title: 2.5", 2, "needs some text as 'title'"),
    ("title: Predicting", "titel: Predicting", 2, "knows no 'titel'"),
    ("title: Predicting", "title: Predicting: the", 2, "is no YAML"),
    ("mirrors:\n", "mirrors: []\nother:\n", 4, "knows no 'other'"),
    ("Mathematical Guide >", "Maths >", 3, "mirrors has 'Maths > 1.1"),
    ("Mathematical Guide > 1.1", "Mathematical Guide, 1.1", 3, "write a document, >, its section"),
    (
        '"Advanced Concepts > Step 1: Forward Pass"',
        "Advanced Concepts > Step 1: Forward Pass",
        3,
        "in quotation marks",
    ),
    (HEAD_OF_FILE, "---\n- a\n- b\n---\n", 1, "needs lines like"),
    ("## The loop", "# The loop", 9, "the title comes from the front matter"),
    ("## The loop", "The loop\n===", 9, "the title comes from the front matter"),
    ("## The loop", "### The loop", 9, "a heading of level 3 follows one of level 1"),
    ("### Deeper", "#### Deeper", 24, "a heading of level 4 follows one of level 2"),
    ("```text\nno code", "```python\nno code", 26, "shown but never run"),
    ("```text\nno code", "```py\nno code", 26, "shown but never run"),
    ("```text\nno code", "```{note}\nno code", 26, "cannot show the directive {note}"),
    ("```text\nno code", "```{code_cell}\nno code", 26, "cannot show the directive {code_cell}"),
    ("Words between.", "- a\n\n  ```{code-cell}\n  y = 1\n  ```", 17, "inside a list"),
    ("Words between.", "> ```{code-cell}\n> y = 1\n> ```", 15, "inside a list or a quotation"),
    ("x = 1\n```\n", "x = 1\n", 11, "never closed"),
    (
        "[nbval-check-output]",
        "[nbval-check-outptu]",
        18,
        "no cell has the tag 'nbval-check-outptu'",
    ),
    (":tags: [nbval-check-output]", ":tag: [nbval-check-output]", 18, "a cell takes only :tags:"),
    (":tags: [nbval-check-output]", ":tags: [a: b: c", 17, "no YAML"),
    ("You will", "```{code-cell}\ny = 0\n```\n\nYou will", 8, "starts with text"),
    (CHAPTER[len(HEAD_OF_FILE) :], "", 1, "starts with text"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"), MALFORMED, ids=lambda value: str(value)[:30]
)
def test_malformed_chapter(root, old, new, line, sentence):
    assert old in CHAPTER
    with pytest.raises(ChapterError) as caught:
        read_chapter(put(root, CHAPTER.replace(old, new, 1)))
    words = str(caught.value)
    assert (
        words.startswith(f"01_next_token.md:{line}: ") and sentence in words and "\n" not in words
    )


@pytest.mark.parametrize(
    "name", ["1_next.md", "next.md", "01-next.md", "01_Next.md", "01_.md", "01_next token.md"]
)
def test_wrong_file_name(root, name):
    with pytest.raises(ChapterError, match=r"named like 01_next_token\.md"):
        read_chapter(put(root, CHAPTER, name))


def test_a_number_given_twice(root):
    put(root, CHAPTER, "01_other.md")
    with pytest.raises(
        ChapterError, match=r"01_other.md:1: chapter 01 is there already: 01_next_token.md"
    ):
        read_chapters(root / "course/chapters")


def test_a_file_in_another_encoding(root):
    path = put(root, "")
    path.write_bytes(CHAPTER.encode("latin-1"))
    with pytest.raises(ChapterError, match=r"01_next_token.md:19: the file is not in UTF-8"):
        read_chapter(path)


def test_what_jupyterlab_adds_when_a_chapter_is_edited_there_is_ignored(root):
    added = "kernelspec:\n  name: python3\njupytext:\n  text_representation:\n    extension: .md\n---\nYou will"
    main([], root)
    put(root, CHAPTER.replace("---\nYou will", added))
    assert main(["--check"], root) == 0


def test_lines_of_cells_are_those_of_the_file(root):
    lines = CHAPTER.splitlines()
    for cell in read_chapter(root / "course/chapters/01_next_token.md").cells:
        first = cell.source.splitlines()[0]
        assert lines[cell.line - 1] == first


# The set-up cell


@pytest.fixture
def shell():
    """Runs the set-up cell and returns the pip commands that it gave."""

    def run(modules, environment=None):
        commands = []

        class IPython:
            def run_line_magic(self, name, line):
                commands.append((name, line))

        code = TransformerManager().transform_cell(colab.CELL.format(repository=ADDRESS))
        exec(
            code.replace("import os\nimport sys", "", 1),
            {
                "get_ipython": IPython,
                "os": SimpleNamespace(environ=environment or {}),
                "sys": SimpleNamespace(modules=modules),
            },
        )
        return commands

    return run


def test_set_up_cell_does_nothing_outside_colab_and_kaggle(shell, monkeypatch):
    monkeypatch.setattr(colab, "set_up", lambda: pytest.fail("set up elsewhere"))
    assert shell({}, {"HOME": "/root"}) == []


@pytest.mark.parametrize(
    ("modules", "environment"),
    [({"google.colab": None}, {}), ({}, {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"})],
)
def test_set_up_cell_installs_only_the_course_on_colab_and_kaggle(
    shell, monkeypatch, modules, environment
):
    called = []
    monkeypatch.setattr(colab, "set_up", lambda: called.append(True))
    pip = [("pip", f'install -q --no-deps "git+{ADDRESS}"')]
    assert shell(modules, environment) == pip
    assert called == [True]


def test_missing_finds_what_is_not_installed_in_any_version():
    wanted = [
        "numpy>=999",
        "IPython",
        "no-such-package>=1",
        'other-one; extra == "x"',
        'third; python_version < "3"',
    ]
    assert colab.missing(wanted) == ["no-such-package>=1"]


def wheel(folder, name, version="1.0", requires=()):
    """A package with one module, as pip takes it."""
    info = f"{name}-{version}.dist-info"
    facts = "".join(f"Requires-Dist: {one}\n" for one in requires)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", "")
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{facts}"
        )
        file.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def wheelhouse(tmp_path, monkeypatch):
    """A folder that is pip's only source, and another into which it installs."""
    source, target = tmp_path / "wheels", tmp_path / "installed"
    source.mkdir()
    options = {
        "NO_INDEX": "1",
        "FIND_LINKS": str(source),
        "TARGET": str(target),
        "DISABLE_PIP_VERSION_CHECK": "1",
    }
    for name, value in (options | {"CONFIG_FILE": os.devnull}).items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return source, target


def test_install_adds_a_package(wheelhouse):
    source, target = wheelhouse
    wheel(source, "gladly")
    colab.install(["gladly>=1"])
    assert (target / "gladly.py").is_file()


def test_install_never_changes_what_is_there(wheelhouse):
    source, target = wheelhouse
    wheel(source, "greedy", requires=["nbformat==99.0"])
    wheel(source, "nbformat", "99.0")
    with pytest.raises(
        RuntimeError,
        match=r"greedy could not be installed beside what is there .*run this cell again",
    ):
        colab.install(["greedy"])
    assert not (target / "greedy.py").exists() and not (target / "nbformat.py").exists()


@pytest.mark.parametrize(
    ("kaggle", "words"), [(False, "Save a copy in Drive"), (True, "Save Version")]
)
def test_set_up_installs_what_lacks_and_says_how_to_keep_work(monkeypatch, capsys, kaggle, words):
    installed = []
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    if kaggle:
        monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    monkeypatch.setattr(
        colab.metadata,
        "requires",
        lambda name: ["numpy", "no-such-package"] if name == "glass-box" else None,
    )
    monkeypatch.setattr(colab, "ALONE", ["no-such-scripts", "pytest"])
    monkeypatch.setattr(colab, "install", lambda *what: installed.append(what))
    colab.set_up()
    assert installed == [(["no-such-package"],), (["no-such-scripts"], "--no-deps")]
    assert words in capsys.readouterr().out


def test_the_course_can_be_set_up_before_its_libraries_are_there():
    """On Colab some of them are missing at first. After the set-up everything can be imported."""
    look = """
import sys, types
sys.modules["google.colab"], sys.modules["jaxtyping"] = types.ModuleType("colab"), None
from course import colab
del sys.modules["jaxtyping"]  # as if it had been installed now
colab.install = lambda *what: None
colab.set_up()
from course import check, hint, progress, solution
from utils import load
print(callable(check) and callable(progress) and callable(load))
"""
    root = Path(build.__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", look], cwd=root, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1:] == ["True"], run.stderr
    early = look.replace(
        "from course import colab\n", "from course import colab\nfrom utils import load\n"
    )
    run = subprocess.run([sys.executable, "-c", early], cwd=root, capture_output=True)
    # a name that lacks its library says so
    assert run.returncode == 1 and b"jaxtyping" in run.stderr


def test_the_package_is_named_as_in_pyproject():
    text = (Path(build.__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'name = "{colab.NAME}"' in text
