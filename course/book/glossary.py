"""The words of the field, each explained in a sentence or two, and where a text uses one first.

glossary.csv has a row for each term: other forms of it that a text may use ("-" for a word so
common that no text links it), the chapter that introduces it, and what it means.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from course.book.path import Titled

PAGE = "glossary"  # the name of the page's notebook
_CELL = "term-"
# What stays as it is: code, formulas, links, pictures, HTML tags, headings, lists of sources.
_UNTOUCHED = (
    r"^```.*?^```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|!?\[[^\]]*\]\([^)]*\)|<[^>]+>|^#[^\n]*$"
    r"|^\*\*Sources[^\n]*$"
)


@dataclass(frozen=True)
class Term:
    """A word, in the singular; `forms`: what a text may say for it; empty if it is never linked."""

    word: str
    forms: tuple[str, ...]
    chapter: str
    meaning: str

    @property
    def cell(self) -> str:
        """The id of the term's cell on the page. JupyterLab leads to a cell at once, and to a heading
        only in a notebook that is open already.
        """
        return _CELL + self.word.replace(" ", "-")


@cache
def glossary() -> tuple[Term, ...]:
    """All terms, in the order of the alphabet."""
    text = files("course.book").joinpath("glossary.csv").read_bytes().decode("utf-8")
    return tuple(_term(row) for row in csv.DictReader(io.StringIO(text, newline="")))


def _term(row: Mapping[str, str]) -> Term:
    others = [form for form in row["forms"].split("; ") if form]
    forms = () if others == ["-"] else (row["term"], *others)
    return Term(row["term"], forms, row["chapter"], row["meaning"])


def with_terms(texts: Iterable[str], chapter: str) -> list[str]:
    """The texts of a chapter in order, where the first use of each term leads to the glossary.

    A term that the chapter introduces itself is not linked: there it is explained better.
    """
    left = {form.lower(): term for term in glossary() for form in term.forms}
    for form in [form for form, term in left.items() if term.chapter == chapter]:
        del left[form]
    return [_linked(text, left) for text in texts]


@cache
def _pattern() -> re.Pattern[str]:
    """What is left alone, or any form of any term, the longest first."""
    forms = sorted((form for term in glossary() for form in term.forms), key=len, reverse=True)
    either = "|".join(re.escape(form).replace(r"\ ", r"\s") for form in forms)
    return re.compile(
        f"(?P<untouched>{_UNTOUCHED})|(?<![\\w-])(?P<use>{either})(?![\\w-])", re.S | re.M | re.I
    )


def _linked(text: str, left: dict[str, Term]) -> str:
    """The text with links; the forms of a term that got one are taken out of `left`."""

    def link(found: re.Match[str]) -> str:
        form = re.sub(r"\s", " ", (found["use"] or "").lower())
        if form not in left:
            return found[0]
        term = left[form]
        for other in term.forms:
            del left[other.lower()]
        return f"[{found[0]}]({PAGE}.ipynb#cell-id={term.cell})"

    return _pattern().sub(link, text)


def with_headings(text: str, page: str) -> str:
    """A text whose links lead to the headings of `page`, as Sphinx names them, and not to cells."""
    link = rf"\]\({PAGE}\.ipynb#cell-id={_CELL}([^)]+)\)"
    return re.sub(link, lambda found: f"]({page}#{found[1].lower()})", text)


def glossary_page(chapters: Iterable[Titled]) -> str:
    """The glossary as Markdown; each term leads to the chapter that introduces it, if it is there."""
    there = {one.number: one for one in chapters}
    parts = [
        "# Glossary",
        "What the words mean in this course. Each has the chapter that introduces it.",
    ]
    for term in glossary():
        place = f"Chapter {term.chapter}."
        if one := there.get(term.chapter):
            place = f"[Chapter {one.number} · {one.title}]({one.slug}.ipynb)"
        parts += [f"## {term.word}", f"{term.meaning} {place}"]
    return "\n\n".join(parts) + "\n"
