consumers = -(-(9_000 + 60 * 40) // (60 * 50))  # rounded up
partitions = consumers
