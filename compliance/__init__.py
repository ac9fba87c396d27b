"""May it leave, and the proof: judging, the casebook, the gate, reviews, rights and the ledger."""
