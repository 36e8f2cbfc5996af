"""answers.pdf: the assignment's questions answered in French, with measured numbers and figures."""
