"""N-gram language models: reading and querying them."""
