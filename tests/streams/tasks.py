"""A task of Kafka Streams that joins two streams, written out as plainly as can be."""

_ALONE = {"inner": [], "left": ["left"], "outer": ["left", "right"]}


class Task:
    """A task that goes through all that it has seen, again and again."""

    def __init__(self, within, before, grace, how, alone):
        self.reach = {"left": (before, within), "right": (within, before)}
        self.grace, self.at_once, self.lonely = grace, alone == "at once", _ALONE[how]
        self.seen, self.said, self.late, self.newest = [], [], 0, -1

    def take(self, side, key, at, value):
        other_side = "left" if side == "right" else "right"
        if at > self.newest:
            self.newest = at
            self.give_up([other_side, side])
        if value is None:
            return
        earlier, later = self.reach[side]
        mine = {"side": side, "key": key, "at": at, "value": value, "alone": True, "over": False}
        if max(later, 0) + self.grace + at < self.newest:
            self.late += 1
            self.leave(mine)
            return
        near = [
            one
            for one in self.seen
            if (one["side"], one["key"]) == (other_side, key) and not one["over"]
            if -earlier <= one["at"] - at <= later
        ]
        for one in sorted(near, key=lambda one: one["at"]):
            one["alone"] = mine["alone"] = False
            pair = {side: value, other_side: one["value"]}
            self.said.append((key, pair["left"], pair["right"], max(at, one["at"])))
        if self.at_once:
            self.leave(mine)
        self.seen.append(mine)
        self.give_up([side])

    def give_up(self, sides):
        """Let those go that nothing can join any more; with no partner they leave alone."""
        over = []
        for side in sides:
            earlier, later = self.reach[side]
            patience = later + max(earlier, 0) + self.grace
            over += [
                one
                for one in self.seen
                if one["side"] == side and not one["over"] and one["at"] + patience < self.newest
            ]
        self.finish(over)

    def finish(self, over):
        for one in sorted(over, key=lambda one: (one["at"], one["side"] == "left", one["key"])):
            one["over"] = True
            if not self.at_once:
                self.leave(one)

    def leave(self, one):
        if one["alone"] and one["side"] in self.lonely:
            pair = {"left": None, "right": None, one["side"]: one["value"]}
            self.said.append((one["key"], pair["left"], pair["right"], one["at"]))
