"""The one object that a notebook needs."""

from eventlab.lab.lab import Lab

__all__ = ["Lab"]
