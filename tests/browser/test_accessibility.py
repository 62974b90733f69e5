"""What notebooks show can be read by everyone: names for controls and pictures, headings in order,
enough contrast.
"""

import re

import pytest
from accessibility import AXE, violations

OURS = [".jp-RenderedMarkdown", ".jp-OutputArea-output"]  # the rest of the page is JupyterLab's
THEMES = ("JupyterLab Light", "JupyterLab Dark")


# All that colours decide: names, headings and order are the same in both themes.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.mark.parametrize(
    ("theme", "rules"), [(THEMES[0], None), (THEMES[1], OF_COLOURS)], ids=THEMES
)
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
