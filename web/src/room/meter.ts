import type { Levels } from "./wire";

type Side = keyof Levels;

/** Loudness of what we hear and say, 0 to 1 on a scale of 60 dB, straight from the sound itself. */
export class Meter {
  #context: AudioContext | null = null;
  #taps = new Map<string, { side: Side; node: AnalyserNode; source: MediaStreamAudioSourceNode }>();
  #buffer = new Float32Array(512);

  /** The browser's sound, loaded and silent. */
  warm(): void {
    this.#context ??= new AudioContext();
  }

  add(key: string, track: MediaStreamTrack, side: Side): void {
    this.remove(key);
    this.#context ??= new AudioContext();
    void this.#context.resume().catch(() => {});
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const node = this.#context.createAnalyser();
    node.fftSize = this.#buffer.length;
    source.connect(node);
    this.#taps.set(key, { side, node, source });
  }

  remove(key: string): void {
    const tap = this.#taps.get(key);
    if (!tap) return;
    tap.source.disconnect();
    this.#taps.delete(key);
  }

  read(): Levels {
    const levels: Levels = { caller: 0, ours: 0, me: 0 };
    for (const { side, node } of this.#taps.values()) {
      node.getFloatTimeDomainData(this.#buffer);
      let sum = 0;
      for (const sample of this.#buffer) sum += sample * sample;
      const rms = Math.sqrt(sum / this.#buffer.length);
      const decibels = rms > 0 ? 20 * Math.log10(rms) : -100;
      levels[side] = Math.max(levels[side], Math.min(1, Math.max(0, (decibels + 60) / 60)));
    }
    return levels;
  }
}
