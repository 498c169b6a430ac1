"""What runs beside the notebook: child processes, and threads in the background.

`child` spawns a process of ours and talks to it, `owner` is the other end of that; `program` holds
someone else's program (Kafka, a database); `orphans` ends what has outlived its owner; `locking`
keeps two owners from one folder. `background` is for threads, `closing` for the end of several.
What `entry`, `frames`, `owner`, `program` and `locking` import is in the standard library, so that
a child is up in a few hundredths of a second.
"""
