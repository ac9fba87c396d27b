"""The trainer's desk: the library as a tree, one script with its versions, writing, approving, retiring, exchanging."""

from web.library import exchange
from web.library.views import bp

__all__ = ["bp", "exchange"]
