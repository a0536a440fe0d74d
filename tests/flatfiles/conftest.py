from tests.kernel.conftest import both_roads

__all__ = ["both_roads"]
