"""What notebooks show can be read by everyone: names for controls and pictures, headings in order, enough contrast."""

from importlib.resources import files

import pytest

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
OURS = [".jp-RenderedMarkdown", ".jp-OutputArea-output"]  # the rest of the page is JupyterLab's
RUN = "options => axe.run(options.context, {resultTypes: ['violations'], preload: false})"  # it would load styles again


def violations(page, context):
    """One line for each kind of violation, with the first element that has it."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(RUN, {"context": context})["violations"]
    return [f"{one['id']}: {one['help']}, {len(one['nodes'])} times: {one['nodes'][0]['html'][:300]}" for one in found]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(notebook, theme):
    notebook.theme(theme)
    try:
        found = violations(notebook.page, {"include": [[part] for part in OURS]})
        assert found == [], "\n".join(found)
    finally:
        notebook.theme("JupyterLab Light")
