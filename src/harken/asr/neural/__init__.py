"""The neural language model at run time: words, network in eight bits, scores of sentences that share beginnings."""
