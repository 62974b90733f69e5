"""HTML outputs that can be read in light and in dark themes, each with a plain-text twin.

A panel takes the theme's ink and paper, and only tints the paper: so it glares in neither. What
has ink of its own, as a figure, brings paper of its own too. All of it is inline, because style
sheets are stripped from notebooks that are not trusted.
"""

from collections.abc import Callable
from html import escape
from uuid import uuid4

from IPython import get_ipython
from IPython.display import display, update_display
from ipywidgets import DOMWidget

INK = "#1a1a1a"
PAPER = "#ffffff"
FONT = "font-family:system-ui,sans-serif;font-size:14px;line-height:1.45"

# The tint and the edge of a panel by its tone. Tone only supports what the words say: no meaning by
# colour alone.
TONES = {
    "plain": ("rgba(120,130,150,0.13)", "#7a818c"),
    "good": ("rgba(0,150,100,0.13)", "#1a8f66"),
    "note": ("rgba(210,150,0,0.15)", "#b57400"),
    "wrong": ("rgba(220,80,30,0.13)", "#d0521b"),
}
# Instead of "Error displaying widget: model not found".
_AGAIN = "These controls ended with the kernel that made them: run this cell again."
STILL = '<div class="glass-box-still"'
# JupyterLab's own words, in the place of the widget, wherever and whenever they appear.
_SCRIPT = """<script>
(() => {
  if (window.glassBoxStills) return;
  const show = () => document.querySelectorAll(".jp-OutputArea-output.jupyter-widgets").forEach(place => {
    if (!place.textContent.startsWith("Error displaying widget")) return;
    const still = place.closest(".jp-OutputArea")?.querySelector(".glass-box-still[hidden]");
    if (!still) return;
    still.hidden = false;
    place.style.display = "none";
  });
  window.glassBoxStills = new MutationObserver(show);
  window.glassBoxStills.observe(document.body, {childList: true, subtree: true});
  show();
})();
</script>"""


def panel(body: str, tone: str = "plain", label: str = "") -> str:
    """A box around `body`, which is HTML already.

    `tone`: a key of TONES. `label` names the box to a screen reader.
    """
    tint, edge = TONES[tone]
    style = f"color:inherit;background:{tint};border-left:4px solid {edge};padding:8px 12px;margin:4px 0;{FONT}"
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


def show_still(html: str) -> Callable[[str], None]:
    """Keep `html`, what the controls of this cell begin with, for the time when they are gone: a
    widget lives in the kernel, and after a restart and a reload of the page there is none. Until
    then nothing of it is seen. Returns a function that keeps other HTML in its place.
    """
    if get_ipython() is None:
        return lambda newer: None
    place = uuid4().hex
    display(_still(html), raw=True, display_id=place)
    return lambda newer: update_display(_still(newer), raw=True, display_id=place)


def _still(html: str) -> dict[str, str]:
    note = panel(_AGAIN, "note", "Controls")
    return {"text/html": f"{STILL} hidden>{html}{note}</div>{_SCRIPT}", "text/plain": ""}


def show_widget(make: Callable[[], DOMWidget], html: str, text: str) -> None:
    """Show the widget that `make` gives, with `html` for pages without a kernel, and `text` where
    there is no page. `html` stands there too when the widget's kernel has ended.
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
    show_still(html)
    display(shown, raw=True)
