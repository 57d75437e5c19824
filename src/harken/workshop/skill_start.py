"""The files that `harken skill new` writes: a small working skill to change."""

from __future__ import annotations

import re

from harken.errors import SkillError
from harken.nlu.skill_file import CODE_FILE, SKILL_FILE
from harken.workshop.skill_tests import TESTS_FILE

_YAML = """\
# A skill: sentences and what they mean. Check it with `harken skill check DIR`, try it with
# `harken skill test DIR` and `harken understand --skill DIR "feed the cat"`, use it with `harken skill add DIR`.
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

# [optional]  (one|other)  {list}  {list:slot}  <rule>; also types: {number}, {duration}, {time}, {person}, ...
intents:
  feed:
    sentences:
      - "(feed|i fed|i have fed) <the> {pet} [{number:portions} (portion|portions)]"
      - "<the> {pet} (was fed|has eaten)"
      - "i fed a pet"
    required:
      pet: "Which pet?"
  lastFed:
    acts: false    # it only answers: nothing to deny, put off or undo
    sentences:
      - "when (was|did i feed) <the> {pet} [fed|last]"
      - "is <the> {pet} hungry"
    required:
      pet: "Which pet?"
  forget:
    sentences:
      - "forget when <the> {pet} was fed"
    confirm: "Shall I forget when the {pet} was fed?"

# What skill.py says: context.say("fed", pet="cat"). Of one and many, `count` chooses.
replies:
  fed: "Noted: the {pet} was fed."
  last:
    one: "The {pet} was fed a minute ago."
    many: "The {pet} was fed {count} minutes ago."
  unknown: "I do not know when the {pet} was fed."
  forgotten: "Forgotten."
  as_before: "All right, as before."

# What sentences mean. More tests, and conversations, are in tests.yaml.
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
    """Remember a feeding, say when the last one was, or forget it."""
    pet = str(request.slots["pet"])
    before = context.remembered(pet)
    undo = Request(intent="restore", slots={"pet": pet, "moment": before})
    if request.intent == "feed":
        context.keep(pet, context.now().isoformat())
        return Answer(text=context.say("fed", pet=pet), act="ack", undo=undo)
    if request.intent == "forget":
        context.keep(pet, None)
        return Answer(text=context.say("forgotten"), act="ack", undo=undo)
    if request.intent == "restore":  # only for "undo that": no sentence means it
        context.keep(pet, request.slots["moment"])
        return Answer(text=context.say("as_before"), act="ack")
    if before is None:
        return Answer(text=context.say("unknown", pet=pet))
    minutes = max(1, int((context.now() - dt.datetime.fromisoformat(before)).total_seconds() // 60))
    return Answer(text=context.say("last", pet=pet, count=minutes), data={"pet": pet, "minutes": minutes})
'''

_TESTS = """\
# Tests of the skill. `harken skill check DIR` reads the sentences; `harken skill test DIR` builds the skill and holds
# the conversations, too.
sentences:
  - {say: "feed the cat", intent: feed, slots: {pet: cat}}
  - {say: "don't feed the dog", intent: feed, slots: {pet: dog}, negated: true}
  - {say: "feed the goldfish in ten minutes", intent: feed, slots: {pet: goldfish}, when: {seconds: 600}}
  - {say: "feed the cat and the dog", intent: feed, slots: {pet: cat}, then: [feed]}
  - {say: "feed the parrot", rejected: true}
  - {say: "my cat is grey", rejected: true}

# Patterns (regular expressions) that the reply must contain, or never; `wait` in seconds.
dialogues:
  - - {say: "i fed a pet", reply: "which pet"}
    - {say: "the dog", reply: "noted: the dog"}
    - {say: "is my puppy hungry", wait: 120, reply: "2 minutes ago", nothing: true}
    - {say: "forget when the dog was fed", reply: "shall i forget"}
    - {say: "no", never: "forgotten", nothing: true}
    - {say: "is the dog hungry", reply: "minutes ago"}
  - - {say: "feed the cat", reply: "noted"}
    - {say: "undo that", reply: "as before"}
    - {say: "is the cat hungry", reply: "do not know"}
"""


def starting_files(name: str) -> dict[str, str]:
    """File name -> text of a new skill.

    Raises:
        SkillError: the name is not usable.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SkillError(f"'{name}' is not a valid skill name; use lower-case letters, digits and _ (a letter first)")
    files = {SKILL_FILE: _YAML, CODE_FILE: _CODE, TESTS_FILE: _TESTS}
    return {file: text.replace("@NAME@", name) for file, text in files.items()}
