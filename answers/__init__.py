"""answers.pdf: the assignment's questions answered in French, with measurements and figures."""
