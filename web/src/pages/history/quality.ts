import type { Call } from "../../api/types";

type Quality = NonNullable<Call["quality"]>;

export interface LineWords {
  mos: (score: string) => string;
  loss: (theirs: string, ours: string) => string;
  jitter: (ms: string) => string;
  trip: (ms: string) => string;
  hole: (length: string) => string;
  strangers: (packets: string) => string;
}

/** How the line sounded, in one line: `MOS 4.3 · loss 0.1 % / 0 % · jitter 4 ms · PCMA · …`. What was
 * not measured is left out; the score is the worse of both directions. */
export function qualityLine(
  quality: Quality | null | undefined,
  words: LineWords,
  language: string,
) {
  if (!quality) return "";
  const figure = (value: number, digits: number) =>
    value.toLocaleString(language, { maximumFractionDigits: digits });
  const scores = [quality.mos, quality.mos_sent].filter((one) => typeof one === "number");
  const share = (value: number | null | undefined) =>
    typeof value === "number" ? `${figure(value, 1)} %` : "–";
  const parts: string[] = [];
  if (scores.length) parts.push(words.mos(figure(Math.min(...scores), 1)));
  if (typeof quality.loss_pct === "number" || typeof quality.loss_sent_pct === "number") {
    parts.push(words.loss(share(quality.loss_pct), share(quality.loss_sent_pct)));
  }
  if (typeof quality.jitter_ms === "number" && typeof quality.loss_pct === "number") {
    parts.push(words.jitter(figure(quality.jitter_ms, 0)));
  }
  if (typeof quality.round_trip_ms === "number") {
    parts.push(words.trip(figure(quality.round_trip_ms, 0)));
  }
  if (quality.codec) parts.push(quality.codec);
  if (typeof quality.longest_hole_ms === "number") {
    const ms = quality.longest_hole_ms;
    parts.push(words.hole(ms < 1000 ? `${figure(ms, 0)} ms` : `${figure(ms / 1000, 1)} s`));
  }
  if (quality.strangers) parts.push(words.strangers(figure(quality.strangers, 0)));
  return parts.join(" · ");
}
