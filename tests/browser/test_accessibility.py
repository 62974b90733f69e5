"""What notebooks show can be read by everyone: names for controls and pictures, headings in order, enough contrast."""

import re
from importlib.resources import files

import pytest

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
OURS = [".jp-RenderedMarkdown", ".jp-OutputArea-output"]  # the rest of the page is JupyterLab's
# `preload` would load styles again.
RUN = "([context, own]) => axe.run(context, {resultTypes: ['violations'], preload: false, ...own})"
THEMES = ("JupyterLab Light", "JupyterLab Dark")


def violations(page, context, rules=None):
    """One line for each kind of violation, with the first element that has it. `rules`: only these; all without."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(RUN, [context, {"runOnly": rules} if rules else {}])["violations"]
    return [f"{one['id']}: {one['help']}, {len(one['nodes'])} times: {one['nodes'][0]['html'][:300]}" for one in found]


# All that colours decide: names, headings and order are the same in both themes.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.mark.parametrize(("theme", "rules"), [(THEMES[0], None), (THEMES[1], OF_COLOURS)], ids=THEMES)
def test_axe_finds_nothing(notebook, theme, rules):
    notebook.theme(theme)
    try:
        found = violations(notebook.page, {"include": [[part] for part in OURS]}, rules)
        assert found == [], "\n".join(found)
    finally:
        notebook.theme("JupyterLab Light")


def test_axe_has_no_other_rules_about_colours():
    """A rule of a newer axe that looks at colours must not be left out in the dark theme."""
    tagged = set(re.findall(r'id:"([a-z-]+)"[^{}]*?tags:\["cat\.color"', AXE))
    assert tagged and tagged - {"color-contrast-enhanced"} == set(OF_COLOURS)
