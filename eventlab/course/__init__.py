"""The chapters: what each alone needs, a module a chapter (chNN), above all rooms."""
