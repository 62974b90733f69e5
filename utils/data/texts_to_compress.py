"""Seven texts of 1,000 bytes that differ in what a model may know of them: `texts_to_compress()`."""

import base64
import inspect
import random

from utils.compression import arithmetic_coder
from utils.data.shakespeare import play
from utils.data.wikipedia import articles

LENGTH = 1000  # bytes

# Abraham Lincoln, 19 November 1863. It stands in many thousand places of the web.
_GETTYSBURG = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, "
    "conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we "
    "are engaged in a great civil war, testing whether that nation, or any nation so conceived and "
    "so dedicated, can long endure. We are met on a great battle-field of that war. We have come to "
    "dedicate a portion of that field, as a final resting place for those who here gave their lives "
    "that that nation might live. It is altogether fitting and proper that we should do this. But, "
    "in a larger sense, we can not dedicate -- we can not consecrate -- we can not hallow -- this "
    "ground. The brave men, living and dead, who struggled here, have consecrated it, far above our "
    "poor power to add or detract. The world will little note, nor long remember what we say here, "
    "but it can never forget what they did here. It is for us the living, rather, to be dedicated "
    "here to the unfinished work which they who fought here have thus far so nobly advanced."
)
# Nobody gave this speech: it was written for this course, to be as solemn.
_OUR_SPEECH = (
    "Nine winters ago the people of this valley agreed to build a bridge, and to pay for it with "
    "what they had: timber, patience and the wages of two summers. Today we stand on the finished "
    "work, and each of us may walk across a river that drowned our grandfathers' horses. Let nobody "
    "say that it was built by the engineers alone. The bakers fed them, the children carried water, "
    "and old men who would never live to cross it came down every evening to count the stones. We "
    "do not open it in order to be praised. We open it because there are neighbours on the other "
    "side, whose lamps we have seen for a hundred years and whose names we do not know. A bridge is "
    "a question that one shore asks the other. May those who come after us answer it with bread, "
    "with songs, and with an open door; and may they forgive us that the railing is crooked, for it "
    "was made in the dark, by people in a hurry to meet. So let us go over together now, and slowly, "
    "the youngest of us first, and the mayor, who has spoken for too long already, last of all."
)
# The licence of this project's code, and of very many others.
_LICENCE = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software "
    'and associated documentation files (the "Software"), to deal in the Software without '
    "restriction, including without limitation the rights to use, copy, modify, merge, publish, "
    "distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the "
    "Software is furnished to do so, subject to the following conditions:\n\nThe above copyright "
    "notice and this permission notice shall be included in all copies or substantial portions of "
    'the Software.\n\nTHE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR '
    "IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A "
    "PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE "
    "LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR "
    "OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS "
    "IN THE SOFTWARE."
)


def texts_to_compress() -> dict[str, str]:
    """The texts by name, each cut after 1,000 bytes. AssetError if one cannot be fetched.

    The random one has each of 64 letters, digits and signs equally often, in an order of chance: 6
    bits a byte, and no model of any kind can do better on average.
    """
    water = next(one.text for one in articles("french") if one.title == "Eau")
    hamlet = play("hamlet")
    soliloquy = hamlet[hamlet.index("To be, or not to be") :]
    noise = base64.b64encode(random.Random(0).randbytes(LENGTH)).decode()
    whole = {
        "the MIT licence": _LICENCE,
        "a famous speech": _GETTYSBURG,
        "a speech of ours": _OUR_SPEECH,
        "Hamlet's monologue": soliloquy,
        "French Wikipedia": water,
        "code of ours": inspect.getsource(arithmetic_coder.Encoder),
        "letters at random": noise,
    }
    return {name: text.encode()[:LENGTH].decode(errors="ignore") for name, text in whole.items()}
