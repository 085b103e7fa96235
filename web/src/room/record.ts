const RATE = 16_000;
const LONGEST_S = 30;

/** 16-bit PCM mono in a RIFF header (the shape that the gateway's recogniser reads). */
export function wav(samples: Float32Array, rate = RATE): Blob {
  const bytes = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) bytes.setUint8(at + i, text.charCodeAt(i));
  };
  word(0, "RIFF");
  bytes.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  word(36, "data");
  bytes.setUint32(40, samples.length * 2, true);
  for (let i = 0; i < samples.length; i++) {
    const sample = Math.max(-1, Math.min(1, samples[i] ?? 0));
    bytes.setInt16(44 + i * 2, Math.round(sample * 32767), true);
  }
  return new Blob([bytes.buffer], { type: "audio/wav" });
}

/** Records the microphone until `stop`, at most half a minute; nobody else hears it meanwhile. */
export async function record(): Promise<{ stop: () => Promise<Blob> }> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const chunks: Blob[] = [];
  recorder.ondataavailable = (event) => chunks.push(event.data);
  const over = new Promise<void>((resolve) => {
    recorder.onstop = () => resolve();
  });
  const end = () => {
    for (const track of stream.getTracks()) track.stop();
    if (recorder.state !== "inactive") recorder.stop();
  };
  recorder.start();
  const limit = setTimeout(end, LONGEST_S * 1000);
  return {
    async stop() {
      clearTimeout(limit);
      end();
      await over;
      const context = new OfflineAudioContext(1, RATE, RATE);
      const sound = await context.decodeAudioData(await new Blob(chunks).arrayBuffer());
      return wav(sound.getChannelData(0));
    },
  };
}
