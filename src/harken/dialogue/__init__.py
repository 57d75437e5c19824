"""What to do? State, policy, skills, reply."""
