import type { Call, CallDetail, CallEvent } from "../api/types";

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
      arguments: Record<string, unknown> | null;
      result: string | null;
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
  | { kind: "ended"; cause: string }
);

export interface Gap {
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
  ended: boolean;
}

export const NOTHING: Story = {
  items: [],
  gaps: [],
  trace: [],
  localTime: "",
  partial: null,
  ended: false,
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
    case "said":
      return {
        ...base,
        kind: "line",
        role: event.role ?? "persona",
        speaker: event.speaker ?? "",
        text: event.text ?? "",
        interrupted: event.interrupted ?? false,
        behalf: event.behalf ?? "",
      };
    case "heard":
      return {
        ...base,
        kind: "line",
        role: "caller",
        speaker: "",
        text: event.text ?? "",
        interrupted: false,
        behalf: "",
      };
    case "tool":
      return {
        ...base,
        kind: "tool",
        name: event.name ?? "",
        // The stream leaves out what is empty; the record says null where a role may not see them.
        arguments: event.arguments ?? {},
        result: event.result ?? null,
        ok: event.ok ?? true,
        ms: event.ms ?? null,
      };
    case "handed_over":
      return {
        ...base,
        kind: "handover",
        from: event.frm ?? "",
        to: event.to ?? "",
        reason: event.reason ?? "",
        summary: event.summary ?? "",
      };
    case "person_wanted":
      return {
        ...base,
        kind: "wanted",
        reason: event.reason ?? "",
        summary: event.summary ?? "",
        skills: event.skills ?? [],
      };
    case "dtmf":
      return { ...base, kind: "key", digit: event.digit ?? "" };
    case "problem":
      return { ...base, kind: "problem", what: event.what ?? "", detail: event.detail ?? "" };
    case "noted":
      return {
        ...base,
        kind: "note",
        who: event.who ?? "",
        note: event.note ?? "",
        disposition: event.disposition ?? null,
      };
    case "supervised":
      return {
        ...base,
        kind: "supervised",
        who: event.who ?? "",
        mode: event.mode ?? "",
        note: event.note ?? "",
        ok: event.ok ?? true,
      };
    case "resumed":
      return { ...base, kind: "resumed" };
    case "ended":
      return { ...base, kind: "ended", cause: event.cause ?? "" };
    default:
      return null;
  }
}

/** One more event of the call; the same event twice changes nothing. */
export function tell(story: Story, seq: number | null, event: CallEvent): Story {
  if (event.kind === "heard" && event.final === false) {
    return { ...story, partial: { role: "caller", speaker: "", text: event.text ?? "" } };
  }
  const key = seq === null ? event.id : String(seq);
  if (story.items.some((each) => each.key === key)) return story;
  const next = { ...story, ended: story.ended || event.kind === "ended" };
  if (event.kind === "routed") {
    return { ...next, trace: steps(event.steps ?? []), localTime: event.local_time ?? "" };
  }
  if (event.kind === "turn") {
    const { at, gap_ms = 0, stt_ms = null, llm_ms = null, tts_ms = null } = event;
    return { ...next, gaps: [...story.gaps, { at, gap_ms, stt_ms, llm_ms, tts_ms }] };
  }
  const made = item(key, event);
  if (!made) return next;
  const items = insert(story.items, made);
  return { ...next, items, partial: event.kind === "heard" ? null : story.partial };
}

/** Events of different sources arrive out of order; the list is kept by when they happened. */
function insert(items: readonly Item[], made: Item): Item[] {
  let at = items.length;
  while (at > 0 && (items[at - 1]?.at ?? "") > made.at) at -= 1;
  return [...items.slice(0, at), made, ...items.slice(at)];
}

/** The same list from a finished record. */
export function fromDetail(detail: CallDetail): Story {
  const items: Item[] = [];
  const add = (made: Item) => items.push(made);
  for (const [i, line] of (detail.transcript ?? []).entries()) {
    add({ key: `line${i}`, kind: "line", ...line });
  }
  for (const [i, tool] of (detail.tool_calls ?? []).entries()) {
    add({ key: `tool${i}`, kind: "tool", ...tool });
  }
  for (const [i, { at, frm, to, reason, summary }] of (detail.hand_overs ?? []).entries()) {
    add({ key: `hand${i}`, at, kind: "handover", from: frm, to, reason, summary });
  }
  for (const [i, key] of (detail.keys ?? []).entries())
    add({ key: `key${i}`, kind: "key", ...key });
  for (const [i, problem] of (detail.problems ?? []).entries()) {
    add({ key: `problem${i}`, kind: "problem", ...problem });
  }
  for (const [i, note] of (detail.notes ?? []).entries()) {
    add({ key: `note${i}`, kind: "note", ...note });
  }
  for (const [i, { at, who, text, ok }] of (detail.coached ?? []).entries()) {
    add({ key: `coach${i}`, at, kind: "supervised", who, mode: "coach", note: text, ok });
  }
  if (detail.call.wanted) {
    const { at, reason, summary, skills = [] } = detail.call.wanted;
    add({ key: "wanted", at, kind: "wanted", reason, summary, skills });
  }
  items.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return {
    ...NOTHING,
    items,
    gaps: detail.gaps ?? [],
    trace: steps(detail.trace ?? []),
    localTime: detail.local_time,
    ended: detail.call.ended_at !== null,
  };
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
    const [kind = "", ...name] = each.to.split(" ");
    const state = kind === "persona" ? "talking" : kind === "queue" ? "waiting" : "human";
    cuts.push({ at, state, who: name.join(" ") });
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
