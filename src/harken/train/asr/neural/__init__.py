"""Learning the neural language model: mixture of corpora, network, losses, task, export."""
