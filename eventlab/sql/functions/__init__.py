"""Functions that statements call: what there is, what each takes and gives, and a learner's own."""
