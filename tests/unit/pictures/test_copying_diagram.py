"""The two steps of copying: notes and arrows stand where a search through the text by hand puts
them.
"""

import pytest
from matplotlib.colors import to_hex

from utils.pictures.copying_diagram import draw_copying
from utils.pictures.figures import BLUE, VERMILLION, img


def arrows(page, colour):
    """Where the arrows of a colour begin and end: pairs of x."""
    found = [one for one in page.texts if getattr(one, "arrow_patch", None)]
    return [
        (one.xyann[0], one.xy[0])
        for one in found
        if to_hex(one.arrow_patch.get_edgecolor()) == colour.lower()
    ]


def x_of(page, words):
    """The places of a text, from left to right."""
    return sorted(text.get_position()[0] for text in page.texts if text.get_text() == words)


@pytest.mark.parametrize(
    ("tokens", "following", "its_place"),
    [("abcdeab", "c", 0), ("xyx", "y", 0), ("mnpmqm", "q", 0), ("aab", None, 0), ("kkk", "k", 1)],
)
def test_the_last_token_looks_at_what_followed_its_latest_copy(tokens, following, its_place):
    if following is None:
        with pytest.raises(ValueError, match=r"'b', has no earlier copy among \['a'\]"):
            draw_copying(tokens)
        return
    fig, words = draw_copying(list(tokens))
    (page,) = fig.axes
    place = x_of(page, following)[its_place]
    ((query, key),) = arrows(page, VERMILLION)
    assert key == pytest.approx(place)
    assert query == pytest.approx(x_of(page, tokens[-1])[-1 - (tokens[-1] == following)])
    assert place in x_of(page, f"before\nme: {tokens[-1]}")
    ((tail, head),) = arrows(page, BLUE)  # the one note that is read
    assert tail < head and abs(head - place) < (head - tail)
    assert f"and {following} is what comes next" in words and img(fig, words)


def test_each_token_but_the_first_has_a_note_of_the_one_before():
    (page,) = draw_copying(list("pqrstpq"))[0].axes
    notes = sorted(
        (text.get_position()[0], text.get_text()[-1])
        for text in page.texts
        if text.get_text().startswith("before\n")
    )
    assert [note for _, note in notes] == list("pqrstp")
    assert [place for place, _ in notes[:4]] == pytest.approx(
        [x_of(page, token)[0] for token in "qrst"]
    )


def test_too_many_tokens_are_refused():
    with pytest.raises(ValueError, match="10 tokens were given; the drawing has 9 places"):
        draw_copying(list("abcdefghia"))
