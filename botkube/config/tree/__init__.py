"""YAML as nodes that know where they were written: parsing, merging, writing."""
