"""What a compiled model costs, next to the least that its machine could do with."""
