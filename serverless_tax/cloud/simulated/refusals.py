"""What the simulated cloud says of what it does not do."""

from __future__ import annotations


class NotSimulatedError(RuntimeError):
    """Something that the simulated cloud does not do; its text says what, and where it is done."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone."""
        return [str(self)]


def not_simulated(what: str) -> NotSimulatedError:
    """The refusal of something that runs only where there is a machine."""
    return NotSimulatedError(
        f"Not simulated: {what}. Run the lab on Linux, in WSL or in Binder for it."
    )
