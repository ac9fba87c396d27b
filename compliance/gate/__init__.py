"""Submit, permits, dispatch, channels: the only way out."""
