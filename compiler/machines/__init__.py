"""Built-in machines (the TOML files), and what a description must look like."""
