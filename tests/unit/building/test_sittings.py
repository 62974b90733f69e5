"""How long a chapter takes, and the sentences at its pauses."""

import json

import pytest

from course.building.build import notebook
from course.building.chapter import ChapterError, read_chapter
from course.building.exercise_cells import learner_cell
from course.building.sittings import how_long, pause_sentences, sittings
from course.exercises import find

FRONT = """\
---
title: Cross-entropy
mirrors:
  - Mathematical Guide > 1.1 Probabilistic Framework
---
"""
PAUSE = '+++ {"tags": ["pause"]}\n\n## A good place to stop\n\n+++\n\n'


def words(count: int) -> str:
    return "word " * count + "\n\n"


def code(lines: int) -> str:
    return "```{code-cell}\n" + "x = 1\n" * lines + "```\n\n"


def exercise_cell(id: str) -> str:
    return f'```{{code-cell}}\n:tags: [exercise]\nexercise("{id}")\n```\n\n'


def chapter(tmp_path, *parts: str):
    path = tmp_path / "02_cross_entropy.md"
    path.write_text(FRONT + "".join(parts), encoding="utf-8")
    return read_chapter(path)


def test_each_sitting_has_its_own_text_code_and_exercises(tmp_path):
    one = chapter(
        tmp_path,
        words(1500),  # 10 minutes
        exercise_cell("02.1"),
        PAUSE,
        words(3000) + code(120),  # 20 + 10 minutes
        exercise_cell("02.2"),
        exercise_cell("02.3"),
    )
    first, second = sittings(one)
    assert (first.reading, first.exercises, first.exercise_count) == (10, find("02.1").minutes, 1)
    assert (second.reading, second.exercise_count) == (30, 2)
    assert second.exercises == find("02.2").minutes + find("02.3").minutes
    (sentence,) = pause_sentences(one)
    assert sentence == (
        f"Up to here it took about 10 minutes to read and run, and {find('02.1').minutes} for 1 "
        f"exercise. The next part takes about 30 minutes to read and run, and {second.exercises} "
        "for 2 exercises."
    )
    assert how_long(one).endswith(", in two sittings.")


@pytest.mark.parametrize("lengths", [(1100, 1100), (1150, 400, 1900), (300, 300, 300, 300)])
def test_sittings_add_up_to_the_chapter(tmp_path, lengths):
    one = chapter(tmp_path, PAUSE.join(map(words, lengths)))
    assert len(sittings(one)) == len(lengths)
    whole = one.reading_minutes
    assert sum(part.reading for part in sittings(one)) in (whole, 5 * len(lengths))


def test_without_a_pause_there_is_one_sitting_and_no_sentence(tmp_path):
    one = chapter(tmp_path, words(1500))
    assert len(sittings(one)) == 1 and pause_sentences(one) == []
    assert "sitting" not in how_long(one)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("## A good place to stop\n\nRest.\n\n## Next\n\nMore.\n", 5),
        ("A good place to stop.\n\n## Next\n\nMore.\n", 3),
        ("Rest.\n\nNext\n----\n\nMore.\n", 3),
    ],
    ids=["second heading", "heading below", "underlined"],
)
def test_a_pause_that_swallows_the_next_section_is_refused_at_its_heading(tmp_path, text, line):
    opened = '+++ {"tags": ["pause"]}\n\n'
    with pytest.raises(ChapterError, match="end that text with a line") as found:
        chapter(tmp_path, words(10), opened + text)
    at = int(str(found.value).split(":")[1])
    read = next(tmp_path.rglob("*.md")).read_text(encoding="utf-8").splitlines()
    assert read[at - 1] == text.splitlines()[line - 1]


def test_a_sharp_in_a_pause_that_is_no_heading_is_taken(tmp_path):
    opened = '+++ {"tags": ["pause"]}\n\n## A good place to stop\n\n'
    one = chapter(tmp_path, words(10), f"{opened}```text\n# no heading\n```\n\n+++\n\n## Next\n")
    assert len(sittings(one)) == 2


def test_the_sentence_stands_in_the_notebook_below_the_pause(tmp_path):
    one = chapter(tmp_path, words(1500), PAUSE, words(1500))
    data = notebook(one, "https://github.com/someone/glass-box", learner_cell)
    found = ["".join(cell["source"]) for cell in json.loads(data)["cells"]]
    (pause,) = [text for text in found if "A good place to stop" in text]
    assert pause == f"## A good place to stop\n\n{pause_sentences(one)[0]}"
    assert "in two sittings." in found[0]


def test_code_is_no_place_to_stop(tmp_path):
    with pytest.raises(ChapterError, match="the tag 'pause' is for a text cell"):
        chapter(tmp_path, words(10), "```{code-cell}\n:tags: [pause]\nx = 1\n```\n")
