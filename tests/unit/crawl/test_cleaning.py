"""The steps together: each keeps a part of what was left, and finds what it is there for."""

from dataclasses import replace
from itertools import pairwise

import pytest

from course.runs.crawl_table import good_shares, pages_left
from utils.crawl.cleaning import clean, copies_by_change, without_near_copies
from utils.crawl.made_up_web import KINDS, make_web


def test_the_stored_funnel_is_what_the_steps_give():
    """The first stored web, step by step and kind by kind."""
    web = make_web(1)
    steps = clean(web)
    for step in steps:
        left = [web[at] for at in step.left]
        stored = pages_left(step.name)[1]
        for kind in KINDS:
            count = sum(page.kind == kind and page.copy_of is None for page in left)
            # another version of trafilatura may find a page or two more
            assert count == pytest.approx(stored[kind], abs=3), (step.name, kind)
    for before, after in pairwise(steps):
        assert set(after.left) <= set(before.left) and list(after.left) == sorted(after.left)


def test_near_copies_go_and_the_first_stays():
    words = [f"word{n}" for n in range(300)]
    other = " ".join(reversed(words))
    near = " ".join([*words[:150], "new", *words[151:]])
    assert without_near_copies([" ".join(words), other, near, other]) == [0, 1]


def test_the_share_of_good_pages_by_hand():
    first = next(iter(pages_left("near copies").values()))
    good = first["article"] + first["verse"] + first["tutorial"] + first["two languages"]
    others = first["from a template"] + first["nonsense"] + first["betting"] + first["copies"]
    assert good_shares("near copies")[0] == pytest.approx(good / (good + others))


def test_a_step_that_is_not_stored_is_named():
    with pytest.raises(ValueError, match="no step 'magic' is stored"):
        pages_left("magic")


def test_copies_by_hand():
    """Of pages 0 to 6: 1, 3 and 5 are copies of 0, 6 one of 2, 4 one of a page that is gone."""
    page = make_web(2, size=20)[0]
    originals = {1: (0, 0.1), 3: (0, 0.2), 4: (9, 0.1), 5: (0, 0.1), 6: (2, 0.1)}
    web = [
        replace(page, copy_of=originals[at][0], changed=originals[at][1])
        if at in originals
        else replace(page, copy_of=None)
        for at in range(10)
    ]
    kept = [0, 1, 2, 3, 4, 5, 6]
    similarity_of = {(0, 1): 0.9, (0, 5): 0.5, (0, 3): 0.4, (2, 5): 0.99}
    tenth, fifth = copies_by_change(web, kept, {1, 5}, similarity_of)
    assert (tenth.changed, tenth.pages, fifth.changed, fifth.pages) == (0.1, 3, 0.2, 1)
    assert tenth.similarity == pytest.approx((0.9 + 0.5 + 0) / 3)
    assert tenth.thrown_out == pytest.approx(2 / 3)
    assert (fifth.similarity, fifth.thrown_out) == (0.4, 0)
    # without page 1 the others have other places among those kept
    (tenth, _) = copies_by_change(web, [0, 2, 3, 5], {5}, {(0, 3): 0.7})
    assert (tenth.pages, tenth.similarity, tenth.thrown_out) == (1, 0.7, 1)
