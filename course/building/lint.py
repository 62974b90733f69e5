"""What a chapter must not have: claims that nobody measures, results typed by hand, pictures
without words.

A number typed into text goes stale when the model or the code changes, and nobody notices. So a
decimal number in the text of a chapter has to be one of these, and all other results are computed
in a cell:

- quoted from a document: inside quotation marks or a block quote;
- cited: in a paragraph, list item or table cell that names a claim (D3-011), a paper
  (arXiv:2005.14165), a footnote ([^gpt3]) or links to its source on the web;
- part of code or of a formula, which says what it is: `temperature=0.7`, $0.7 \\times 0.2$. Code or
  a formula that is nothing but a number (`0.071`) counts as text;
- an input: it stands in the chapter's code too, so the code decides what comes of it ("divide by
  0.5");
- part of a name: GPT-3.5, Python 3.11, section 2.2, exercise 01.1.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from course.building.cell_slice import read_cells
from course.claims.table import rows_of

_DECIMAL = re.compile(r"(?<![\w.-])[+−-]?\d*\.\d+(?:[eE][+-]?\d+)?(?!\d|\.\d)")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_CITED = re.compile(r"\bD[0-4]-\d{3}\b|\barXiv:\d{4}\.\d{4,5}|\[\^\w+\]")
_NAMED = re.compile(
    r"\b(?:Python|Llama|Qwen|Claude|Gemini|PyTorch|torch|CUDA|version|[Ss]ections?|sec\.|[Cc]hapter|[Pp]art|[Ff]igure|"
    r"[Tt]able|[Ee]xercises?|[Pp]rediction) \d+(?:\.\d+)+",
)
_ONLY_A_NUMBER = re.compile(r"\s*[≈~<>=]*\s*[+−-]?[\d,]*\.?\d+\s*(?:\\?%)?\s*")
_SHORTEST_ALT = 20


@dataclass(frozen=True)
class _Passage:
    """A piece of running text: a paragraph, list item, heading, table cell or HTML block, outside
    block quotes.
    """

    line: int  # of its start, counted from 1
    source: str
    parts: list[Token]

    @property
    def cited(self) -> bool:
        links = [str(part.attrs["href"]) for part in self.parts if part.type == "link_open"]
        return bool(_CITED.search(self.source)) or any(link.startswith("http") for link in links)

    @property
    def words(self) -> str:
        """What a reader sees as text: without HTML tags, code and formulas, unless these are only a
        number.
        """
        return "".join(map(_seen, self.parts)) if self.parts else re.sub("<[^>]*>", "", self.source)


def _seen(part: Token) -> str:
    if part.type in ("code_inline", "math_inline", "math_inline_double"):
        return part.content if _ONLY_A_NUMBER.fullmatch(part.content) else "…"
    if part.type in ("softbreak", "hardbreak"):
        return "\n"
    return part.content if part.type in ("text", "image") else ""


def _passages(markdown: str) -> Iterator[_Passage]:
    line, quotes = 1, 0
    for token in MarkdownIt("commonmark").enable("table").use(dollarmath_plugin).parse(markdown):
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        line = token.map[0] + 1 if token.map else line
        if token.type in ("inline", "html_block") and not quotes:
            yield _Passage(line, token.content, token.children or [])


def typed_decimals(markdown: str, code_cells: Iterable[str] = ()) -> list[tuple[int, str]]:
    """The decimal numbers in a text that are neither computed, quoted, cited nor inputs, each with
    its line from 1.

    code_cells: the chapter's code, whose numbers are the inputs.
    """
    constants = (node.value for node in _nodes(code_cells) if isinstance(node, ast.Constant))
    inputs = {value for value in constants if isinstance(value, float)}
    found = []
    for passage in _passages(markdown):
        if passage.cited:
            continue
        # Quotations and names are blanked out, line ends are kept, so that the lines can still be
        # counted.
        words = _QUOTED.sub(lambda quoted: re.sub(r"[^\n]+", "…", quoted[0]), passage.words)
        for match in _DECIMAL.finditer(words := _NAMED.sub("…", words)):
            if abs(float(match[0].replace("−", "-"))) in inputs:
                continue
            found.append((passage.line + words[: match.start()].count("\n"), match[0]))
    return found


def short_alts(markdown: str) -> list[tuple[int, str]]:
    """The pictures of a text cell whose alternative text is too short to carry their point, each
    with its line.
    """
    images = [
        (one.line, part)
        for one in _passages(markdown)
        for part in one.parts
        if part.type == "image"
    ]
    return [
        (line, image.content)
        for line, image in images
        if len(image.content.strip()) < _SHORTEST_ALT
    ]


def _nodes(code_cells: Iterable[str]) -> Iterator[ast.AST]:
    """All syntax nodes of code cells, which are read and not run.

    IPython's magics are understood.
    """
    for cell in code_cells:
        yield from ast.walk(ast.parse(TransformerManager().transform_cell(cell)))


def _claimed(node: ast.AST) -> str | None:
    """The id that a call `claim("D0-006", ...)` names, if `node` is one."""
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "claim"
    ):
        return None
    named = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
    first = next(iter(node.args + named), None)
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


def unmeasured(chapter: str, code_cells: Iterable[str]) -> list[str]:
    """The ids of a chapter's checkable claims that no `claim("...")` in its code cells measures, in
    ledger order.

    The cells are read, not run: the id has to stand in the call as plain text. IPython's magics are
    understood.
    """
    found = {_claimed(node) for node in _nodes(code_cells)}
    return [row.id for row in rows_of(chapter) if row.checkable and row.id not in found]


def ties_to_answers(cells: Sequence[str], exercises: Collection[int]) -> Iterator[tuple[int, str]]:
    """What ties the cells of an exercise to the rest of a notebook: the position of a cell, and a
    phrase.

    cells: the code of a chapter in one of its builds. exercises: the positions of those that hold
    an answer. Without a tie every other cell does the same whatever the answers are. The cells are
    read, not run: cell_names.py says how.
    """
    read = read_cells(cells)
    for position in sorted(exercises):
        answer = read[position]
        for name in sorted(answer.changes - answer.binds):
            yield position, f"the answer may change {name}, which is not its own"
        for other in (other for other in range(len(cells)) if other != position):
            used = read[other].mentions | read[other].binds | read[other].changes
            for name in sorted(answer.binds & used):
                yield (
                    other,
                    f"{name} is bound in the cell of an answer; nothing may depend on it: take "
                    "another name here",
                )
