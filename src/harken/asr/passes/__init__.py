"""What was heard in a stretch, as one record, and the passes over it before it becomes an event."""
