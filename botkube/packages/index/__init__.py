"""An index of plugins: its entries, what a plugin key means in it, who signed it, and how one is made."""
