"""Learning from speech without text: rules of choice compared at equal hours."""
