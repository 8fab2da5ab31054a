"""The one table of what lift is measured by: who is compared, and what is counted of them."""

from itertools import product

ARMS = {"treated": "may be served", "held_out": "are held out"}
"""Who is compared, in words."""
GROUPS = {
    "": "its targeting of viewers admits",
    "exposed_": "had an exposure, a ghost's where they are held out",
}
"""Of an arm: all, and those whom an ad has reached or would have reached."""
COUNTS = {
    "viewers": ("viewers", "Viewers who {arm} and whom {group}."),
    "converters": ("viewers", "Of these, who converted."),
    "conversions": ("count", "Their conversions."),
}
"""What is counted of each."""
LIFT = tuple(f"{arm}_{group}{count}" for arm, group, count in product(ARMS, GROUPS, COUNTS))
"""The columns of `lift` that count."""
