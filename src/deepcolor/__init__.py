"""What runs on your machine: the chain of kernels, the command line, the sample portraits."""
