"""What to say next: published scripts, ranked for this moment of this call, filled and judged."""

from assistant.suggestions.choosing import Suggestion, search, suggest
from assistant.suggestions.ranking import Candidate, Moment, rank

__all__ = ["Candidate", "Moment", "Suggestion", "rank", "search", "suggest"]
