"""Web sites that do not exist: how their pages look around the text. Four layouts, from a tidy one
to one that says nowhere which part is the text.

All of it is in real HTML: navigation, a cookie banner, links to other pages, a footer, scripts.
"""

import random
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

_COOKIES = (
    "We and our partners use cookies to give you the best experience. By clicking Accept all you "
    "agree to our use of cookies and to our privacy policy."
)
_NAVIGATION = [
    "Home",
    "News",
    "Sport",
    "Travel",
    "Shop",
    "Gallery",
    "Forum",
    "About",
    "Contact",
    "Login",
]
_FOOTER = "Copyright 2026. All rights reserved. Terms of use. Privacy policy. Imprint."
_TEASERS = (
    "Ten things nobody told you about tea",
    "This village has more goats than people",
    "Subscribe to our newsletter and never miss a story",
    "The quiet return of the night train",
    "Why your neighbour's roses are better than yours",
    "Our readers' favourite walks by the river",
)
_SCRIPT = "<script>window.shown = {page: 1, at: Date.now()};</script>"
_STYLE = "<style>body {margin: 0} nav a {color: #345; padding: 4px}</style>"


class Section(NamedTuple):
    """A heading (empty for none) and the paragraphs below it."""

    heading: str
    paragraphs: tuple[str, ...]


def _links(words: Sequence[str]) -> str:
    return " ".join(f'<a href="/{word.lower().replace(" ", "-")}">{word}</a>' for word in words)


def _body(sections: Sequence[Section]) -> str:
    parts = []
    for section in sections:
        if section.heading:
            parts.append(f"<h2>{escape(section.heading)}</h2>")
        parts += [f"<p>{escape(text)}</p>" for text in section.paragraphs]
    return "\n".join(parts)


def _document(title: str, language: str, inside: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{_STYLE}</head>\n<body>\n{inside}\n{_SCRIPT}</body></html>\n"
    )


def _tidy(title: str, sections: Sequence[Section], rng: random.Random) -> str:
    """The main part is marked as such, as HTML would have it."""
    teasers = "".join(f"<li><a href='#'>{one}</a></li>" for one in rng.sample(_TEASERS, 3))
    return (
        f'<div class="cookie-banner" role="dialog"><p>{_COOKIES}</p><button>Accept all</button></div>'
        f"<header><nav>{_links(_NAVIGATION)}</nav></header>\n"
        f"<main><article><h1>{escape(title)}</h1>\n{_body(sections)}\n</article></main>\n"
        f"<aside><h3>Most read</h3><ul>{teasers}</ul></aside><footer><p>{_FOOTER}</p></footer>"
    )


def _blog(title: str, sections: Sequence[Section], rng: random.Random) -> str:
    """Comments of readers follow the text."""
    comments = rng.sample(("Great post!", "First!", "Thanks, bookmarked.", "I disagree."), 2)
    said = "".join(f'<div class="comment"><p>{one}</p></div>' for one in comments)
    return (
        f'<div id="header"><h3><a href="/">My small blog</a></h3>{_links(_NAVIGATION[:5])}</div>'
        f'<div class="post"><h1>{escape(title)}</h1>\n<div class="post-content">{_body(sections)}'
        f'</div></div>\n<div id="comments"><h3>2 comments</h3>{said}</div>'
        f'<div id="sidebar"><p>{rng.choice(_TEASERS)}</p></div><div id="footer">{_FOOTER}</div>'
    )


def _portal(title: str, sections: Sequence[Section], rng: random.Random) -> str:
    """More links than text, and a teaser in the middle of the text."""
    links = "".join(f"<li>{_links([one])}</li>" for one in _NAVIGATION * 2)
    half = (len(sections) + 1) // 2
    teaser = f'<div class="teaser"><b>Read more:</b> <a href="#">{rng.choice(_TEASERS)}</a></div>'
    return (
        f'<div class="menu"><ul>{links}</ul></div><div class="content"><h1>{escape(title)}</h1>\n'
        f"{_body(sections[:half])}\n{teaser}\n{_body(sections[half:])}</div>"
        f'<div class="menu"><ul>{links}</ul></div><p class="legal">{_FOOTER} {_COOKIES}</p>'
    )


def _unmarked(title: str, sections: Sequence[Section], rng: random.Random) -> str:
    """Boxes in boxes with names that mean nothing, as a program writes them."""
    box = f"c{rng.randrange(10_000)}"
    return (
        f'<div class="{box}a">{_COOKIES}</div><div class="{box}b">{_links(_NAVIGATION)}</div>'
        f'<div class="{box}c"><div><div><h1>{escape(title)}</h1>{_body(sections)}</div></div></div>'
        f'<div class="{box}d">{_links(rng.sample(_TEASERS, 3))}</div><div>{_FOOTER}</div>'
    )


Layout = Callable[[str, Sequence[Section], random.Random], str]
LAYOUTS: dict[str, Layout] = {
    "tidy": _tidy,
    "blog": _blog,
    "portal": _portal,
    "unmarked": _unmarked,
}


def page_of(
    layout: str, title: str, sections: Sequence[Section], language: str, rng: random.Random
) -> str:
    """The HTML of a page. layout: a key of LAYOUTS. language: two letters, as HTML has them."""
    return _document(title, language, LAYOUTS[layout](title, sections, rng))
