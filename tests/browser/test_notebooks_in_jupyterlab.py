"""Every notebook in a real JupyterLab without a network: it runs, nothing stays blank, and every
control works.
"""

import pytest
from notebook_page import SETTLED, colours

SLIDER, LIST, BOX = ".noUi-handle", "select", "input[type=checkbox]"
FIELD = "input[type=text], textarea"
# tokens as boxes of HTML, where an explorer has no image
PIECES = ".glass-box-pieces span"
CONTROLS = f"{SLIDER}, {LIST}, {FIELD}, {BOX}"


def test_it_runs_without_an_error_and_without_a_network(notebook):
    assert notebook.errors() == [] and notebook.ran is True
    assert notebook.page.refused == [] and notebook.page.complaints == []


def test_nothing_is_blank(notebook):
    pictures, frames = notebook.pictures(), notebook.frames()
    assert pictures
    for picture in pictures:
        assert colours(picture) > 8, picture.get_attribute("alt")
    for explorer in notebook.explorers():
        words = explorer.inner_text()  # an error would stand here
        drawn = explorer.locator(f"img, {PIECES}").count()
        assert drawn and not explorer.locator("[aria-label=Error]").count(), words
    for frame in frames:
        drawn = frame.content_frame.locator("svg *, canvas, table *")
        assert drawn.count() > 20, frame.get_attribute("title")


def shown(explorer):
    return explorer.locator(".widget-html-content").last.inner_html()


def ask_for_another(explorer, hand):
    """Where a picture takes more than a moment, it waits for its button."""
    for button in explorer.locator("button").all():
        button.press("Enter") if hand == "keyboard" else button.click()


def wait_for_another(explorer, before):
    """A new picture, and not the sentence that it is being drawn."""
    picture = explorer.locator(".widget-html-content").last.element_handle()
    explorer.page.wait_for_function(
        "([picture, before]) => picture.innerHTML !== before && !picture.querySelector('[role=status]')",
        arg=[picture, before],
        timeout=300_000,
    )
    # several buttons ask for several pictures: the last one counts
    explorer.element_handle().evaluate(SETTLED)


def slide(handle, hand):
    """One step, away from the end of the scale."""
    at_the_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    if hand == "keyboard":
        handle.press("ArrowLeft" if at_the_end else "ArrowRight")
        return
    handle.scroll_into_view_if_needed()
    box, mouse = handle.bounding_box(), handle.page.mouse
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + (-60 if at_the_end else 60), y, steps=6)
    mouse.up()


def choose(menu, hand):
    """The next entry, or the one before if there is none."""
    before = menu.input_value()
    last = menu.evaluate("menu => menu.selectedIndex === menu.options.length - 1")
    if hand == "keyboard":
        menu.press("ArrowUp" if last else "ArrowDown")
    else:
        menu.select_option(index=menu.evaluate("menu => menu.selectedIndex") + (-1 if last else 1))
    assert menu.input_value() != before  # the key was for the menu, and not for JupyterLab


def write(field, hand):
    """A letter more at the end; done with Enter, or by leaving the field."""
    field.click() if hand == "mouse" else field.focus()
    field.press("End")
    field.page.keyboard.type("s")
    field.press("Enter") if hand == "keyboard" else field.blur()


USE = {
    SLIDER: slide,
    LIST: choose,
    FIELD: write,
    BOX: lambda box, hand: box.press("Space") if hand == "keyboard" else box.click(),
}


@pytest.mark.parametrize("hand", ["keyboard", "mouse"])
def test_every_control_of_an_explorer_changes_its_picture(notebook, hand):
    for explorer in notebook.explorers():
        assert explorer.locator(CONTROLS).count()
        for kind, use in USE.items():
            for control in explorer.locator(kind).all():
                before, was = shown(explorer), control.input_value() if kind == FIELD else ""
                use(control, hand)
                ask_for_another(explorer, hand)
                wait_for_another(explorer, before)
                pictures = explorer.locator("img").all()
                drawn = pictures or explorer.locator(PIECES).count()
                # A text may be wrong after a letter more; then the learner is told.
                assert drawn or explorer.locator("[aria-label=Input]").count()
                assert all(colours(picture) > 8 for picture in pictures)
                if not drawn:  # put it right again, or the next field would change nothing
                    told = shown(explorer)
                    control.fill(was)
                    control.press("Enter")
                    ask_for_another(explorer, hand)
                    wait_for_another(explorer, told)
