"""Tables that pages of the book generate from the sheets, the rules and the settings."""

from serverless_tax.book.equivalence import NOT_EMULATED, equivalence_list
from serverless_tax.book.glossary import GLOSSARY, Glossary, Term, UnknownTerm, term
from serverless_tax.book.rules import fields_table, settings_table, waits_table
from serverless_tax.book.sheets import addresses, path_sheets, serving_sheets, sheets, token_table
from serverless_tax.ground.html import WORDS, Table

__all__ = [
    "GLOSSARY",
    "NOT_EMULATED",
    "WORDS",
    "Glossary",
    "Table",
    "Term",
    "UnknownTerm",
    "addresses",
    "equivalence_list",
    "fields_table",
    "path_sheets",
    "serving_sheets",
    "settings_table",
    "sheets",
    "term",
    "token_table",
    "waits_table",
]
