"""What data hold, before anything is fitted to a target: columns, texts, images, density, clusters, topics, a map."""

from tenon.lazy import exports

_WHERE = {"look_at": "gather"}
__all__ = ["look_at"]
__getattr__, __dir__ = exports(__name__, _WHERE)
