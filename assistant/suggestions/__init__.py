"""What to say next: published scripts, ranked for this moment of this call, filled and judged."""

from assistant.suggestions.choosing import Suggestion, library_revision, search, suggest
from assistant.suggestions.ranking import Candidate, Moment, rank

__all__ = ["Candidate", "Moment", "Suggestion", "library_revision", "rank", "search", "suggest"]
