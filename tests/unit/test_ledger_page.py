"""The page of the whole ledger."""

import re
from html import unescape

from course.claims import claims
from course.ledger_page import PAGE, main, page


def test_every_claim_stands_there_once_with_its_verdict_and_correction():
    text = unescape(page())
    for row in claims().values():
        assert len(re.findall(rf"\b{row.id}, ", text)) == 1, row.id
        assert row.claim in text and row.correction in text and row.source in text
    assert text.count("✗ wrong</td>") == sum(row.verdict == "wrong" for row in claims().values()) > 20


def test_chapters_come_in_order_and_nothing_is_loaded_from_elsewhere():
    found = re.findall(r"<h2>Chapter (\d\d)</h2>", page())
    assert found == sorted(found) and len(found) == 24
    assert not re.search(r"<(script|link|img|iframe)", page())


def test_the_command_writes_it(tmp_path, capsys):
    assert main(tmp_path) == 0
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == page()
    assert "build/ledger.html" in capsys.readouterr().out
