"""From your data to a model you can defend."""
