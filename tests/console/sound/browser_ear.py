"""An ear in a browser: what its page plays, through a Goertzel filter that runs beside the page."""

from __future__ import annotations

from typing import Final

import numpy as np
from playwright.async_api import BrowserContext, Page

from tests.console.sound.hearing import Rows

_LISTEN: Final = """(tones) => {
  const RATE = 16000, SIZE = 4096, EVERY_MS = 50;
  const rows = window.earRows = [];
  let context, analyser, window_, sum;
  const start = () => {
    context = new AudioContext({ sampleRate: RATE });
    analyser = new AnalyserNode(context, { fftSize: SIZE });
    // Nothing is pulled through a node that leads nowhere: it leads to silence.
    const silent = new GainNode(context, { gain: 0 });
    analyser.connect(silent).connect(context.destination);
    window_ = Float64Array.from({ length: SIZE },
      (_, at) => 0.5 - 0.5 * Math.cos(2 * Math.PI * at / (SIZE - 1)));
    sum = window_.reduce((all, each) => all + each);
    const samples = new Float32Array(SIZE);
    setInterval(() => {
      if (context.state !== 'running') return;
      analyser.getFloatTimeDomainData(samples);
      const end = Date.now() / 1000;
      rows.push([end - SIZE / RATE, end, ...tones.map((hertz) => goertzel(samples, hertz))]);
    }, EVERY_MS);
  };
  const goertzel = (samples, hertz) => {
    const turn = 2 * Math.PI * hertz / RATE, twice = 2 * Math.cos(turn);
    let one = 0, two = 0;
    for (let at = 0; at < SIZE; at++) {
      const now = samples[at] * window_[at] + twice * one - two;
      two = one;
      one = now;
    }
    const power = one * one + two * two - twice * one * two;
    return 2 * Math.sqrt(Math.max(power, 0)) / sum;
  };
  const property = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...property,
    set(stream) {
      property.set.call(this, stream);
      if (!(stream instanceof MediaStream) || stream.getAudioTracks().length === 0) return;
      if (!context) start();
      context.createMediaStreamSource(stream).connect(analyser);
    },
  });
}"""
"""Everything that an audio element of the page is given to play is mixed and measured: 256 ms of
it, twenty times a second, as [begin, end, amplitude of each tone]."""


async def give_ear(context: BrowserContext, *tones: int) -> None:
    """Before the first page is opened."""
    await context.add_init_script(f"({_LISTEN})({list(tones)})")


async def rows(page: Page) -> list[Rows]:
    """For each tone what the ear has heard since the page was loaded: (begin, end, amplitude)."""
    found = np.array(await page.evaluate("window.earRows"), np.float64)
    assert len(found), "the page has played nothing"
    return [
        np.column_stack([found[:, :2], found[:, column]]) for column in range(2, found.shape[1])
    ]
