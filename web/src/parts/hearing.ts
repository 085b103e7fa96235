import type { Air } from "../room/machine";
import type { Present } from "../room/wire";

/**
 * Who can hear us, as facts. It follows from where the microphone is published and from who is in
 * that room, never from the mode that somebody wished for: while a mode changes, the truth is what
 * the rooms are.
 */
export interface Hearing {
  kind:
    | "out"
    | "joining"
    | "listening"
    | "muted"
    | "held"
    | "side_empty"
    | "side"
    | "room_empty"
    | "room"
    | "takeover";
  who: Present[];
}

/** Supervisors who listen are hidden from the rooms; the call's row knows them. */
export interface Listener {
  who: string;
  mode: string;
}

export function hearing(air: Air, present: Present[], listeners: Listener[], me: string): Hearing {
  if (air.mic === "side") {
    const who = present.filter((one) => one.kind !== "caller");
    return { kind: who.length > 0 ? "side" : "side_empty", who };
  }
  if (air.mic === "call") {
    const hidden = listeners
      .filter((one) => one.who !== me && (one.mode === "listen" || one.mode === "whisper"))
      .map((one): Present => ({ kind: "supervisor", name: one.who }));
    const known = new Set(present.map((one) => `${one.kind} ${one.name}`));
    const who = [...present, ...hidden.filter((one) => !known.has(`${one.kind} ${one.name}`))];
    if (who.length === 0) return { kind: "room_empty", who };
    if (air.want !== "takeover") return { kind: "room", who };
    return { kind: "takeover", who: who.filter((one) => one.kind !== "persona") };
  }
  if (air.call === null) return { kind: "out", who: [] };
  if (air.changing) return { kind: "joining", who: [] };
  if (air.mode === "listen") return { kind: "listening", who: [] };
  return { kind: air.mode === "idle" ? "out" : "muted", who: [] };
}
