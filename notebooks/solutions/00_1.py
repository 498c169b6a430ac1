mine = lab.kafka | {"group.id": lab.name("france"), "auto.offset.reset": "earliest"}
counter = Consumer(mine)
counter.subscribe([orders.name])
everything = counter.consume(N_EVENTS, timeout=10)
counter.close()
france = sum(json.loads(message.value())["country"] == "FR" for message in everything)
