"""Names that decide how a short form is read: what is numbered with Roman numerals, rulers, American states."""

from __future__ import annotations

NUMBERED = (
    "war", "chapter", "act", "scene", "part", "book", "volume", "vol\\.", "section", "title", "article", "phase",
    "stage", "level", "class", "type", "grade", "rocky", "episode", "season", "bowl", "apollo", "mark", "mk", "figure",
    "table", "appendix", "unit", "lesson", "round", "group", "fantasy", "division", "schedule", "annex", "category",
    "tier", "module", "step", "verse", "canto", "sonnet", "psalm", "olympiad", "factor", "gemini", "saturn",
    "vatican", "sequel", "wars", "part no\\.", "exhibit", "theorem", "lemma", "symphony no\\.", "civilization",
    "godfather", "rambo",
)  # fmt: skip
"""Words before Roman numerals that count; regular expressions."""
KINGS = frozenset(
    "Henry Louis Elizabeth George Charles James Edward Richard William Mary Philip Pius John Paul Benedict Alexander "
    "Catherine Peter Nicholas Frederick Napoleon Francis Ferdinand Leo Gregory Innocent Urban Clement Ramses Rameses "
    "Ramesses Ptolemy Otto Wilhelm Friedrich Ivan Juan Carlos Felipe Gustav Gustavus Christian Harald Haakon Olaf Olav "
    "Albert Leopold Victor Emmanuel Emanuel Umberto Constantine Basil Theodosius Justinian Xerxes Darius Cyrus "
    "Artaxerxes Margaret Margrethe Anne Isabella Alfonso Afonso Pedro Manuel Mehmed Suleiman Murad Selim Thutmose "
    "Amenhotep Seti Cleopatra Sigismund Stephen Casimir Boris Michael Robert David Malcolm Kenneth Baldwin Philippe "
    "Rudolf Maximilian Joseph Matthias Ludwig Sixtus Julius Adrian Boniface Celestine Honorius Eugene Martin Willem "
    "Beatrix Wilhelmina Carl Karl Oscar Gustaf Rama Sancho Henri Franz Augustus Antiochus Seleucus Tutankhamun".split()
)
"""Rulers and popes, whose Roman numerals are said as ordinals."""
STATES = {
    "AL": "alabama", "AK": "alaska", "AZ": "arizona", "AR": "arkansas", "CA": "california", "CO": "colorado",
    "CT": "connecticut", "DE": "delaware", "FL": "florida", "GA": "georgia", "HI": "hawaii", "ID": "idaho",
    "IL": "illinois", "IN": "indiana", "IA": "iowa", "KS": "kansas", "KY": "kentucky", "LA": "louisiana", "ME": "maine",
    "MD": "maryland", "MA": "massachusetts", "MI": "michigan", "MN": "minnesota", "MS": "mississippi",
    "MO": "missouri", "MT": "montana", "NE": "nebraska", "NV": "nevada", "NH": "new hampshire", "NJ": "new jersey",
    "NM": "new mexico", "NY": "new york", "NC": "north carolina", "ND": "north dakota", "OH": "ohio",
    "OK": "oklahoma", "OR": "oregon", "PA": "pennsylvania", "RI": "rhode island", "SC": "south carolina",
    "SD": "south dakota", "TN": "tennessee", "TX": "texas", "UT": "utah", "VT": "vermont", "VA": "virginia",
    "WA": "washington", "WV": "west virginia", "WI": "wisconsin", "WY": "wyoming", "DC": "D C",
}  # fmt: skip
"""As in addresses: after a comma, before a postal code or at the end."""
