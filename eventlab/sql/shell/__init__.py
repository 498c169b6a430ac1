"""A shell for statements: it asks an SQL server, and shows what it answers."""
