"""Conversations with a note about the user in them, and without: what a product's memory is made of.

    conversation("Rex", "note")      # a system message, and the question for the dog's name

The control asks for a cat, of which the note says nothing.
"""

_NAMES_TEXT = "Rex Luna Otto Bella Max Daisy Bruno Coco Felix Molly Oscar Ruby"
PETS = tuple(_NAMES_TEXT.split())
WAYS = ("no note", "note", "own words", "note, asked for a cat")


def conversation(pet: str, way: str) -> list[dict[str, str]]:
    """The messages of a user whose dog has this name. `way`: "no note"; "note", which the system
    message has; "own words", the user says it; "note, asked for a cat". ValueError for others.
    """
    if way not in WAYS:
        raise ValueError(f"there is no way {way!r:.40}: take {', '.join(WAYS)}.")
    animal = "cat" if way == "note, asked for a cat" else "dog"
    question = f"What is the name of my {animal}?"
    if way == "own words":
        question = f"My dog is called {pet}. {question}"
    asked = {"role": "user", "content": question}
    if way.startswith("note"):
        return [{"role": "system", "content": f"The user has a dog called {pet}."}, asked]
    return [asked]
