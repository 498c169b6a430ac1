(everyone_waits_for,) = set(waits["blocking_name"]) - set(waits["waiting_name"])
