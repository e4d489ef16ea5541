"""From nodes to structs: canonical keys, weakly typed values, every problem at once."""
