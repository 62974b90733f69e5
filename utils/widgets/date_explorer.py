"""The explorer of alignment: type a date, and see where the translator looks for each character."""

from ipywidgets import IntSlider, VBox

from utils.data.dates import ISO_LENGTH, read_date
from utils.pictures.architecture_pictures import lit_source
from utils.pictures.figures import img
from utils.predecessors.encoder_decoder import EncoderDecoder
from utils.predecessors.translation import translate
from utils.predecessors.translation_alignment import cross_patterns
from utils.widgets.explorers import explorer, text_field


def date_explorer(model: EncoderDecoder, text: str = "7 March 1987") -> VBox:
    """Type a date in any of the five formats, and move the slider over the characters that the model
    writes: those that it looks at light up.
    """

    def draw(text: str, character: int) -> str:
        written = read_date(text)
        (iso,) = translate(model, [written.text])
        weights = cross_patterns(model, [written.text], [iso])[0, character - 1]
        right = "right" if iso == written.iso else f"wrong: the date is {written.iso}"
        sentence = f"<p>“{written.text}” becomes {iso}, which is {right}.</p>"
        return img(*lit_source(weights, written.text, iso, character - 1)) + sentence

    return explorer(
        draw,
        height=310,
        text=text_field(text, "date", 320),
        character=IntSlider(
            6,
            min=1,
            max=ISO_LENGTH,
            description="character",
            continuous_update=False,
            style={"description_width": "initial"},
        ),
    )
