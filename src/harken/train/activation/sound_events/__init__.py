"""Training of the sound events: quantised distillation of a small recurrent detector."""
