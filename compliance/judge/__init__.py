"""Pure judging: text and contact in, verdict out. Imports nothing of ours, reads no clock, opens no file but packs."""
