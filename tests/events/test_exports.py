import eventlab.events


def test_the_public_names_are_what_the_room_says():
    """Each name in `__all__` is there, and no public name is forgotten."""
    modules = {"arguments", "catalogue", "codec", "contracts", "damage", "datasets", "delivery"}
    modules |= {"faults", "flights", "fulfilment", "holding", "shop", "simulation", "timeline"}
    found = {name for name in vars(eventlab.events) if not name.startswith("_")} - modules
    assert found == set(eventlab.events.__all__)
