"""Captions: every sound and every remark also as words, long enough to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simtrainer.ui.monitor.level import Level

LEAST_S = 2.5
"""Shortest time [s] that a caption stays. because: design"""
CHARACTERS_A_SECOND = 14.0
"""Reading speed. because: 17 characters a second is a common ceiling for subtitles (known); slower for a busy eye"""
MOST = 3
"""Captions that stand at once."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that stand until `until_s` [s]."""

    text: str
    level: Level
    until_s: float


@dataclass(frozen=True, slots=True)
class CaptionQueue:
    """The captions that stand now, oldest first."""

    captions: tuple[Caption, ...] = ()

    def said(self, text: str, now_s: float, level: Level = Level.CALM) -> CaptionQueue:
        """Return the queue with `text` added; the same words again only stay longer; the calmest old one gives way."""
        until = now_s + max(LEAST_S, len(text) / CHARACTERS_A_SECOND)
        kept = [caption for caption in self.at(now_s).captions if caption.text != text]
        kept.append(Caption(text, level, until))
        while len(kept) > MOST:
            calm = next((c for c in kept[:-1] if c.level is not Level.ALARM), kept[0])
            kept.remove(calm)
        return replace(self, captions=tuple(kept))

    def at(self, now_s: float) -> CaptionQueue:
        """Return the queue without what has stood long enough."""
        return CaptionQueue(tuple(caption for caption in self.captions if caption.until_s > now_s))
