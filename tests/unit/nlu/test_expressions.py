import pytest

from harken.languages.loading import load_locale
from harken.nlu.expressions import TemplateError, TemplateReader, parse_template, spellings
from harken.text.grammar import Choice, ListRef, Sequence, Words

ENGLISH = load_locale()


def test_words_choices_and_lists_keep_their_order() -> None:
    node = parse_template("turn [the] light (on|off) in {area:room}", ENGLISH)
    assert node == Sequence(
        (
            Words(("turn",)),
            Choice((Words(("the",)), Words(()))),
            Words(("light",)),
            Choice((Words(("on",)), Words(("off",)))),
            Words(("in",)),
            ListRef("area", "room"),
        )
    )


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("light[s]", {"light", "lights"}),
        ("(day|night)time", {"daytime", "nighttime"}),
        ("what['s| is] up", {"what up", "what's up", "what is up"}),
        ("(a;b)", {"a b", "b a"}),
        ("[ very] good", {"very good", "good"}),
        ("25 degrees", {"twenty five degrees"}),
        ("Hello, World!", {"hello world"}),
    ],
)
def test_every_way_to_say_a_text(text: str, ways: set[str]) -> None:
    assert {" ".join(words) for words in spellings(text, ENGLISH)} == ways


def test_rules_are_put_in_place() -> None:
    reader = TemplateReader({"the": "(the|<my>)", "my": "my"}, ENGLISH)
    assert reader.read("<the> dog") == Sequence((Choice((Words(("the",)), Words(("my",)))), Words(("dog",))))


def test_too_many_variants_are_refused() -> None:
    with pytest.raises(TemplateError, match="variants"):
        spellings(" ".join(["(a|b|c)"] * 10), ENGLISH)
    with pytest.raises(TemplateError, match="at most 4 parts"):
        parse_template("(a;b;c;d;e)", ENGLISH)


def test_a_list_value_cannot_refer_to_a_list() -> None:
    with pytest.raises(TemplateError, match="cannot refer"):
        spellings("a {number}", ENGLISH)
