"""Where a lesson names another chapter, the notebook leads there; nothing else is touched."""

import json
import re
from pathlib import Path

import pytest

from course.building.build import CHAPTERS, LEARNER, built
from course.building.chapter import read_chapters
from course.building.chapter_links import with_links

ROOT = Path(__file__).resolve().parents[3]
SLUGS = {"04": "04_backpropagation", "07": "07_optimisers"}


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("(chapter 07)", "([chapter 07](07_optimisers.ipynb))"),
        ("Chapter 04, then", "[Chapter 04](04_backpropagation.ipynb), then"),
        ("a line's\nchapter\n07 ends", "a line's\n[chapter\n07](07_optimisers.ipynb) ends"),
        (
            "chapters 04 and 07 again",
            "chapters [04](04_backpropagation.ipynb) and [07](07_optimisers.ipynb) again",
        ),
        (
            "chapters 04, 21 and 07",
            "chapters [04](04_backpropagation.ipynb), 21 and [07](07_optimisers.ipynb)",
        ),
        ("chapter 04, 07 of 20", "[chapter 04](04_backpropagation.ipynb), 07 of 20"),
    ],
)
def test_a_mention_becomes_a_link(text, linked):
    assert with_links(text, SLUGS) == linked


@pytest.mark.parametrize(
    "text",
    [
        "chapter 21 is not there",
        "chapter 7, chapter 071, subchapter 07x, chapter 07.5",
        "`chapter 07` and `in chapter 07`",
        "```text\nchapter 07\n```",
        "$\\text{chapter 07}$ and $$chapter 07$$",
        "[see chapter 07](elsewhere.html)",
        '<img alt="of chapter 07">',
        "## More than in chapter 07",
    ],
)
def test_the_rest_stays_as_it_is(text):
    assert with_links(text, SLUGS) == text


def test_every_link_of_a_notebook_leads_to_one_beside_it():
    names = {f"{chapter.slug}.ipynb" for chapter in read_chapters(ROOT / CHAPTERS)}
    links = 0
    for path, data in built(ROOT, [LEARNER]).items():
        text = "\n".join(
            "".join(cell["source"])
            for cell in json.loads(data)["cells"]
            if cell["cell_type"] == "markdown"
        )
        found = re.findall(r"\]\((\d\d_\w+\.ipynb)\)", text)
        assert set(found) <= names - {path.name}
        links += len(found)
    assert links > len(names)
