import pytest

from harken.languages.loading import load_locale
from harken.nlu.sentence import Sentence
from harken.text.words import normalize_words

LOCALE = load_locale()


def read(text: str) -> Sentence:
    return Sentence.read(text, LOCALE)


def test_words_are_normalised_and_remember_how_they_were_typed() -> None:
    sentence = read("Take a note: the WiFi password is Ab12xZ!")
    assert sentence.words == tuple(normalize_words("Take a note: the WiFi password is Ab12xZ!"))
    assert sentence.typed(3, len(sentence)) == "the WiFi password is Ab12xZ"
    assert sentence.typed(0, 1) == "Take"


def test_a_number_of_several_words_is_typed_once() -> None:
    sentence = read("meet at 10:30 in room 4B")
    first = sentence.words.index("ten")
    assert sentence.typed(first, first + 2) == "10:30"
    assert sentence.typed(0, len(sentence)) == "meet at 10:30 in room 4B"


def test_heard_words_are_their_own_text() -> None:
    sentence = Sentence.of(("call", "mom"))
    assert (sentence.typed(0, 2), sentence.written) == ("call mom", "")


def test_marks_that_may_divide_requests_are_remembered() -> None:
    sentence = read("milk, eggs; and bread.")
    assert [sentence.pauses_after(place) for place in range(len(sentence))] == [True, True, False, True]


@pytest.mark.parametrize(
    ("text", "asks"), [("the fan on?", True), ("fan on? ", True), ("fan? on", False), ("fan", False)]
)
def test_a_question_mark_at_the_end_asks(text: str, asks: bool) -> None:
    assert Sentence.read(text, load_locale()).part(0, 1).asks is asks


def test_parts_know_their_places_in_the_whole_sentence() -> None:
    sentence = read("Turn off the Light, and the TV")
    shortened = sentence.part(0, 2).join(sentence.part(5, 7))
    assert shortened.words == ("turn", "off", "the", "tv")
    assert (shortened.places, shortened.whole) == ((0, 1, 5, 6), False)
    assert shortened.typed(0, 4) == "Turn off the TV"
    assert sentence.part(1, 4).whole
    assert sentence.part(2, 4).part(1, 2).places == (3,)


def test_what_is_typed_in_a_hurry_is_read_as_meant_but_kept_as_typed() -> None:
    sentence = read("dont note whats up")
    assert sentence.words == ("don't", "note", "what's", "up")
    assert sentence.typed(2, 4) == "whats up"


def test_one_typed_word_may_stand_for_two() -> None:
    sentence = read("gimme shelter")
    assert sentence.words == ("give", "me", "shelter")
    assert sentence.typed(0, 3) == "gimme shelter"
    assert sentence.typed(2, 3) == "shelter"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("note cafe opens 7 (not sundays!)", "cafe opens 7 (not sundays!)"),
        ("note (draft) the idea", "(draft) the idea"),
        ('note "quoted text" here', '"quoted text" here'),
        ('note she said "come in!"', 'she said "come in!"'),
        ("note “a” or «b»", "“a” or «b»"),
        ("note [a] {b}.", "[a] {b}"),
        ("note that (", "that"),
        ("(note that)", "that"),
        ("note (one) and (two", "(one) and (two"),
        ("note done!", "done"),
    ],
)
def test_brackets_and_quotes_stay_with_their_partners(text: str, kept: str) -> None:
    sentence = read(text)
    assert sentence.typed(1, len(sentence)) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [("the u.k.", "the u k"), ("U2", "u two"), ("are u there", "are you there"), ("how are u.", "how are you")],
)
def test_letters_of_a_name_are_no_words_in_a_hurry(text: str, words: str) -> None:
    assert " ".join(read(text).words) == words
