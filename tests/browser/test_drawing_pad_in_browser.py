"""The drawing pad in a real browser: what it shows is what torch and utils.widgets.pen_strokes
compute from the same ink."""

import re

import pytest
import torch
from chromium_page import guarded_page
from torch.testing import assert_close

from utils.data.mnist import digits
from utils.widgets.digit_pad import pad_html
from utils.widgets.pen_strokes import FINE, centred, ink, shrunk

ONE = [[(9, 4), (7.5, 15), (8, 22)]]  # in units of the field: far from its middle
SEVEN = [[(7, 6), (20, 5), (15, 14), (12, 24)], [(10, 15), (18, 14)]]


@pytest.fixture(scope="module")
def layers():
    """A small network, trained for a second: it has to read clear digits only."""
    images, labels = digits("train")
    net = torch.nn.Sequential(torch.nn.Linear(784, 16), torch.nn.ReLU(), torch.nn.Linear(16, 10))
    for n, parameter in enumerate(net.parameters()):
        torch.nn.init.normal_(parameter, std=0.1, generator=torch.Generator().manual_seed(n))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    for batch in range(500):
        rows = slice(batch * 100, batch * 100 + 100)
        loss = torch.nn.functional.cross_entropy(net(images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(layer.weight.detach(), layer.bias.detach()) for layer in (net[0], net[2])]


@pytest.fixture(scope="module")
def examples():
    """Ten digits of the test set, one row each."""
    return digits("test").images[:10].clone()


ACTIVATIONS = {"relu": torch.relu, "sigmoid": torch.sigmoid, "softmax": lambda z: z.softmax(-1)}


def forward(layers, picture, hidden="relu", output="softmax"):
    (w1, b1), (w2, b2) = layers
    return ACTIVATIONS[output](w2 @ ACTIVATIONS[hidden](w1 @ picture.flatten() + b1) + b2)


class Pad:
    """One pad on the page, as a reader meets it; `raw` and `picture` are what the page computes
    with.
    """

    def __init__(self, page, frame):
        self.page, self.frame = page, frame
        self.settle()

    def settle(self):
        self.frame.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    @property
    def raw(self):
        return torch.tensor(self.frame.evaluate("Array.from(raw)")).reshape(FINE, FINE)

    @property
    def picture(self):
        return torch.tensor(self.frame.evaluate("Array.from(reading().picture)")).reshape(28, 28)

    @property
    def bars(self):
        return torch.tensor(
            self.frame.eval_on_selector_all(
                "#bars tr", "rows => rows.map(row => +row.dataset.value)"
            )
        )

    def texts(self, selector):
        return self.frame.locator(selector).all_inner_texts()

    def draw(self, strokes):
        box = self.frame.locator("#pad").bounding_box()
        scale, edge = (box["width"] - 2) / 28, 1
        for stroke in strokes:
            (x, y), *rest = [
                (box["x"] + edge + x * scale, box["y"] + edge + y * scale) for x, y in stroke
            ]
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            for x, y in rest:
                self.page.mouse.move(x, y)
            self.page.mouse.up()
        self.settle()

    def press(self, *keys):
        self.frame.locator("#pad").focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def click(self, selector):
        self.frame.locator(selector).click()
        self.settle()

    def sentence(self):
        self.page.wait_for_timeout(400)  # it waits until the hand rests
        return self.frame.locator("#sentence").inner_text()


@pytest.fixture
def opened(browser):
    """Opens pads on one page, without any network; complaints of the page fail the test."""
    page = guarded_page(browser, viewport={"width": 900, "height": 1000})
    page.on("console", lambda message: page.complaints.append(message.text))

    def open_(*htmls):
        page.set_content(f"<!doctype html><title>Notebook</title><body>{''.join(htmls)}")
        frames = [handle.content_frame() for handle in page.query_selector_all("iframe")]
        for frame in frames:
            frame.wait_for_selector("#bars tr:nth-child(10)")
        return [Pad(page, frame) for frame in frames]

    yield open_
    page.close()
    assert page.complaints == [] and page.refused == []


@pytest.fixture
def pad(opened, layers, examples):
    (pad,) = opened(pad_html(layers, "relu", "softmax", examples[:3]))
    return pad


@pytest.mark.parametrize("strokes", [ONE, SEVEN, [[(14, 14)]], [[(2, 12), (40, 18), (20, 40)]]])
def test_the_ink_is_that_of_python(pad, strokes):
    pad.draw(strokes)
    # The mouse stops at fractions of a screen pixel that the browser rounds: 1/20 of a unit, 1/5 of
    # a pad's pixel.
    assert_close(pad.raw, ink(strokes, size=FINE), rtol=0, atol=0.3)
    assert float((pad.raw - ink(strokes, size=FINE)).abs().mean()) < 0.005


@pytest.mark.parametrize(
    "strokes", [ONE, SEVEN, [[(14, 14)]], [[(3, 25), (26, 27)]], [[(14, 2), (14, 27)]]]
)
def test_both_preparations_are_those_of_python(pad, strokes):
    pad.draw(strokes)
    assert_close(pad.picture, centred(pad.raw), rtol=0, atol=1e-6)
    assert_close(pad.bars, forward(pad_layers(pad), pad.picture), rtol=0, atol=1e-4)
    pad.click("#centre")
    assert_close(pad.picture, shrunk(pad.raw), rtol=0, atol=1e-6)
    assert_close(pad.bars, forward(pad_layers(pad), pad.picture), rtol=0, atol=1e-4)
    assert not torch.allclose(centred(pad.raw), shrunk(pad.raw), atol=0.1)


def pad_layers(pad):
    """The weights as the page has read them."""
    held = pad.frame.evaluate(
        "network.map(({ weight, bias }) => [Array.from(weight), Array.from(bias)])"
    )
    return [
        (torch.tensor(weight).reshape(len(bias), -1), torch.tensor(bias)) for weight, bias in held
    ]


@pytest.mark.parametrize("hidden", ["sigmoid", "relu"])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_the_bars_show_the_forward_pass(opened, layers, hidden, output):
    (pad,) = opened(pad_html(layers, hidden, output, None))
    pad.draw(SEVEN)
    expected = forward(layers, pad.picture, hidden, output)
    assert_close(pad.bars, expected, rtol=0, atol=1e-4)
    assert_close(
        torch.tensor([float(text) for text in pad.texts(".value")]), expected, rtol=0, atol=0.0051
    )
    widths = pad.frame.eval_on_selector_all(
        ".bar", "bars => bars.map(b => b.offsetWidth / b.parentNode.offsetWidth)"
    )
    assert float((torch.tensor(widths) - expected).abs().max()) < 0.06  # the cell has margins


def test_what_it_reads_is_said_and_marked_in_words(pad):
    pad.draw(SEVEN)
    winner = int(pad.bars.argmax())
    assert winner == 7
    assert pad.sentence() == f"It reads 7 ({pad.bars[7]:.2f})"
    assert [n for n, mark in enumerate(pad.texts(".mark")) if mark == "◀ highest"] == [7]
    assert pad.texts("tr.most th") == ["7"] and pad.texts("#bars th") == list("0123456789")


def test_very_large_sums_do_not_overflow(opened):
    weight = torch.zeros(10, 784)
    weight[3] = 2000.0
    (pad,) = opened(pad_html([(weight, torch.arange(10.0))], "relu", "softmax", None))
    pad.draw(SEVEN)
    assert pad.bars.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("how", ["#clear", "Delete", "Backspace"])
def test_clear_clears(pad, how):
    before = pad.bars
    pad.draw(SEVEN)
    assert not torch.equal(pad.bars, before)
    pad.click(how) if how.startswith("#") else pad.press(how)
    assert not pad.raw.any() and not pad.picture.any()
    assert_close(pad.bars, before, rtol=0, atol=0)
    assert re.fullmatch(r"The pad is empty, and still it reads \d \(0\.\d\d\)", pad.sentence())


def test_the_keyboard_draws_and_changes_the_winner(pad, layers):
    pad.draw(
        [[(8, 14), (9, 10), (14, 7), (19, 10), (20, 14), (19, 19), (14, 21), (9, 19), (8, 14)]]
    )
    assert int(pad.bars.argmax()) == 0
    pad.press("Delete", *["ArrowUp"] * 3, *["ArrowRight"] * 6)
    assert not pad.raw.any() and pad.texts("#state") == ["Pen up, column 14, row 11"]
    pad.press(*["ArrowUp"] * 6, " ", *["ArrowDown"] * 19, " ", "ArrowLeft")
    assert_close(pad.raw, ink([[(14, 5), (14, 24)]], size=FINE), rtol=0, atol=1e-6)
    assert pad.texts("#state") == ["Pen up, column 13, row 24"]
    assert int(pad.bars.argmax()) == 1
    assert_close(pad.bars, forward(layers, pad.picture), rtol=0, atol=1e-4)


def test_the_keyboards_pen_stays_on_the_field_and_is_seen_only_there(pad):
    pad.press(*["ArrowLeft"] * 20, *["ArrowUp"] * 20)
    assert pad.texts("#state") == ["Pen up, column 0, row 0"]
    assert pad.frame.locator("#pen").is_visible()
    pad.press(" ")
    assert pad.texts("#state") == ["Pen down, column 0, row 0"] and pad.raw.any()
    pad.page.keyboard.press("Tab")  # who leaves the field lifts the pen
    assert pad.texts("#state") == ["Pen up, column 0, row 0"]
    assert not pad.frame.locator("#pen").is_visible()
    assert pad.frame.evaluate("document.activeElement.id") == "clear"


def test_all_controls_can_be_reached_and_used_by_keyboard(pad, examples):
    pad.frame.locator("#pad").focus()
    names = []
    for _ in range(6):
        pad.page.keyboard.press("Tab")
        names.append(pad.frame.evaluate("document.activeElement.ariaLabel || "
                                        "document.activeElement.labels?.[0]"
                                        "?.innerText.trim() || document.activeElement.innerText"))  # fmt: skip
    assert names == [
        "Clear",
        "Noise",
        "Centre it, as MNIST does",
        "Test digit 1",
        "Test digit 2",
        "Test digit 3",
    ]
    pad.page.keyboard.press("Enter")
    pad.settle()
    assert_close(pad.picture, examples[2].reshape(28, 28), rtol=0, atol=1e-6)


def test_moving_without_a_pressed_button_leaves_no_ink(pad):
    box = pad.frame.locator("#pad").bounding_box()
    for step in range(5):
        pad.page.mouse.move(box["x"] + 40 * step, box["y"] + 100)
    pad.page.mouse.click(box["x"] + 50, box["y"] + 50, button="right")
    pad.settle()
    assert not pad.raw.any()


def test_a_finger_draws(browser, layers):
    page = browser.new_page(has_touch=True)
    page.set_content(pad_html(layers, "relu", "softmax", None))
    pad = Pad(page, page.frames[1])
    box = pad.frame.locator("#pad").bounding_box()
    page.touchscreen.tap(box["x"] + 141, box["y"] + 141)
    pad.settle()
    assert_close(pad.raw, ink([[(14, 14)]], size=FINE), rtol=0, atol=0.3)
    assert (
        pad.frame.evaluate("getComputedStyle(document.getElementById('pad')).touchAction") == "none"
    )
    page.close()


def test_test_digits_come_as_they_are_and_can_be_drawn_upon(pad, layers, examples):
    for n, image in enumerate(examples[:3]):
        pad.click(f"#given button:nth-of-type({n + 1})")
        assert_close(pad.picture.flatten(), image, rtol=0, atol=1e-6)  # centred already
        assert_close(pad.bars, forward(layers, image), rtol=0, atol=1e-4)
    before = pad.raw
    pad.draw([[(24, 24), (26, 26)]])
    assert_close(
        pad.raw, torch.maximum(before, ink([[(24, 24), (26, 26)]], size=FINE)), rtol=0, atol=0.3
    )


def test_noise_is_new_each_time_and_even(pad):
    pad.click("#centre")
    pictures = []
    for _ in range(2):
        pad.click("#noise")
        pictures.append(pad.picture)
    assert not torch.allclose(*pictures, atol=0.1)
    for picture in pictures:
        assert float(picture.mean()) == pytest.approx(0.5, abs=0.06)  # six standard errors
        assert float(picture.std()) == pytest.approx(12**-0.5, abs=0.04)


def test_two_pads_on_a_page_do_not_meet(opened, layers):
    html = pad_html(layers, "relu", "softmax", None)
    first, second = opened(html, html)
    second.draw(SEVEN)
    assert second.raw.any() and not first.raw.any()
    first.draw(ONE)
    first.click("#clear")
    assert second.raw.any() and not first.raw.any()
    assert int(second.bars.argmax()) == 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 800, 1000])
def test_dark_ink_on_white_paper_and_all_of_it_in_view(opened, layers, examples, scheme, width):
    (pad,) = opened(pad_html(layers, "relu", "softmax", examples))
    pad.page.emulate_media(color_scheme=scheme)
    # 8 pixels of margin on each side
    pad.page.set_viewport_size({"width": width + 16, "height": 700})
    pad.draw(SEVEN)
    looks = pad.frame.evaluate(
        "(({ color, backgroundColor }) => [color, "
        "backgroundColor])(getComputedStyle(document.body))"
    )
    assert looks == ["rgb(26, 26, 26)", "rgb(255, 255, 255)"]
    height, available, width, wide = pad.frame.evaluate(
        "[document.body.scrollHeight, innerHeight, document.documentElement.scrollWidth, "
        "innerWidth]"
    )
    assert available - 30 < height <= available and width <= wide


def test_nothing_jumps(pad):
    def places():
        return pad.frame.eval_on_selector_all(
            "#bars, #controls, #help", "all => all.map(e => e.getBoundingClientRect().y)"
        )

    pad.sentence()
    before = places()
    pad.draw(SEVEN)
    pad.sentence()
    assert places() == before
