"""The frame of an HTML page that needs nothing beside it."""

from html import escape


def html_page(title: str, body: str, style: str) -> str:
    """A whole page: `title` is plain text, `body` is HTML, `style` a style sheet."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style>"
    )
    page = f'<html lang="en"><head>{head}</head><body>{body}</body></html>'
    return f"<!doctype html>\n{page}\n"
