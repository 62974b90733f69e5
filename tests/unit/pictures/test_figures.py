"""Figures and panels: words for every picture, opaque paper, labels that hide nothing, colours one
can tell apart.
"""

import base64
import io
import itertools
import re
from html import unescape

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from contrast import contrast

from utils.pictures import figures
from utils.pictures.figures import bars, img, new_figure, show, style, visible
from utils.pictures.html_panels import INK, PAPER, TONES, panel, show_html

ALT = "Paris is far ahead of all other words."


def pixels(html):
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    return plt.imread(io.BytesIO(data))


def test_contrast_against_known_values():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def tinted(paper, tint):
    """The colour of a paper under a tint, rgba(red,green,blue,share of the tint)."""
    *colour, share = map(float, re.findall(r"[\d.]+", tint))
    under = [int(paper[place : place + 2], 16) for place in (1, 3, 5)]
    mixed = [share * over + (1 - share) * below for over, below in zip(colour, under, strict=True)]
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


# JupyterLab's own: the ink of its outputs and the paper behind them
THEMES = {"light": ("#212121", "#ffffff"), "dark": ("#ffffff", "#111111")}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", TONES)
def test_panels_are_legible_in_both_themes(tone, theme):
    ink, paper = THEMES[theme]
    tint, edge = TONES[tone]
    assert contrast(ink, tinted(paper, tint)) >= 7
    assert contrast(edge, tinted(paper, tint)) >= 3
    assert f"color:inherit;background:{tint}" in panel("words", tone)


def test_panel_names_itself_and_escapes_the_name():
    assert 'role="group" aria-label="a &quot;name&quot;"' in panel("<b>x</b>", label='a "name"')
    assert "<b>x</b>" in panel("<b>x</b>")


def test_show_html_displays_both_forms(shown):
    show_html("<b>x</b>", "x")
    assert shown == [{"text/html": "<b>x</b>", "text/plain": "x"}]


def test_show_html_prints_in_a_plain_script(capsys, monkeypatch):
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    show_html("<b>x</b>", "in words")
    assert capsys.readouterr().out == "in words\n"


@pytest.mark.parametrize("ink", [figures.GREY, INK, figures.BLUE, figures.VERMILLION])
def test_figure_inks_stand_out_from_the_paper(ink):
    assert contrast(ink, PAPER) >= (4.5 if ink in (INK, figures.GREY) else 3)


# Machado, Oliveira & Fernandes 2009, severity 1.0: what protan, deutan and tritan eyes see, in
# linear RGB.
BLINDNESS = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen_lab(color, blindness):
    rgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0, 1)
    xyz = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ linear
    )
    f = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_palette_can_be_told_apart(blindness):
    seen = [seen_lab(color, blindness) for color in figures.PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 10


def test_bars_draw_every_value_from_the_top():
    fig = bars([" Paris", " the", " a"], [0.75, 0.2, 0.05], highlight=1)
    ax = fig.axes[0]
    assert [patch.get_width() for patch in ax.patches] == [0.75, 0.2, 0.05]
    heights = [ax.transData.transform((0, patch.get_y()))[1] for patch in ax.patches]
    assert heights == sorted(heights, reverse=True)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["␣Paris", "␣the", "␣a"]
    assert [text.get_text() for text in ax.texts] == ["0.75", "0.2", "0.05"]
    assert [text.get_fontweight() for text in ax.get_yticklabels()] == ["normal", "bold", "normal"]
    assert len({patch.get_facecolor() for patch in ax.patches}) == 2


def test_bars_take_tensors_and_an_axes():
    fig, axes = new_figure(2, columns=2)
    assert bars(["a", "b"], torch.tensor([0.5, 0.25]), ax=axes[1]) is fig
    assert len(axes[1].patches) == 2 and not axes[0].patches


def test_bars_need_a_value_for_each_label():
    with pytest.raises(ValueError, match="3 labels and 2 values"):
        bars(["a", "b", "c"], [1, 2])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "label",
    ["$100 and $200", "$x^2$", r"\frac", "a_b^c", "%", "{", "中文", "🙂", "\x00\r\t", "�", ""],
)
def test_odd_labels_are_drawn_as_text(label):
    fig = bars([label, "b"], [0.5, 0.1], title="$5 or $6")
    img(fig, ALT)  # a missing glyph or a bad formula would warn or raise here
    assert not any(
        text.get_parse_math() for text in [*fig.axes[0].get_yticklabels(), fig.axes[0].title][:2]
    )


LABELS = {
    " the": "␣the",
    " head 23.3": "␣head 23.3",
    "two  spaces ": "two␣␣spaces␣",
    "\n\n": "⏎⏎",
    "\t": "⇥",
    "\r": "\\r",
    "\x00": "\\u0000",
    "привет": "привет",
    "中": "\\u4e2d",
    "🙂": "\\U1f642",
    "\u00a0": "\\u00a0",
    "\u200b": "\\u200b",
    "": "(empty)",
}


@pytest.mark.parametrize(("piece", "label"), LABELS.items())
def test_visible(piece, label):
    assert visible(piece) == label


def test_long_labels_keep_both_ends():
    label = visible(" antidisestablishmentarianism is long")
    assert (
        len(label) <= 28
        and label.startswith("␣antidis")
        and label.endswith("is long")
        and "…" in label
    )
    assert visible("x" * 28) == "x" * 28


@pytest.mark.parametrize("alt", ["", "a picture", " " * 40, "x" * 19])
def test_short_alternative_text_is_refused(alt):
    with pytest.raises(ValueError, match="at least 20"):
        img(new_figure()[0], alt)


def test_img_is_opaque_and_escaped():
    fig, ax = new_figure()
    ax.plot([0, 1], [0, 1])
    html = img(fig, 'The "line" rises <steadily> from 0 to 1.')
    assert (
        unescape(re.search(r'alt="([^"]*)"', html)[1]) == 'The "line" rises <steadily> from 0 to 1.'
    )
    picture = pixels(html)
    assert picture.shape[2] == 3 or (picture[..., 3] == 1).all()
    assert (picture[0, 0, :3] == 1).all()
    assert picture.shape[1] == 7 * 144 and 'width="672"' in html


def test_img_is_opaque_for_a_transparent_pyplot_figure():
    with matplotlib.rc_context({"savefig.transparent": True, "savefig.facecolor": "none"}):
        picture = pixels(img(bars(["a"], [1]), ALT))
    assert picture.shape[2] == 3 or (picture[..., 3] == 1).all()


def test_the_same_figure_gives_the_same_bytes():
    assert img(bars(["a"], [1]), ALT) == img(bars(["a"], [1]), ALT)


def test_show_gives_figure_alt_and_caption(shown):
    show(bars(["a"], [1]), ALT, "A <caption>")
    (data,) = shown
    assert data["text/plain"] == f"{ALT}\nA <caption>"
    assert data["text/html"].startswith("<figure") and f'alt="{ALT}"' in data["text/html"]
    assert "A &lt;caption&gt;</figcaption>" in data["text/html"]


def test_show_closes_a_pyplot_figure(shown):
    before = plt.get_fignums()
    fig = plt.figure()
    show(fig, ALT)
    assert plt.get_fignums() == before


def test_nothing_global_changes():
    before, figures_before = dict(matplotlib.rcParams), plt.get_fignums()
    img(bars(["a"], [1]), ALT)
    assert dict(matplotlib.rcParams) == before and plt.get_fignums() == figures_before
    with style():
        assert matplotlib.rcParams["axes.spines.top"] is False
    assert dict(matplotlib.rcParams) == before
