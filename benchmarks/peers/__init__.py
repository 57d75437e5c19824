"""Other systems, run beside harken as yardsticks; nothing of them is part of harken."""
