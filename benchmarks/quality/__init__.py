"""How good the shipped bundles are."""
