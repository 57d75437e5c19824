"""The skills that come with harken; each folder holds skill.yaml and skill.py."""
