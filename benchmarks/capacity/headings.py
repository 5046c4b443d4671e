"""Headings of the report's tables, and what each table is of."""

from benchmarks.capacity.city import FENCE_RADIUS_M, SHOPS_PER_KM2

HEADINGS = {
    "head": (
        "Families",
        ("Shape alone, normal errors."),
    ),
    "made-for": (
        "At the touch error that the family is made for",
        ("Shape alone, normal errors: families that are made for another touch error than 0.4 mm."),
    ),
    "shipped": (
        "The library's own settings",
        (
            "The same presses, recognised with defaults: they expect one press in twenty at twice the noise, "
            "and one in fifty to be of no registered stamp, so that shape alone is rarely enough for them. "
            "They are meant for presses whose place is known; another table below has those."
        ),
    ),
    "sigma": (
        "Touch error",
        ("Shape alone."),
    ),
    "tips": (
        "Tips",
        (
            "Uniformly random patterns, not kept apart by a codebook, on a face of 50 mm (2.5 mm of "
            "margin), tips 11 mm apart."
        ),
    ),
    "face": (
        "Face",
        ("Uniformly random patterns of five tips, tips 11 mm apart, on round faces."),
    ),
    "trouble": (
        "A tip missing, a ghost, bias of placement",
        (
            "*missing*: one tip does not touch. *ghost*: a touch more, within a face's width. *placed*: "
            "the error is a ripple of the sensor's grid of 4 to 5 mm (40 % of the variance), a smooth one "
            "across the screen (30 %) and each tip's own, drawn once for each press, and coordinates are "
            "rounded to the step named."
        ),
    ),
    "impostor": (
        "What must not be accepted, shape alone",
        (
            "*random*: unregistered stamps of the same make. *mirrored*, *scaled*: copies of registered "
            "ones. *hands*: contacts of hands on recorded screens, nearest ones together, past all that "
            "capture refuses; they come from few hands, so that their intervals are too narrow. Of a "
            "scaled copy, *as the original* is no error where the size is unknown: it has the shape."
        ),
    ),
    "city": (
        "With the place known",
        (
            f"Phones in shops of a simulated city: {SHOPS_PER_KM2:,.0f} shops to the square kilometre, "
            f"scattered independently, each a disc of {FENCE_RADIUS_M:g} m; one stamp a shop with 6 "
            "million in the country, ten with 60 million (assumptions). Only the stamps within ten "
            "spreads of the fix are simulated, the others weigh as one mass; patterns are drawn from the "
            "codebook at random for each stamp, so that many share one: a planner does better. The fix "
            "has the error that it states (radius of 68 %)."
        ),
    ),
    "city-shipped": (
        "With the place known, the library's own settings",
        ("The same city, recognised with defaults, as the server does."),
    ),
    "city-impostor": (
        "What must not be accepted, with the place known",
        (
            "*random*: an unregistered stamp of the same make pressed in a shop. *elsewhere*: a "
            "registered stamp carried to another shop; *as the original* are those told as one that does "
            "not belong here, which the fence refuses."
        ),
    ),
}
