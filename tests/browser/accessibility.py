"""What axe finds on a page."""

from importlib.resources import files

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


# `preload` would load styles again.
RUN = "([context, own]) => axe.run(context, {resultTypes: ['violations'], preload: false, ...own})"


def violations(page, context, rules=None):
    """One line for each kind of violation, with the first element that has it.

    `rules`: only these; all without.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(RUN, [context, {"runOnly": rules} if rules else {}])["violations"]
    return [
        f"{one['id']}: {one['help']}, {len(one['nodes'])} times: {one['nodes'][0]['html'][:300]}"
        for one in found
    ]
