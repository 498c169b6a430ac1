import json
from eventlab.log import take_turns

counter = Consumer(
    lab.kafka | {"group.id": lab.new_group("france"), "auto.offset.reset": "earliest"})
counter.subscribe([lab.topic("orders").name])
(everything,) = take_turns([counter], up_to=N_EVENTS, seconds=10)
counter.close()
france = sum(json.loads(message.value())["country"] == "FR" for message in everything)
