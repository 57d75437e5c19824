"""Recipe of the comparison of one-vs-all with multiclass models, and of what asynchronous training costs."""
