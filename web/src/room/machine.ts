import type { Connection } from "../api/types";
import type { Gone } from "./wire";

/** `desk` is an agent who holds the call; the others are how a supervisor takes part. */
export type Mode = "idle" | "listen" | "whisper" | "barge" | "takeover" | "desk";

/** Where our microphone is heard: `side` never reaches the caller, `call` reaches everybody. */
export type Spot = "side" | "call";

export type Fault = "lost" | "over" | "refused" | "unsafe" | "no_microphone" | "ended_elsewhere";

export interface Air {
  readonly call: string | null;
  /** What is true now. */
  readonly mode: Mode;
  /** What was asked for; until it is true we are silent and `changing`. */
  readonly want: Mode;
  readonly changing: boolean;
  /** Grows with every wish; whatever answers an older wish is dropped. */
  readonly turn: number;
  /** Set from just before the microphone is published until just after it has stopped. */
  readonly mic: Spot | null;
  readonly open: readonly Connection[];
  /** Identities of those in `open` that are known to be joined. */
  readonly joined: readonly string[];
  /** Connections to leave once the wish has come true. */
  readonly leaving: readonly string[];
  readonly fault: Fault | null;
}

export type Happening =
  | { is: "wanted"; call: string; mode: Mode }
  | { is: "granted"; turn: number; open: readonly Connection[]; close: readonly string[] }
  | { is: "opened"; turn: number }
  | { is: "speaking"; turn: number }
  | { is: "failed"; turn: number; fault: Fault }
  | { is: "dropped"; identity: string; why: Gone }
  | { is: "hidden" }
  | { is: "overruled"; call: string; mode: Mode }
  | { is: "muted" }
  | { is: "unmuted" };

export type Effect =
  | { do: "mute" }
  | { do: "ask"; turn: number; call: string; mode: Mode; have: readonly string[] }
  | { do: "open"; turn: number; connections: readonly Connection[] }
  | { do: "speak"; turn: number; identity: string }
  | { do: "leave"; identities: readonly string[] | "all" }
  | { do: "tell"; call: string; was: Mode };

export const QUIET: Air = {
  call: null,
  mode: "idle",
  want: "idle",
  changing: false,
  turn: 0,
  mic: null,
  open: [],
  joined: [],
  leaving: [],
  fault: null,
};

const SPOTS: Record<Mode, Spot | null> = {
  idle: null,
  listen: null,
  whisper: "side",
  barge: "call",
  takeover: "call",
  desk: "call",
};

const OPEN_MOUTHS = new Set(["talk", "caller"]);

/** The one connection that a mode may speak on, or null. The server's word alone is not enough. */
export function mouth(mode: Mode, open: readonly Connection[]): Connection | null {
  const spot = SPOTS[mode];
  if (!spot) return null;
  const fits = (c: Connection) =>
    c.microphone &&
    (spot === "side"
      ? c.purpose === "side" && c.room.startsWith("side-")
      : OPEN_MOUTHS.has(c.purpose) && !c.room.startsWith("side-"));
  return open.find(fits) ?? null;
}

/** A grant that would let somebody hear us whom the mode does not name is not used at all. */
export function unsafe(mode: Mode, granted: readonly Connection[]): boolean {
  const spot = SPOTS[mode];
  return granted.some((c) => {
    if (!c.microphone) return false;
    const reaches: Spot = c.room.startsWith("side-") ? "side" : "call";
    return spot !== reaches || c.purpose === "listen";
  });
}

/** Everything to do to be silent and gone, the microphone always first. */
function silence(air: Air, fault: Fault | null): [Air, Effect[]] {
  const effects: Effect[] = [{ do: "mute" }, { do: "leave", identities: "all" }];
  if (air.call) effects.push({ do: "tell", call: air.call, was: air.want });
  return [{ ...QUIET, turn: air.turn + 1, fault }, effects];
}

function wanted(air: Air, call: string, mode: Mode): [Air, Effect[]] {
  if (mode === "idle") return silence(air, null);
  const elsewhere = air.call !== null && air.call !== call;
  const [from, before] = elsewhere ? silence(air, null) : settled(air);
  const turn = from.turn + 1;
  // Until the new mode is true we are silent, so the least is what holds: listening or nothing.
  const meanwhile: Mode = from.open.length > 0 ? "listen" : "idle";
  const have = from.open.map((c) => c.identity);
  const next: Air = {
    ...from,
    leaving: [],
    call,
    mode: meanwhile,
    want: mode,
    changing: true,
    turn,
    mic: null,
  };
  return [next, [...before, { do: "ask", turn, call, mode, have }]];
}

/** Only what is known to be joined is kept for the next wish. */
function settled(air: Air): [Air, Effect[]] {
  const open = air.open.filter((c) => air.joined.includes(c.identity));
  const unsure = air.open.filter((c) => !air.joined.includes(c.identity)).map((c) => c.identity);
  const effects: Effect[] = [{ do: "mute" }];
  if (unsure.length > 0) effects.push({ do: "leave", identities: unsure });
  return [{ ...air, open, fault: null }, effects];
}

function granted(air: Air, open: readonly Connection[], close: readonly string[]): [Air, Effect[]] {
  if (unsafe(air.want, open)) return silence(air, "unsafe");
  const known = new Set(air.open.map((c) => c.identity));
  const fresh = open.filter((c) => !known.has(c.identity));
  const next = { ...air, open: [...air.open, ...fresh], leaving: close };
  return [next, [{ do: "open", turn: air.turn, connections: fresh }]];
}

function opened(air: Air): [Air, Effect[]] {
  const staying = air.open.filter((c) => !air.leaving.includes(c.identity));
  const effects: Effect[] = air.leaving.length ? [{ do: "leave", identities: air.leaving }] : [];
  const joined = staying.map((c) => c.identity);
  const next: Air = { ...air, open: staying, joined, leaving: [] };
  const spot = SPOTS[air.want];
  // Everybody who takes part hears the call itself; whispering into the side room alone is blind.
  if (!staying.some((c) => !c.room.startsWith("side-"))) return silence(air, "lost");
  if (!spot) return [{ ...next, mode: air.want, changing: false }, effects];
  const through = mouth(air.want, staying);
  if (!through) return silence(air, "unsafe");
  return [
    { ...next, mic: spot },
    [...effects, { do: "speak", turn: air.turn, identity: through.identity }],
  ];
}

/**
 * How taking part in a call changes. Pure: what happened in, what is true and what to do out.
 * Promises: "mute" is the first effect of every change; the microphone is only ever opened on the
 * connection that the wished mode names; an answer to an older wish does nothing; whatever goes
 * wrong ends in silence.
 */
export function step(air: Air, happening: Happening): [Air, Effect[]] {
  switch (happening.is) {
    case "wanted":
      return wanted(air, happening.call, happening.mode);
    case "granted":
      return happening.turn === air.turn
        ? granted(air, happening.open, happening.close)
        : [air, []];
    case "opened":
      return happening.turn === air.turn ? opened(air) : [air, []];
    case "speaking":
      return happening.turn === air.turn && air.mic
        ? [{ ...air, mode: air.want, changing: false }, []]
        : [air, []];
    case "failed":
      return happening.turn === air.turn ? silence(air, happening.fault) : [air, []];
    case "dropped":
      return dropped(air, happening.identity, happening.why);
    case "hidden":
      return air.call ? silence(air, null) : [air, []];
    case "overruled":
      return overruled(air, happening.call, happening.mode);
    case "muted":
      return air.mic
        ? [{ ...air, mic: null, mode: air.want, changing: false }, [{ do: "mute" }]]
        : [air, []];
    case "unmuted":
      return unmuted(air);
  }
}

/**
 * A connection that we count on is gone: out, in silence. While a mode changes the gateway closes
 * the old connection by itself; that one is only forgotten, we are silent then anyway.
 */
function dropped(air: Air, identity: string, why: Gone): [Air, Effect[]] {
  if (!air.open.some((c) => c.identity === identity)) return [air, []];
  if (!air.changing || air.mic || why === "lost") return silence(air, why);
  const open = air.open.filter((c) => c.identity !== identity);
  return [{ ...air, open, joined: air.joined.filter((one) => one !== identity) }, []];
}

/** The server's truth is quieter than ours: follow it. It never makes us louder. */
function overruled(air: Air, call: string, mode: Mode): [Air, Effect[]] {
  if (air.call !== call || air.changing || air.mode === "idle") return [air, []];
  return mode === "idle" ? silence(air, "ended_elsewhere") : [air, []];
}

function unmuted(air: Air): [Air, Effect[]] {
  const spot = SPOTS[air.mode];
  const through = mouth(air.mode, air.open);
  if (air.mic || air.changing || !spot || !through) return [air, []];
  const speak: Effect = { do: "speak", turn: air.turn, identity: through.identity };
  return [{ ...air, mic: spot }, [speak]];
}
