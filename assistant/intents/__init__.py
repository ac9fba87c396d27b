"""What the other side means by its words."""

from assistant.intents.hearing import Heard, hear

__all__ = ["Heard", "hear"]
