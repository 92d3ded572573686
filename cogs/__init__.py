"""Everything that talks to Discord: commands, forms, reactions, cards, delivery."""
