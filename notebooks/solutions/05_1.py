requests = "adeg"  # somebody waits, and nobody else cares
events = "bcfh"  # it has happened, and others may care
