"""How the course talks: a panel in a notebook, and the same words as plain text elsewhere."""

from html import escape

from utils.pictures.html_panels import panel, show_html


def say(
    heading: str,
    lines: tuple[str, ...] = (),
    tone: str = "plain",
    sign: str = "",
    code: str = "",
    *,
    closing: str = "",
    label: str = "",
) -> None:
    """Show a heading with its sign, paragraphs, a closing one that stands out, and a piece of code.

    The sign only supports the words. `label` names the box to a screen reader; it is the heading
    unless another one is given.
    """
    text = [f"{sign} {heading}".strip(), *(f"  {line}" for line in lines)]
    mark = f'<span aria-hidden="true">{escape(sign)}</span> ' if sign else ""
    html = [f"<b>{mark}{escape(heading)}</b>", *map(escape, lines)]
    if closing:
        text.append(f"  {closing}")
        html.append(f"<b>{escape(closing)}</b>")
    body = "<br>".join(html)
    if code:
        text += ["", code]
        look = "color:inherit;background:transparent;margin:8px 0 0"
        body += f'<pre style="{look}">{escape(code)}</pre>'
    show_html(panel(body, tone, label or heading), "\n".join(text))
