/**
 * Rings without a sound file: two tones, one second on, two off. Browsers allow it after the first
 * click on the page; until then `allow` has nothing to do and the banner alone is seen.
 */
let context: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

/** Called from a click, e.g. on "Ready". */
export function allowRinging(): void {
  context ??= new AudioContext();
  void context.resume().catch(() => {});
}

function once(): void {
  if (context?.state !== "running") return;
  const now = context.currentTime;
  const volume = context.createGain();
  volume.connect(context.destination);
  volume.gain.setValueAtTime(0, now);
  volume.gain.linearRampToValueAtTime(0.12, now + 0.02);
  volume.gain.setValueAtTime(0.12, now + 0.9);
  volume.gain.linearRampToValueAtTime(0, now + 1);
  for (const frequency of [440, 480]) {
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(now);
    tone.stop(now + 1);
  }
}

export function startRinging(): () => void {
  clearInterval(timer);
  allowRinging();
  once();
  timer = setInterval(once, 3000);
  return () => clearInterval(timer);
}
