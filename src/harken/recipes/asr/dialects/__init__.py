"""English dialects in one acoustic model: phones mapped to common ones, speakers told apart by i-vectors."""
