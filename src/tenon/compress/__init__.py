"""The chosen model of a run made smaller and faster, and whether it then still is as good."""
