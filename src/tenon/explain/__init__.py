"""What the chosen model of a run goes by: importance of columns for any method, and what only some methods know."""
