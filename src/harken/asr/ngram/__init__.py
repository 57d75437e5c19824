"""Which word follows which: n-gram language models as they are read and asked."""
