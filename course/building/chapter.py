"""Read a chapter: front matter and cells, with one clear sentence for whatever is wrong in it.

A chapter is course/chapters/NN_slug.md, a MyST notebook as jupytext reads it:

    ---
    title: Predicting the next token
    mirrors:
      - Mathematical Guide > 1.1 Probabilistic Framework
    ---
    What the reader will be able to do. No `#` heading: title and mirrored sections come from the
    front matter.

    ## A heading

    ```{code-cell}
    :tags: [nbval-check-output]
    print("lesson code")
    ```

A line `+++` starts a new text cell. With `+++ {"tags": ["pause"]}` it is one at which a reader may
stop until another day: the build adds the minutes before and after it. Each entry of `mirrors` is a
document's short title (course/claims/documents.csv), `>`, and the section. A code cell may have the
tags in TAGS.

With `kind: capstone` a chapter mirrors nothing of the documents, and so has no `mirrors` and no
ledger: it puts answers to exercises of other chapters to use, by own("10.2"). Its text cell with the
tag `graded` says what is graded in it; an assignment puts what it asks for in its place.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from markdown_it import MarkdownIt
from markdown_it.token import Token

from course.claims.claim import documents
from course.exercises import of_chapter

EXERCISE = "exercise"  # a cell that names an exercise: the builder fills it
LEDGER = "ledger"  # a cell that only measures claims: it is folded, and shows their boxes
PAUSE = "pause"  # a text at which a reader may stop until another day
GRADED = "graded"  # a text of a capstone: what is graded; an assignment says it in its own way
TAGS = {
    EXERCISE,
    LEDGER,
    PAUSE,
    GRADED,
    "nbval-check-output",
    "nbval-ignore-output",
    "nbval-skip",
    "nbval-raises-exception",
}
CAPSTONE = "capstone"
_KEYS = {"title": str, "mirrors": list}
_KIND = "kind"
# How fast the reader for whom the course is written goes through a chapter: words and lines of code
# a minute, and the minutes for a prediction and for playing with an explorer.
_WORDS, _LINES, _PREDICTION, _EXPLORER = 150, 12, 1, 2
# what JupyterLab adds when a chapter is edited there; not used
_OF_JUPYTEXT = {"jupytext", "kernelspec"}


class ChapterError(ValueError):
    """A chapter that cannot be built. The message starts with its file and line."""

    def __init__(self, path: Path, line: int, sentence: str):
        super().__init__(f"{path.name}:{line}: {sentence}")


@dataclass(frozen=True)
class Cell:
    """A cell of a chapter. `line` is where its text starts in the file, counted from 1."""

    kind: str  # "code" or "markdown"
    source: str
    tags: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Chapter:
    """A chapter, checked: `number` is "01", `slug` is "01_next_token"."""

    path: Path
    number: str
    slug: str
    title: str
    mirrors: tuple[str, ...]
    cells: tuple[Cell, ...]
    kind: str = ""

    @property
    def is_capstone(self) -> bool:
        """Whether it is made of answers to other chapters' exercises."""
        return self.kind == CAPSTONE

    @property
    def parts(self) -> tuple[str, ...]:
        """The ids of other chapters' exercises whose answers it puts to use, in that order."""
        used = dict.fromkeys(id for source in self.code for id in _owned(source))
        return tuple(id for id in used if not id.startswith(f"{self.number}."))

    @property
    def code(self) -> list[str]:
        """The sources of its code cells."""
        return [cell.source for cell in self.cells if cell.kind == "code"]

    @property
    def exercise_minutes(self) -> int:
        """How long its exercises are meant to take, as they declare it."""
        return sum(one.minutes for one in of_chapter(self.number))

    @property
    def minutes(self) -> int:
        """How long it takes in all."""
        return self.reading_minutes + self.exercise_minutes

    @property
    def reading_minutes(self) -> int:
        """About how long it takes to read and run it, without its exercises, in steps of five
        minutes.
        """
        return minutes_to_read(self.cells)


def minutes_to_read(cells: Sequence[Cell]) -> int:
    """About how long it takes to read and run these cells, without their exercises, in steps of
    five minutes.
    """
    read = [
        cell.source
        for cell in cells
        if cell.kind == "code" and not {EXERCISE, LEDGER} & {*cell.tags}
    ]
    words = sum(len(cell.source.split()) for cell in cells if cell.kind == "markdown")
    lines = sum(len(source.splitlines()) for source in read)
    predictions, explorers = ("\n".join(read).count(f"{call}(") for call in ("predict", "explorer"))
    minutes = words / _WORDS + lines / _LINES + predictions * _PREDICTION + explorers * _EXPLORER
    return max(5, 5 * round(minutes / 5))


def read_chapter(path: Path) -> Chapter:
    """The chapter in this file.

    Raises ChapterError with file, line and one sentence if it is malformed.
    """
    if not re.fullmatch(r"\d\d(_[a-z0-9]+)+\.md", path.name):
        raise ChapterError(
            path,
            1,
            "a chapter's file is named like 01_next_token.md: two digits, lower case, underscores",
        )
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ChapterError(
            path, line, "the file is not in UTF-8; save it in that encoding"
        ) from None
    front, body = _split(path, text)
    facts = _facts(path, front)
    # The front matter becomes blank lines, so that every line number stays that of the file.
    blanked = "\n" * (text.count("\n") - body.count("\n")) + body
    tokens = MarkdownIt("commonmark").parse(blanked)
    _refuse_fences(path, tokens, blanked.splitlines())
    _refuse_headings(path, tokens)
    cells = tuple(_cells(path, blanked))
    if not cells or cells[0].kind != "markdown":
        raise ChapterError(
            path,
            cells[0].line if cells else 1,
            "a chapter starts with text: what the reader will be able to do",
        )
    return Chapter(path, path.name[:2], path.stem, **facts, cells=cells)


def read_chapters(folder: Path) -> list[Chapter]:
    """All chapters of a folder, by number.

    Raises ChapterError for a malformed one and for a number given twice.
    """
    chapters = [read_chapter(path) for path in sorted(folder.glob("*.md"))]
    for one, other in pairwise(chapters):
        if one.number == other.number:
            raise ChapterError(
                other.path,
                1,
                f"chapter {other.number} is there already: {one.path.name}; rename one",
            )
    return chapters


def _owned(source: str) -> Iterator[str]:
    """The ids that the code of a cell asks for by own("…"). Magics and ! lines are left out."""
    python = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines())
    for node in ast.walk(ast.parse(python)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "own":
            yield from (
                one.value
                for one in node.args[:1]
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def _split(path: Path, text: str) -> tuple[str, str]:
    """Front matter and body."""
    match = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
    if not match:
        raise ChapterError(
            path,
            1,
            "the chapter must start with its front matter: title and mirrors between two lines ---",
        )
    return match[1], text[match.end() :]


def _facts(path: Path, front: str) -> dict[str, Any]:
    """title and mirrors, checked."""
    try:
        facts = yaml.safe_load(front)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise ChapterError(path, line, f"the front matter is no YAML: {error.problem}") from None
    if not isinstance(facts, dict):
        raise ChapterError(
            path, 1, "the front matter needs lines like `title: Predicting the next token`"
        )
    kind = facts.pop(_KIND, "")
    if kind not in ("", CAPSTONE):
        sentence = f"the kind of a chapter is {kind!r}; only {CAPSTONE} is known"
        raise ChapterError(path, _line_of(_KIND, front), sentence)
    for key in facts.keys() - _KEYS.keys() - _OF_JUPYTEXT:
        raise ChapterError(
            path,
            _line_of(key, front),
            f"the front matter knows no {key!r}; it has {', '.join(_KEYS)}",
        )
    if kind == CAPSTONE and "mirrors" in facts:
        sentence = "a capstone mirrors nothing; leave out mirrors"
        raise ChapterError(path, _line_of("mirrors", front), sentence)
    needed = {"title": str} if kind == CAPSTONE else _KEYS
    for key, type_ in needed.items():
        if type(facts.get(key)) is not type_ or not facts[key]:
            wanted = {str: "some text", list: "a list of document sections"}[type_]
            raise ChapterError(
                path, _line_of(key, front), f"the front matter needs {wanted} as {key!r}"
            )
    mirrors = tuple(facts.get("mirrors", ()))
    for section in mirrors:
        _check_mirror(path, front, section)
    return {"title": facts["title"], "mirrors": mirrors, _KIND: kind}


def _line_of(key: str, front: str) -> int:
    """The line of the file where a key of the front matter stands, or the first."""
    lines = [
        number for number, line in enumerate(front.splitlines(), 2) if line.startswith(f"{key}:")
    ]
    return lines[0] if lines else 1


def _check_mirror(path: Path, front: str, section: Any) -> None:
    title, arrow, rest = section.partition(" > ") if isinstance(section, str) else ("", "", "")
    if title not in documents() or not arrow or not rest.strip():
        example = "Mathematical Guide > 1.1 Probabilistic Framework"
        sentence = f"mirrors has {section!r}; write a document, >, its section, like {example} (in quotation marks if it "
        sentence += f"has a colon); the documents are {', '.join(documents())}"
        raise ChapterError(path, _line_of("mirrors", front), sentence)


def _lines_of(token: Token) -> tuple[int, int]:
    """The first line of a block, counted from 0, and the line after its last."""
    if token.map is None:
        raise ValueError(f"{token.type} is no block: only blocks have lines of their own")
    first, last = token.map
    return first, last


def _refuse_fences(path: Path, tokens: list[Token], lines: list[str]) -> None:
    """Refuse a code block that would be shown but not run, and a directive that a notebook cannot
    show.
    """
    for token in (token for token in tokens if token.type == "fence"):
        first, last = _lines_of(token)
        info, line = token.info.strip(), first + 1
        # Without its end, a block goes on to the end of the next one.
        inside = any(text.startswith(token.markup) for text in token.content.splitlines())
        if inside or last - first < 2 or not lines[last - 1].strip(" >").startswith(token.markup):
            raise ChapterError(
                path, line, f"this block is never closed; end it with a line of {token.markup}"
            )
        if info.startswith("{code-cell}"):
            if token.level:
                raise ChapterError(
                    path,
                    line,
                    "this code cell stands inside a list or a quotation and would not be run",
                )
        elif info.startswith("{"):
            raise ChapterError(
                path,
                line,
                f"a notebook cannot show the directive {info.split()[0]}; only {{code-cell}} is "
                "known",
            )
        elif info.split()[:1] in (["python"], ["py"], ["python3"], ["ipython3"]):
            raise ChapterError(
                path,
                line,
                "this Python is shown but never run; write ```{code-cell}, or ```text if it is no "
                "code",
            )


def _refuse_headings(path: Path, tokens: list[Token]) -> None:
    """Refuse a second title, and a heading that skips a level: screen readers walk along the
    levels.
    """
    above = 1
    for token in (token for token in tokens if token.type == "heading_open"):
        level, line = int(token.tag[1]), _lines_of(token)[0] + 1
        if level == 1:
            raise ChapterError(
                path,
                line,
                "the title comes from the front matter; headings in the text start with ##",
            )
        if level > above + 1:
            raise ChapterError(
                path,
                line,
                f"a heading of level {level} follows one of level {above}; do not skip a level",
            )
        above = level


def _cells(path: Path, blanked: str) -> Iterator[Cell]:
    """The cells in order, with their tags checked."""
    try:
        notebook = myst_to_notebook(blanked, add_source_map=True)
    except MystMetadataParsingError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else 1
        raise ChapterError(
            path, line, "the options of this cell are no YAML; write :tags: [nbval-check-output]"
        ) from None
    numbers = notebook.metadata["source_map"]
    for cell, number in zip(notebook.cells, numbers, strict=True):
        line = number + 1 + _blank_lines_from(blanked, number)
        tags = tuple(cell.metadata.get("tags", ()))
        for tag in set(tags) - TAGS:
            raise ChapterError(
                path, line, f"no cell has the tag {tag!r}; the tags are {', '.join(sorted(TAGS))}"
            )
        for tag in (PAUSE, GRADED):
            if tag in tags:
                _refuse_beyond_text(path, cell, line, tag)
        if cell.metadata.keys() - {"tags"}:
            raise ChapterError(
                path,
                line,
                f"a cell takes only :tags:, not {', '.join(cell.metadata.keys() - {'tags'})}",
            )
        # What a cell is given in lines like `:tags: [ledger]` stands above its text.
        options = len(cell.metadata) if cell.cell_type == "code" else 0
        yield Cell(cell.cell_type, cell.source, tags, line + options)


def _refuse_beyond_text(path: Path, cell: Any, line: int, tag: str) -> None:
    """Refuse one of these tags at code, and at a text that goes on into the next section: what the
    build says of the minutes stands at the end of a pause, and what is graded is replaced whole.
    """
    if cell.cell_type == "code":
        raise ChapterError(path, line, f"the tag {tag!r} is for a text cell, not for code")
    headings = [
        _lines_of(token)[0]
        for token in MarkdownIt("commonmark").parse(cell.source)
        if token.type == "heading_open"
    ]
    if behind := [at for at in headings if at > 0 or tag == GRADED]:
        raise ChapterError(
            path,
            line + behind[0],
            f"this heading stands in the text with the tag {tag!r}; end that text with a line of "
            "+++ above it",
        )


def _blank_lines_from(text: str, number: int) -> int:
    lines = text.splitlines()[number:]
    return next((count for count, line in enumerate(lines) if line.strip()), 0)
