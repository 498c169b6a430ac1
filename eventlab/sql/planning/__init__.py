"""From statements to plans: what a query reads, in which steps, and what comes out."""
