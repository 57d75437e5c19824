"""The demonstration: spoken requests through the whole assistant, and a picture of what happened when."""
