"""Phone sets and their maps, lexicon, pronouncer: for recognition, understanding and synthesis alike."""
