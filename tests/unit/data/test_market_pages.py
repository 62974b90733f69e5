"""The made-up market: sums worked out again from the pages, none of them held out, and copies."""

import re

import pytest

from utils.data.market_pages import FORMS, HIGH, LOW, Sum, raw_pages, sums


def test_every_sum_is_on_one_side():
    seen, held_out = sums(held_out=100, seed=3)
    assert len(held_out) == 100 and len(seen) + 100 == (HIGH - LOW) ** 2
    assert len({*seen, *held_out}) == (HIGH - LOW) ** 2
    assert sums(100, seed=3) == (seen, held_out) != sums(100, seed=4)
    with pytest.raises(ValueError, match="held_out is 0"):
        sums(0, seed=1)


def test_a_sum_is_asked_and_called():
    assert (Sum(12, 30).result, Sum(12, 30).call) == (42, "12 + 30")
    assert [Sum(12, 30).question(form) for form in range(len(FORMS))] == [
        "what is 12 plus 30 ?",
        "how much is 12 and 30 ?",
        "add 12 and 30 .",
    ]


def test_the_pages_calculate_rightly_and_hold_nothing_back():
    seen, held_out = sums(held_out=300, seed=1)
    pages = raw_pages(seen, 400, seed=2)
    assert pages == raw_pages(seen, 400, seed=2) != raw_pages(seen, 400, seed=5)
    assert len(pages) == 400
    for page in pages:
        written = re.findall(r"(\d+) \+ (\d+) = (\d+)", page)
        assert len(written) == 3
        for a, b, result in written:
            assert int(a) + int(b) == int(result)
            assert Sum(int(a), int(b)) not in held_out


def test_some_pages_are_copies_in_which_one_word_differs():
    seen, _ = sums(held_out=300, seed=1)
    pages = raw_pages(seen, 300, seed=2)
    copies = 0
    for number, page in enumerate(pages):
        words = page.split()
        for other in pages[:number]:
            differ = [
                place
                for place, pair in enumerate(zip(words, other.split(), strict=False))
                if pair[0] != pair[1]
            ]
            if len(words) == len(other.split()) and len(differ) == 1:
                copies += 1
                break
    assert 20 < copies < 80
    assert len(set(pages)) > 250


def test_personal_data_is_nobodys():
    seen, _ = sums(held_out=300, seed=1)
    text = " ".join(raw_pages(seen, 300, seed=2))
    assert set(re.findall(r"@(\S+)", text)) == {"example.org"}
    assert set(re.findall(r"\+44 \d+ \d+", text)) == {"+44 20 7946"}
    assert set(re.findall(r"(\d+\.\d+\.\d+)\.\d+", text)) == {"192.0.2"}
