"""Discord in, Discord out: commands, forms, reactions, cards, delivery."""
