"""Names that nothing here calls but somebody outside does; vulture reads this as their use."""
