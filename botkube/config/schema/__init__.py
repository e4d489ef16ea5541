"""The shape of the configuration: frozen structs, no decisions."""
