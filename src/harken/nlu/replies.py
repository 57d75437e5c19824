"""What a user's skill says, as its skill.yaml words it (`replies:`)."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from harken.nlu.skill_yaml import Located

FORMS = ("one", "many")


def read_replies(node: Located) -> dict[str, str | Mapping[str, str]]:
    """Key -> the reply, or its forms 'one' and 'many', of which the value of `count` chooses.

    Raises:
        SkillError: with the place.
    """
    replies: dict[str, str | Mapping[str, str]] = {}
    for name, (_, value) in node.entries("replies").items():
        if value.is_mapping:
            forms = value.entries(f"reply '{name}'", FORMS)
            for form in FORMS:
                if form not in forms:
                    raise value.error(f"reply '{name}' has no form '{form}'; add it")
            replies[name] = {form: _reply(text) for form, (_, text) in forms.items()}
        else:
            replies[name] = _reply(value)
    return replies


def _reply(node: Located) -> str:
    text = node.sentence("the reply")
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise node.error(f"the braces of '{text}' do not match ({error}); a value is written {{name}}") from error
    for name in names:
        if not name.isidentifier():
            raise node.error(f"'{{{name}}}' in '{text}' is not the name of a value; letters, digits and _ only")
    return text
