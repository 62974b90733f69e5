"""The text of a web page: all of it, and the main part alone."""

from html.parser import HTMLParser

import trafilatura

_BLOCKS = {"p", "div", "li", "h1", "h2", "h3", "br", "title", "article", "footer", "header", "nav"}


class _AllText(HTMLParser):
    """Everything between tags, but what is no text; a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0  # how many open tags around here hold no text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a new line."""
        self.hidden += tag in ("script", "style")
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """A script ends."""
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        """A text."""
        if not self.hidden:
            self.parts.append(data)


def all_text(html: str) -> str:
    """Everything that a reader sees, navigation and notices included, a line for each block."""
    parser = _AllText()
    parser.feed(html)
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)


def main_text(html: str) -> str:
    """The main part alone, as trafilatura finds it; empty where it finds none.

    When in doubt it leaves out, as FineWeb has it (`favor_precision`). It does not remember the pages
    before: what a page gives depends on this page alone.
    """
    return trafilatura.extract(html, favor_precision=True, include_comments=False) or ""
