"""How an exercise talks: a panel in a notebook, and the same words as plain text elsewhere."""

from html import escape

from utils.pictures.html_panels import panel, show_html


def say(
    heading: str, lines: tuple[str, ...] = (), tone: str = "plain", sign: str = "", code: str = ""
) -> None:
    """Show a heading with its sign, paragraphs, and a piece of code.

    The sign only supports the words.
    """
    text = [f"{sign} {heading}".strip(), *(f"  {line}" for line in lines)]
    html = [
        f'<b><span aria-hidden="true">{escape(sign)}</span> {escape(heading)}</b>',
        *map(escape, lines),
    ]
    body = "<br>".join(html)
    if code:
        text += ["", code]
        body += (
            f'<pre style="color:inherit;background:transparent;margin:8px 0 0">{escape(code)}</pre>'
        )
    show_html(panel(body, tone, heading), "\n".join(text))
