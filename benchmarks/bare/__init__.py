"""What alcli is held against: each file is a script on its own that does the work and nothing else."""
