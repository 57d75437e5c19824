"""One folder per trained component: prepare, train, export, score."""
