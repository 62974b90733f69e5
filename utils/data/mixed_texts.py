"""Twelve short texts of as many kinds, to see what excites a neuron: code, science, history,
French, a recipe, law, feelings, medicine, money, biology, questions and sport. And one on the Moon,
to compare with a question about a city.
"""

MIXED_TEXTS = (
    "def area(width, height):\n    return width * height\n\n"
    "for i in range(10):\n    print(area(i, 2))",
    "Water boils at 100 degrees Celsius at sea level, and freezes at 0 degrees.",
    "In 1969 two astronauts landed on the Moon. In 1903 the Wright brothers flew for 12 seconds.",
    "Le chat est assis sur le tapis, et la pluie tombe sur les toits de Paris.",
    "Add the flour, the butter and two eggs, and bake for thirty minutes in a hot oven.",
    "The court found the defendant guilty of fraud and sentenced him to three years in prison.",
    "My grandmother was happy and proud; she laughed, and hugged everybody at the party.",
    "The patient suffered from fever and a painful cough, and died within a week.",
    "The bank raised its interest rate by a quarter of a percent, and shares fell in London and "
    "New York.",
    "Photosynthesis turns carbon dioxide and water into sugar and oxygen in the leaves of plants.",
    "Who are you? Where do you come from? Why did you not write to me?",
    "She scored in the last minute, and the team won the championship by two goals to one.",
)

MOON = (
    "The Moon is the only natural satellite of the Earth. It takes about 27 days to go around "
    "our planet once, and it always shows us the same side. Its surface is covered with "
    "craters, mountains and wide plains of dark rock."
)
