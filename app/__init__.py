"""The digits service: HTTP and nothing else."""
