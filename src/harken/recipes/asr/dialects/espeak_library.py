"""The process in which espeak-ng speaks: requests and replies are JSON lines, the sound follows its reply.

python -m harken.recipes.asr.dialects.espeak_library LIBRARY
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import IO, Any

from harken.errors import DataError

_INSTALL = "install espeak-ng (Debian: `sudo apt install espeak-ng`) and try again"


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int), ("sample", ctypes.c_int), ("user_data", ctypes.c_void_p), ("id", _Id),
    ]  # fmt: skip


class _Voice(ctypes.Structure):
    """espeak_VOICE of speak_lib.h; `languages` begins with a byte of priority."""

    _fields_ = [
        ("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte), ("age", ctypes.c_ubyte), ("variant", ctypes.c_ubyte), ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int), ("spare", ctypes.c_void_p),
    ]  # fmt: skip


_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_SYNCHRONOUS, _PHONEMES_IN_IPA, _UTF8 = 2, 0x0001 | 0x0002 | 0x8000, 1
_RATE, _PITCH, _PHONEME = 1, 3, 7
_IPA_WITH_BARS = 0x02 | ord("_") << 8


class _Library:
    """espeak-ng in this process.

    Raises:
        DataError: the library or its data is missing.
    """

    def __init__(self, name: str):
        try:
            self._lib = ctypes.CDLL(name)
        except OSError:
            raise DataError(f"the library '{name}' was not found; {_INSTALL}") from None
        self._hz = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEMES_IN_IPA)
        if self._hz <= 0:
            raise DataError(f"{name} finds no data of its own; {_INSTALL}")
        self._sound, self._events = bytearray(), list[tuple[int, bytes]]()
        self._heard = _Heard(self._hear)  # kept: the library holds only its address
        self._lib.espeak_SetSynthCallback(self._heard)
        self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rows = [row for row in self._rows(None) if not row[1].startswith("mb/")]  # MBROLA: voices without their data
        self._files = dict(reversed(rows))  # the preferred one of a language is kept
        self._variants = {"", *(file.removeprefix("!v/") for _, file in self._rows(b"variant"))}

    def voices(self) -> dict[str, Any]:
        """Languages that it speaks."""
        return {"voices": sorted(self._files)}

    def check(self, voices: list[str], variants: list[str]) -> dict[str, Any]:
        """Refuse what is not installed: the library itself would fall back to another voice."""
        if missing := sorted(set(voices) - set(self._files)):
            english = ", ".join(voice for voice in sorted(self._files) if voice.startswith("en"))
            raise DataError(f"espeak-ng has no voice {', '.join(missing)}; there are {english}")
        if missing := sorted(set(variants) - self._variants):
            raise DataError(f"espeak-ng has no variant {', '.join(missing)}; `espeak-ng --voices=variant` names them")
        return {}

    def speak(self, voice: str, variant: str, rate: int, pitch: int, text: str) -> dict[str, Any]:
        """Events (sample, name) and, as 'sound', int16 samples at 'hz'."""
        self._choose(voice, variant)
        self._lib.espeak_SetParameter(_RATE, rate, 0)
        self._lib.espeak_SetParameter(_PITCH, pitch, 0)
        self._sound, self._events = bytearray(), []
        encoded = text.encode()
        failed = self._lib.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 1, 0, _UTF8, None, None)
        if failed:
            raise DataError(f"espeak-ng failed (code {failed}) at {text[:80]!r}; give it a shorter text")
        events = [(at, name.decode()) for at, name in self._events]
        return {"events": events, "hz": self._hz, "sound": bytes(self._sound)}

    def pronounce(self, voice: str, words: list[str]) -> dict[str, Any]:
        """Phones of each word."""
        self._choose(voice, "")
        return {"phones": [self._phones(word) for word in words]}

    def _phones(self, word: str) -> list[str]:
        rest, names = ctypes.c_char_p(word.encode()), list[str]()
        while rest.value:  # a clause at a time
            named = self._lib.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA_WITH_BARS) or b""
            names += named.decode().replace(" ", "_").split("_")
        return names

    def _choose(self, voice: str, variant: str) -> None:
        self.check([voice], [variant])
        name = self._files[voice] + (f"+{variant}" if variant else "")
        if self._lib.espeak_SetVoiceByName(name.encode()):
            raise DataError(f"espeak-ng cannot load its voice {name}; {_INSTALL}")

    def _rows(self, language: bytes | None) -> list[tuple[str, str]]:
        """(language, file) of the voices, the preferred ones first."""
        wanted = None if language is None else ctypes.byref(_Voice(languages=language))
        voices, rows = self._lib.espeak_ListVoices(wanted), list[tuple[str, str]]()
        while voices[len(rows)]:
            voice = voices[len(rows)].contents
            rows.append((voice.languages[1:].decode(), voice.identifier.decode()))
        return rows

    def _hear(self, sound: Any, count: int, events: Any) -> int:
        if sound and count > 0:
            self._sound += ctypes.string_at(sound, 2 * count)
        for event in events:
            if not event.type:
                return 0
            if event.type == _PHONEME:
                self._events.append((event.sample, event.id.string))
        return 0


def _serve(name: str, requests: IO[bytes], replies: IO[bytes]) -> None:
    library: _Library | None = None
    for line in requests:
        asked = json.loads(line)
        try:
            library = library or _Library(name)
            reply = getattr(library, asked.pop("do"))(**asked)
        except DataError as error:
            reply = {"error": str(error)}
        sound = reply.pop("sound", b"")
        replies.write(json.dumps(reply | {"bytes": len(sound)}).encode() + b"\n" + sound)
        replies.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
