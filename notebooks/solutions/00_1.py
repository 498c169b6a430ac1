mine = lab.kafka | {"group.id": lab.new_group("france"), "auto.offset.reset": "earliest"}
counter = Consumer(mine)
counter.subscribe([orders.name])
(everything,) = take_turns([counter], up_to=N_EVENTS, seconds=10)
counter.close()
france = sum(json.loads(message.value())["country"] == "FR" for message in everything)
