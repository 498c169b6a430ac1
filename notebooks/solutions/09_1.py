stale = ["first copy", "second copy"]  # each that is older than a minute
because = "ba"  # calls failed and nobody repeats them; the next file comes at night
