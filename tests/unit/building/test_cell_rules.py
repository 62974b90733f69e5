"""The rules for a chapter's cells, each broken on purpose; and the command that formats them."""

import pytest

from course.building.cell_rules import COLUMNS, LINES, cut_lines, faults, formatted
from course.building.chapter import read_chapter
from course.building.format_cells import main, tidy

HEAD = """---
title: A small chapter
mirrors:
  - Mathematical Guide > 1.1 Probabilistic Framework
---
You will be able to say what a cell is.

"""
GOOD = """```{code-cell}
guess = predict("01.1", "How many?", choices=["just one", "two or more"])
```

```{code-cell}
%pip list
x = 1
guess.reveal(choice=int(x > 1))
```

```{code-cell}
:tags: [ledger]
claim("D0-001", x)
claim("D0-002", {"one": x, "two": 2})
claim("D0-003", x, True)
confirm("x is one", x == 1)
```
"""


def written(folder, body):
    path = folder / "01_small.md"
    path.write_text(HEAD + body, encoding="utf-8")
    return read_chapter(path)


def test_a_chapter_in_good_form(tmp_path):
    assert faults(written(tmp_path, GOOD)) == []


def test_the_width_of_a_column_is_no_answer(tmp_path):
    body = GOOD.replace("two or more", "8").replace("x = 1\n", 'x = 1\nprint(f"{x:8}")\n', 1)
    assert faults(written(tmp_path, body)) == []
    assert faults(written(tmp_path, body.replace("{x:8}", "{x:8}{'8'}")))


LOOP = """```{code-cell}
for x in range(3):
    print(x)
```

"""
LEDGER_CELL = "```{code-cell}\n:tags: [ledger]"


def between(body):
    """GOOD with a cell after that in which x is measured, and before that of its claims."""
    return GOOD.replace(LEDGER_CELL, body + LEDGER_CELL)


def test_a_loop_that_overwrites_the_name_of_a_claim(tmp_path):
    (found,) = faults(written(tmp_path, between(LOOP)))
    assert "x of the cell in line 13 may be overwritten in line 19, by a loop" in found


def test_a_name_that_goes_on_with_its_value_or_is_assigned_anew_is_meant(tmp_path):
    goes_on = "```{code-cell}\nfor part in range(3):\n    x += part\n```\n\n"
    anew = "```{code-cell}\nx = 2\n```\n\n"
    other = LOOP.replace("x", "y")
    for body in (goes_on, anew, other):
        assert faults(written(tmp_path, between(body))) == []


BAD = {
    "claim(…) belongs into a cell of its own": ("x = 1", 'x = 1\nclaim("D0-001", x)'),
    "confirm(…) belongs into a cell of its own": ("x = 1", 'x = 1\nconfirm("one", x)'),
    "an assert ends the notebook": ("x = 1", "x = 1\nassert x"),
    "has calls of claim and confirm only": ('claim("D0-003", x, True)', "y = x"),
    "with numbers, names, or a dict of names": (
        'claim("D0-003", x, True)',
        'claim("D0-003", x + 1)',
    ),
    "dict of names computed above": ('"two": 2', '"two": len("ab")'),
    "has its answer typed in": ("choice=int(x > 1)", '"two or more, no doubt"'),
    "'two or more' of a prediction stands in this cell too": ("x = 1", 'x = "two or more"'),
    "is not as ruff format writes it": ("x = 1", "x=1"),
    f"has {LINES + 2} lines": ("x = 1\n", "x = 1\n" * LINES),
    "ends in mid-sentence": ("what a cell is.", "what a\ncell is."),
}


@pytest.mark.parametrize(("words", "change"), BAD.items(), ids=list(BAD))
def test_what_departs_is_said_with_its_line(tmp_path, words, change):
    old, new = change
    text = (HEAD + GOOD).replace(old, new, 1)
    assert text != HEAD + GOOD
    (tmp_path / "01_small.md").write_text(text, encoding="utf-8")
    (found,) = [one for one in faults(read_chapter(tmp_path / "01_small.md")) if words in one]
    line = int(found.split(":")[1])
    near = text.splitlines()[line - 1 : line + 4]
    assert found.startswith("01_small.md:") and any(
        new.splitlines()[-1].split("(")[0] in one for one in near
    ), found


CUT = {
    "One paragraph a line.": [],
    "A sentence.\nAnother one (in brackets.)\nA third:\nand its list": [],
    "A line that is\ncut here.": [1],
    "Fine.\n\n- an item that is\n  cut": [3],
    "> a quotation that is\n> cut": [1],
    "| a | b |\n|---|---|\n| c | d |": [],
    "```text\nno\nprose\n```": [],
    "$$\nx = 1\n$$": [],
}


@pytest.mark.parametrize(("text", "lines"), CUT.items())
def test_lines_that_are_cut(text, lines):
    assert cut_lines(text) == lines


def test_formatting_keeps_magics_and_breaks_long_lines():
    long = "total = " + " + ".join(f"number_{n}" for n in range(20))
    magic, broken = formatted(["%matplotlib inline\nx=[1,2]", long])
    assert magic == "%matplotlib inline\nx = [1, 2]"
    assert max(map(len, broken.splitlines())) <= COLUMNS and broken.count("number_") == 20


def test_code_that_is_none_is_told():
    with pytest.raises(ValueError, match="ruff cannot format these cells"):
        formatted(["x = = 1"])


def test_tidy_touches_only_code(tmp_path):
    chapter = written(tmp_path, GOOD.replace("x = 1", "x=1") + "\nSome  text, `y=2`.\n")
    assert tidy(chapter) == HEAD + GOOD + "\nSome  text, `y=2`.\n"


def test_the_command_formats_the_chapters_that_are_named(tmp_path, capsys):
    written(tmp_path, GOOD.replace("x = 1", "x=1\nassert x"))
    assert main(tmp_path, ["02"]) == 0 and capsys.readouterr().out.strip() == ""
    assert main(tmp_path, ["01"]) == 1
    said = capsys.readouterr().out
    assert "formatted 01_small.md" in said and "an assert ends the notebook" in said
    assert "x = 1\nassert x" in (tmp_path / "01_small.md").read_text(encoding="utf-8")
