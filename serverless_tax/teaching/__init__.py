"""What instructors teach from: paths through the book, cards, the room's guesses, sample logs."""

from serverless_tax.teaching.cards import cards
from serverless_tax.teaching.logs import SampleLog, sample_logs
from serverless_tax.teaching.path import Path, Step, load_path
from serverless_tax.teaching.room import Room
from serverless_tax.teaching.scenarios import scenario_address, scenario_link

__all__ = [
    "Path",
    "Room",
    "SampleLog",
    "Step",
    "cards",
    "load_path",
    "sample_logs",
    "scenario_address",
    "scenario_link",
]
