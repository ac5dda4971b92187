"""What pages of the book show: tables from sheets, rules and settings, and smaller pieces."""

from serverless_tax.book.dollars import usd
from serverless_tax.book.equivalence import NOT_EMULATED, equivalence_list
from serverless_tax.book.examples import examples_table
from serverless_tax.book.glossary import GLOSSARY, Glossary, Term, UnknownTerm, term
from serverless_tax.book.pieces import contents, listing, log_line, saves, sentence
from serverless_tax.book.rules import (
    fields_table,
    presets_table,
    read_table,
    settings_table,
    unread_table,
    waits_table,
)
from serverless_tax.book.sheets import (
    addresses,
    path_sheets,
    regions_table,
    serving_sheets,
    sheets,
    token_table,
)
from serverless_tax.ground.html import WORDS, Table, items, joined, lines, link, marked

__all__ = [
    "GLOSSARY",
    "NOT_EMULATED",
    "WORDS",
    "Glossary",
    "Table",
    "Term",
    "UnknownTerm",
    "addresses",
    "contents",
    "equivalence_list",
    "examples_table",
    "fields_table",
    "items",
    "joined",
    "lines",
    "link",
    "listing",
    "log_line",
    "marked",
    "path_sheets",
    "presets_table",
    "read_table",
    "regions_table",
    "saves",
    "sentence",
    "serving_sheets",
    "settings_table",
    "sheets",
    "term",
    "token_table",
    "unread_table",
    "usd",
    "waits_table",
]
