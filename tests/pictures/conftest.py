from tests.live.conftest import notebook

__all__ = ["notebook"]
