"""Other systems to compare harken with; nothing of them is part of harken."""
