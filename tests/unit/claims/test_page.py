"""The page of the whole ledger."""

import re
from collections import Counter
from html import unescape

import pytest

from course.building.build import CHAPTERS, ROOT
from course.building.chapter import read_chapters
from course.building.documents_pages import in_words
from course.claims.claim import claims
from course.claims.page import PAGE, main, page


@pytest.fixture(scope="module")
def where():
    return in_words(read_chapters(ROOT / CHAPTERS))


@pytest.fixture(scope="module")
def written(where):
    return page(where)


def test_no_claim_stands_there_without_a_measurement_or_a_reason(written, where):
    assert set(where) == set(claims()) and all(where.values())
    text = unescape(written)
    assert all(words in text for words in where.values())
    assert "not measured in this run" not in text
    assert "measured in chapter 02, " in where["D0-006"]


def test_every_claim_stands_there_once_with_its_verdict_and_correction(written):
    text = unescape(written)
    named = Counter(re.findall(r"\b(\w+-\w+), ", text))
    for row in claims().values():
        assert named[row.id] == 1, row.id
        assert row.claim in text and row.correction in text and row.source in text
    assert (
        text.count("✗ wrong</td>") == sum(row.verdict == "wrong" for row in claims().values()) > 20
    )


def test_chapters_come_in_order_and_nothing_is_loaded_from_elsewhere(written):
    found = re.findall(r"<h2>Chapter (\d\d)</h2>", written)
    assert found == sorted(found) and len(found) == 24
    assert not re.search(r"<(script|link|img|iframe)", written)


def test_the_command_writes_it(written, where, tmp_path, capsys):
    assert main(tmp_path, where) == 0
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == written
    assert "build/ledger.html" in capsys.readouterr().out
