"""The glossary: every term is where it says, and the first use in a chapter leads there, once."""

import json
import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from course.book.glossary import glossary, glossary_page, with_terms
from course.building.book_pages import book_pages
from course.building.build import CHAPTERS, LEARNER, ROOT, built, notebook
from course.building.chapter import read_chapters
from course.building.exercise_cells import learner_cell
from course.site.chapter_page import chapter_page

ALL = read_chapters(ROOT / CHAPTERS)
TO = "glossary.ipynb#cell-id=term-"


def texts(chapter):
    return [cell.source for cell in chapter.cells if cell.kind == "markdown"]


def test_terms_are_in_order_and_no_form_is_of_two_terms():
    words = [term.word for term in glossary()]
    assert words == sorted(words, key=str.lower) and len(words) > 60
    forms = [form.lower() for term in glossary() for form in term.forms]
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize("term", glossary(), ids=lambda term: term.word)
def test_a_term_is_explained_in_sentences_and_stands_in_its_chapter(term):
    assert term.meaning[0].isupper() and term.meaning.endswith(".")
    assert 5 <= len(term.meaning.split()) <= 40 and not set("[]<>$*_`") & set(term.meaning)
    (chapter,) = [one for one in ALL if one.number == term.chapter]
    said = "|".join(map(re.escape, term.forms or (term.word,)))
    assert re.search(said, "\n".join(texts(chapter)), re.I)


def test_the_first_use_is_linked_and_no_other_one():
    given = ["Two tokens, and a Token.", "A token again, and logits."]
    assert with_terms(given, "02") == [
        f"Two [tokens]({TO}token), and a Token.",
        f"A token again, and [logits]({TO}logit).",
    ]


def test_the_chapter_that_introduces_a_term_does_not_link_it():
    assert with_terms(["a token"], "01") == ["a token"]


def test_the_longest_term_wins_and_words_may_stand_in_two_lines():
    assert with_terms(["by gradient\ndescent, a gradient"], "09") == [
        f"by [gradient\ndescent]({TO}gradient-descent), a [gradient]({TO}gradient)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "## A token",
        "`token`",
        "```text\na token\n```",
        r"$\text{token}$ and $$token$$",
        "[a token](elsewhere.html)",
        "![a token](picture.png)",
        '<img alt="a token">',
        "tokenised, sub-token, token-wise",
        "**Sources.** Somebody, *A token*",
        "a value, a key and a weight",
    ],
)
def test_the_rest_stays_as_it_is(text):
    assert with_terms([text], "20") == [text]


@pytest.mark.parametrize("chapter", ALL, ids=lambda one: one.number)
def test_links_are_few_each_once_and_only_links_are_added(chapter):
    linked = "\n\n".join(with_terms(texts(chapter), chapter.number))
    found = re.findall(r"\]\(glossary\.ipynb#cell-id=([^)]+)\)", linked)
    assert len(set(found)) == len(found) <= 25
    assert set(found) <= {term.cell for term in glossary()}
    back = re.sub(r"\[([^\]]*)\]\(glossary\.ipynb#[^)]+\)", r"\1", linked)
    assert back == "\n\n".join(texts(chapter))


def test_the_page_has_a_heading_for_each_link_and_leads_to_the_chapters():
    (page,) = [data for path, data in book_pages(ALL).items() if path.stem == "glossary"]
    written = json.loads(page)["cells"]
    cells = ["".join(cell["source"]) for cell in written]
    headings = [cell.splitlines()[0].removeprefix("## ") for cell in cells[1:]]
    assert headings == [term.word for term in glossary()]
    assert [cell["id"] for cell in written[1:]] == [term.cell for term in glossary()]
    # what Sphinx makes of a heading is then its words in small letters with dashes
    assert all(re.fullmatch(r"[A-Za-z0-9 -]+", heading) for heading in headings)
    for cell, term in zip(cells[1:], glossary(), strict=True):
        assert re.search(
            rf"\[Chapter {term.chapter} · [^\]]+\]\({term.chapter}_\w+\.ipynb\)$", cell
        )


def test_a_chapter_that_is_not_there_is_named_without_a_link():
    page = glossary_page([one for one in ALL if one.number != "01"])
    assert "Chapter 01." in page and "01_next_token.ipynb" not in page


def test_the_notebooks_have_the_links():
    data = built(ROOT, [LEARNER])
    (made,) = [found for path, found in data.items() if path.name.startswith("10_")]
    assert f"]({TO}softmax)".encode() in made


def test_what_is_handed_out_alone_does_not_lead_to_the_glossary():
    """A packed assignment has no such page beside it."""
    chapter = ALL[9]
    alone = notebook(chapter, "https://github.com/a/b", learner_cell, [chapter], linked=False)
    assert TO.encode() not in alone
    assert TO.encode() in notebook(chapter, "https://github.com/a/b", learner_cell, [chapter])


def test_on_the_site_a_link_names_the_page_and_the_heading_as_sphinx_does(tmp_path):
    cell = new_markdown_cell(f"a [KV cache]({TO}KV-cache), [other](x.ipynb#Y)")
    (changed,) = chapter_page(new_notebook(cells=[cell]), tmp_path).cells
    assert changed.source == "a [KV cache](glossary.md#kv-cache), [other](x.ipynb#Y)"
