"""The neural language model that weighs the recogniser's sentences anew: prepare, train, export, score."""
