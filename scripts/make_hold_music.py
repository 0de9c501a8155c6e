#!/usr/bin/env python3
"""Makes media/sounds/: the music on hold that comes with the program, for Opus and for G.711.

Only needed to change it; what it made is in the tree. Needs opusenc (Debian: opus-tools). Eight
seconds that may be repeated: four soft notes over a low one, all of them whole turns long, so that
the end runs into the beginning.
"""

import math
import struct
import subprocess
import sys
import wave
from pathlib import Path

RATE = 48_000
SECONDS = 8
PAD_HZ = 220
NOTES_HZ = (440, 550, 660, 880)  # whole numbers: the loop has no seam
OUT = Path(__file__).resolve().parent.parent / "media" / "sounds"


def note(hz, since):
    """A struck note: a quick start, a slow end, a little of its octave."""
    if since < 0:
        return 0.0
    loudness = min(since / 0.02, 1.0) * math.exp(-1.6 * since)
    turn = 2 * math.pi * hz * since
    return loudness * (math.sin(turn) + 0.25 * math.sin(2 * turn))


def samples():
    for i in range(RATE * SECONDS):
        at = i / RATE
        level = 0.10 * math.sin(2 * math.pi * PAD_HZ * at)
        for k in range(SECONDS):
            hz = NOTES_HZ[(k * 3) % len(NOTES_HZ)]
            level += 0.22 * note(hz, (at - k) % SECONDS)
        yield max(-1.0, min(1.0, level))


def ulaw(linear):
    """ITU-T G.711, mu-law, of 16 bits."""
    sign = 0x80 if linear < 0 else 0
    level = min(abs(linear), 32_635) + 132
    exponent = max(level.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | (level >> (exponent + 3)) & 15) & 0xFF


def alaw(linear):
    """ITU-T G.711, A-law, of 16 bits."""
    sign = 0x80 if linear >= 0 else 0
    level = min(abs(linear) if linear >= 0 else -linear - 1, 32_767) >> 3
    exponent = max(level.bit_length() - 5, 0)
    mantissa = level >> (exponent if exponent > 1 else 1) & 15
    return (sign | exponent << 4 | mantissa) ^ 0x55


def write_g711(path, tag, code, linear):
    data = bytes(code(x) for x in linear)
    form = struct.pack("<HHIIHHH", tag, 1, 8_000, 8_000, 1, 8, 0)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"fact" + struct.pack("<II", 4, len(data))
    chunks += b"data" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    linear = [round(32_767 * x) for x in samples()]
    wide = OUT / "hold.wav"
    with wave.open(str(wide), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(linear)}h", *linear))
    subprocess.run(
        ["opusenc", "--quiet", "--bitrate", "24", "--framesize", "20", "--serial", "1",
         "--discard-comments", str(wide), str(OUT / "hold.opus")], check=True)
    wide.unlink()
    step = RATE // 8_000
    narrow = [sum(linear[i:i + step]) // step for i in range(0, len(linear), step)]
    write_g711(OUT / "hold.ulaw.wav", 7, ulaw, narrow)
    write_g711(OUT / "hold.alaw.wav", 6, alaw, narrow)


if __name__ == "__main__":
    sys.exit(main())
