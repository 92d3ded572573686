"""Everything people see: cards, controls, forms and texts, rendered by pure functions."""
