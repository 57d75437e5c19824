"""The files that `harken skill new` writes: a small working skill to change."""

from __future__ import annotations

import re

from harken.errors import SkillError
from harken.nlu.skill_file import CODE_FILE, SKILL_FILE

_YAML = """\
# A skill: sentences and what they mean. Check it with `harken skill check DIR`, try it with
# `harken understand --skill DIR "feed the cat"`, use it with `harken skill add DIR`.
skill: @NAME@
about: Remembers when the pets were fed.
language: en

# What may fill a slot. Values can have several spellings (in) and one meaning (out).
lists:
  pet:
    values:
      - {in: "(cat|kitty)", out: cat}
      - {in: "(dog|puppy)", out: dog}
      - goldfish

# Pieces that several sentences share: <the> stands for one of these.
expansion_rules:
  the: "(the|my|our)"

# [optional]  (one|other)  {list}  {list:slot}  <rule>; also {number}, {duration}, {time}, {date}.
intents:
  feed:
    sentences:
      - "(feed|i fed|i have fed) <the> {pet} [{number:portions} (portion|portions)]"
      - "<the> {pet} (was fed|has eaten)"
      - "i fed a pet"
    required:
      pet: "Which pet?"
  lastFed:
    sentences:
      - "when (was|did i feed) <the> {pet} [fed|last]"
      - "is <the> {pet} hungry"
    required:
      pet: "Which pet?"

# Tests: `harken skill check` reads each and compares.
examples:
  - {text: "feed the cat", intent: feed, slots: {pet: cat}}
  - {text: "I fed my puppy two portions", intent: feed, slots: {pet: dog, portions: 2}}
  - {text: "is the goldfish hungry", intent: lastFed, slots: {pet: goldfish}}
"""

_CODE = '''\
"""What the skill does: `answer` receives the request and returns the reply."""

from __future__ import annotations

import datetime as dt

from harken.dialogue.skill import Answer, Context, Request


def answer(request: Request, context: Context) -> Answer:
    """Remember a feeding, or say when the last one was."""
    pet = str(request.slots["pet"])
    if request.intent == "feed":
        context.store.put("@NAME@", pet, context.now().isoformat())
        portions = request.slots.get("portions", 1)
        return Answer(text=f"Noted: the {pet} was fed.", act="ack", data={"pet": pet, "portions": portions})
    last = context.store.get("@NAME@", pet)
    if last is None:
        return Answer(text=f"I do not know when the {pet} was fed.")
    minutes = int((context.now() - dt.datetime.fromisoformat(last)).total_seconds() // 60)
    return Answer(text=f"The {pet} was fed {minutes} minutes ago.", data={"pet": pet, "minutes": minutes})
'''


def starting_files(name: str) -> dict[str, str]:
    """File name -> text of a new skill.

    Raises:
        SkillError: the name is not usable.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SkillError(f"'{name}' is not a valid skill name; use lower-case letters, digits and _ (a letter first)")
    return {SKILL_FILE: _YAML.replace("@NAME@", name), CODE_FILE: _CODE.replace("@NAME@", name)}
