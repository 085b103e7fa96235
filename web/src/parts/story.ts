import type { Call, CallDetail, CallEvent, Entry } from "../api/types";
import { actorOf } from "./actor";

/** What happened in a call, in one list, for the live view and for the record alike. */
export type Item = { key: string; at: string } & (
  | {
      kind: "line";
      role: string;
      speaker: string;
      text: string;
      interrupted: boolean;
      /** Who had the AI say it: `supervisor ann`; empty if it is its own. */
      behalf: string;
    }
  | {
      kind: "tool";
      name: string;
      /** Empty, as is the result, also for a role that may not see them. */
      arguments: Record<string, unknown>;
      result: string;
      ok: boolean;
      ms: number | null;
    }
  | { kind: "handover"; from: string; to: string; reason: string; summary: string }
  | { kind: "wanted"; reason: string; summary: string; skills: string[] }
  | { kind: "key"; digit: string }
  | { kind: "problem"; what: string; detail: string }
  | { kind: "note"; who: string; note: string; disposition: string | null }
  | { kind: "supervised"; who: string; mode: string; note: string; ok: boolean }
  | { kind: "resumed" }
  | { kind: "ended"; cause: string; detail: string }
);

export interface Gap {
  key: string;
  at: string;
  gap_ms: number;
  stt_ms: number | null;
  llm_ms: number | null;
  tts_ms: number | null;
}

export interface Step {
  rule: string;
  matched: boolean;
  because: string;
}

export interface Story {
  items: readonly Item[];
  gaps: readonly Gap[];
  trace: readonly Step[];
  localTime: string;
  partial: { role: string; speaker: string; text: string } | null;
}

export const NOTHING: Story = {
  items: [],
  gaps: [],
  trace: [],
  localTime: "",
  partial: null,
};

/** The engine's steps, whatever else they carry. */
export function steps(raw: readonly Record<string, unknown>[]): Step[] {
  return raw.map((step) => ({
    rule: String(step.rule ?? step.what ?? ""),
    matched: step.matched === true,
    because: String(step.because ?? step.why ?? ""),
  }));
}

function item(key: string, event: CallEvent): Item | null {
  const base = { key, at: event.at };
  switch (event.kind) {
    case "said": {
      const { speaker, text, role = "persona", interrupted = false, behalf = "" } = event;
      return { ...base, kind: "line", role, speaker, text, interrupted, behalf };
    }
    case "heard": {
      const own = { interrupted: false, behalf: "" };
      return { ...base, kind: "line", role: "caller", speaker: "", text: event.text, ...own };
    }
    case "tool": {
      const { name, arguments: given = {}, result = "", ok = true, ms = null } = event;
      return { ...base, kind: "tool", name, arguments: given, result, ok, ms };
    }
    case "handed_over": {
      const { frm: from, to, reason = "", summary = "" } = event;
      return { ...base, kind: "handover", from, to, reason, summary };
    }
    case "person_wanted": {
      const { reason = "", summary = "", skills = [] } = event;
      return { ...base, kind: "wanted", reason, summary, skills };
    }
    case "dtmf":
      return { ...base, kind: "key", digit: event.digit };
    case "problem":
      return { ...base, kind: "problem", what: event.what, detail: event.detail ?? "" };
    case "noted": {
      const { who, note = "", disposition = null } = event;
      return { ...base, kind: "note", who, note, disposition };
    }
    case "supervised": {
      const { who, mode, note = "", ok = true } = event;
      return { ...base, kind: "supervised", who, mode, note, ok };
    }
    case "resumed":
      return { ...base, kind: "resumed" };
    case "ended":
      return { ...base, kind: "ended", cause: event.cause, detail: event.detail ?? "" };
    default:
      return null;
  }
}

/** More events of the call, at once; the same event twice changes nothing. */
export function tell(story: Story, entries: readonly Entry[]): Story {
  const items = [...story.items];
  const gaps = [...story.gaps];
  let { trace, localTime, partial } = story;
  const known = new Set([...items, ...gaps].map(({ key }) => key));
  for (const { seq, event } of entries) {
    if (event.kind === "heard" && event.final === false) {
      partial = { role: "caller", speaker: "", text: event.text };
      continue;
    }
    const key = seq === null ? event.id : String(seq);
    if (known.has(key)) continue;
    known.add(key);
    if (event.kind === "routed") {
      trace = steps(event.steps ?? []);
      localTime = event.local_time ?? "";
    } else if (event.kind === "turn") {
      const { at, gap_ms, stt_ms = null, llm_ms = null, tts_ms = null } = event;
      gaps.push({ key, at, gap_ms, stt_ms, llm_ms, tts_ms });
    } else {
      const made = item(key, event);
      if (made) insert(items, made);
      if (event.kind === "heard") partial = null;
    }
  }
  return { items, gaps, trace, localTime, partial };
}

/** Events of different sources arrive out of order; the list is kept by when they happened. */
function insert(items: Item[], made: Item): void {
  let at = items.length;
  while (at > 0 && (items[at - 1]?.at ?? "") > made.at) at -= 1;
  items.splice(at, 0, made);
}

/** A call that is looked up: the same story, as far as its record lists it. */
export function recorded({ call, events }: CallDetail): Story {
  const story = tell(NOTHING, events);
  return { ...story, items: story.items.filter((each) => listed(each, call)) };
}

/** How the call ended and who took part stand beside the list; a wish for a person is listed as
 * long as nobody came. */
function listed(item: Item, call: Call): boolean {
  switch (item.kind) {
    case "resumed":
    case "ended":
      return false;
    case "supervised":
      return item.mode === "coach";
    case "wanted":
      return call.wanted !== null && item.at >= call.wanted.at;
    default:
      return true;
  }
}

export interface Segment {
  state: "ringing" | "talking" | "waiting" | "human";
  who: string;
  from: number;
  to: number;
}

/** Who had the call, from when to when (ms): what the timeline draws. */
export function segments(call: Call, items: readonly Item[], now: number): Segment[] {
  const start = Date.parse(call.started_at);
  const end = call.ended_at ? Date.parse(call.ended_at) : now;
  const cuts: { at: number; state: Segment["state"]; who: string }[] = [
    { at: start, state: "ringing", who: "" },
  ];
  if (call.answered_at) {
    const first = call.decision?.kind === "persona" ? (call.decision.name ?? "") : "";
    cuts.push({ at: Date.parse(call.answered_at), state: "talking", who: first });
  }
  for (const each of items) {
    const at = Date.parse(each.at);
    if (each.kind === "wanted") cuts.push({ at, state: "waiting", who: "" });
    if (each.kind !== "handover") continue;
    const { kind, name } = actorOf(each.to);
    const state = kind === "persona" ? "talking" : kind === "queue" ? "waiting" : "human";
    cuts.push({ at, state, who: name });
  }
  cuts.sort((a, b) => a.at - b.at);
  return cuts
    .map((cut, i) => ({
      state: cut.state,
      who: cut.who,
      from: Math.max(start, cut.at),
      to: Math.min(end, cuts[i + 1]?.at ?? end),
    }))
    .filter((segment) => segment.to > segment.from);
}
