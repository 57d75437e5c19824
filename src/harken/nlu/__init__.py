"""What was meant? Skills' sentences, intent, slots."""
