"""A training that is killed at a step."""

from tenon.watch import Watch


class Killed(Exception):
    pass


def kill_at(step: int) -> Watch:
    def listen(event):
        if event.get("done") == step:
            raise Killed

    return Watch(listen)
