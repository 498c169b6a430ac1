"""From plans to flows, and from records to rows and back."""
