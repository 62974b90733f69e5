"""The history: in order, each with its source; and its table."""

import re

from utils.data.architecture_history import HISTORY, KINDS, Milestone
from utils.pictures.timeline_table import timeline_html, timeline_text


def test_the_history_is_in_order_and_each_has_a_source():
    years = [one.year for one in HISTORY]
    assert years == sorted(years) and len({one.name for one in HISTORY}) == len(HISTORY)
    for one in HISTORY:
        assert one.kind in KINDS and one.new and one.source


def test_the_year_is_that_of_the_first_text():
    months = [(one, re.fullmatch(r"arXiv:(\d\d)(\d\d)\.\d{4,5}", one.source)) for one in HISTORY]
    numbered = [(one, int(found[1]), int(found[2])) for one, found in months if found]
    assert len(numbered) > 20
    for one, year, month in numbered:
        assert one.year == 2000 + year and 1 <= month <= 12, one
    dates = [(year, month) for _, year, month in numbered]
    assert dates == sorted(dates)


def test_a_row_has_its_link_its_dot_and_no_markup_of_ours():
    steps = [
        Milestone(1950, "A & B", "counting", "x < y", "Report 1"),
        Milestone(2017, "C", "attention", "z", "arXiv:1706.03762"),
    ]
    html = timeline_html(steps)
    first, second = re.findall(r"<tr>(<td.*?)</tr>", html)
    assert "<b>A &amp; B</b>" in first and "x &lt; y" in first and "href" not in first
    assert 'href="https://arxiv.org/abs/1706.03762"' in second and "attention</span>" in second
    margins = [int(found) for found in re.findall(r"margin-left:(\d+)px", html)]
    assert margins[0] == 0 < margins[1]
    assert html.count('scope="col"') == 5
    assert timeline_text(steps).splitlines()[0] == "1950 A & B: x < y (counting; Report 1)"
