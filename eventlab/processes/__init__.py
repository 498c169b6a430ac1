"""What runs beside the notebook: child processes, and threads in the background.

`child` spawns a process of ours and talks to it, `owner` is the other end of that; `forking` forks
many from a `template` that has imported what they need (Linux); `own_lines` finds the learner's own
line in an error of another process. `program` holds someone else's program (Kafka, a database);
`orphans` ends what has outlived its owner; `locking` keeps two owners from one folder. `background`
is for threads, `closing` for the end of several.
What `entry`, `frames`, `owner`, `program` and `locking` import is in the standard library, so that
a child is up in a few hundredths of a second.
"""
