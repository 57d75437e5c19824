"""Making n-gram language models: estimates, mixing, pruning, ARPA text, tables of bundles."""
