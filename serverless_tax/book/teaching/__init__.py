"""What instructors teach from: paths through the book, cards, the room's guesses, sample logs."""

from serverless_tax.book.teaching.cards import cards
from serverless_tax.book.teaching.feedback import feedback_form
from serverless_tax.book.teaching.inventory import Inventory, load_inventory
from serverless_tax.book.teaching.logs import SampleLog, sample_logs
from serverless_tax.book.teaching.reviews import review_list
from serverless_tax.book.teaching.room import Room, asked_on
from serverless_tax.book.teaching.scenario_links import scenario_address, scenario_link
from serverless_tax.book.teaching.workshop import Stage, Workshop, load_workshop

__all__ = [
    "Inventory",
    "Room",
    "SampleLog",
    "Stage",
    "Workshop",
    "asked_on",
    "cards",
    "feedback_form",
    "load_inventory",
    "load_workshop",
    "review_list",
    "sample_logs",
    "scenario_address",
    "scenario_link",
]
