"""Recipe of the comparison of sub-band with full-band networks for spoken terms."""
