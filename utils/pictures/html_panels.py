"""HTML outputs that can be read in light and in dark themes, each with a plain-text twin.

A notebook's theme colours everything that does not bring its own colours. So every panel sets both
its ink and its paper, inline, because style sheets are stripped from notebooks that are not
trusted.
"""

from collections.abc import Callable
from html import escape

from IPython import get_ipython
from IPython.display import display
from ipywidgets import DOMWidget

INK = "#1a1a1a"
PAPER = "#ffffff"
FONT = "font-family:system-ui,sans-serif;font-size:14px;line-height:1.45"

# The paper and the edge of a panel by its tone. Tone only supports what the words say: no meaning
# by colour alone.
TONES = {
    "plain": ("#f3f4f6", "#5f6672"),
    "good": ("#e6f3ec", "#00734f"),
    "note": ("#fdf3dc", "#8a5a00"),
    "wrong": ("#fbe9e4", "#a63a00"),
}


def panel(body: str, tone: str = "plain", label: str = "") -> str:
    """A box around `body`, which is HTML already.

    `tone`: a key of TONES. `label` names the box to a screen reader.
    """
    paper, edge = TONES[tone]
    style = f"color:{INK};background:{paper};border-left:4px solid {edge};padding:8px 12px;margin:4px 0;{FONT}"
    named = f' role="group" aria-label="{escape(label)}"' if label else ""
    return f'<div{named} style="{style}">{body}</div>'


def show_html(html: str, text: str) -> None:
    """Show `html` where a notebook can, with `text` as its equivalent; a plain script prints
    `text`.
    """
    if get_ipython() is None:
        print(text)
    else:
        display({"text/html": html, "text/plain": text}, raw=True)


def show_widget(make: Callable[[], DOMWidget], html: str, text: str) -> None:
    """Show the widget that `make` gives, with `html` for pages without a kernel, and `text` where
    there is no page.
    """
    # a plain script or a terminal: no front end can show a widget
    if getattr(get_ipython(), "kernel", None) is None:
        show_html(html, text)
        return
    view = {"version_major": 2, "version_minor": 0, "model_id": make().model_id}
    shown = {
        "application/vnd.jupyter.widget-view+json": view,
        "text/html": html,
        "text/plain": text,
    }
    display(shown, raw=True)
