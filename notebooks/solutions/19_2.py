bench.set(grace=timedelta(hours=8))  # nobody is too late any more
first = bench.scenario.events[0]
bench.move(first.id, time=first.time - timedelta(hours=9), place=len(bench.scenario.events) - 1)
my_flight = first.id
