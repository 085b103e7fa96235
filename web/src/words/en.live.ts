import type { CallState } from "../api/words";
import type { Hearing } from "../parts/hearing";
import { named } from "./named";

export const live = {
  title: "Live calls",
  tiles: "The floor now",
  calls: "Calls",
  waiting: "Waiting",
  longest: "Longest wait",
  level: "Service level",
  answer: "Answer time",
  abandoned: "Abandoned",
  agents: "Agents",
  gap: "Turn gap at the ear",
  agentsReady: (ready: number) => `${ready} ready`,
  agentsDetail: (busy: number, away: number) => `${busy} busy, ${away} away`,
  gapDetail: (p50: string) => `p50 ${p50}`,
  refusedDetail: (n: number) => `${n} refused`,
  loadPicture: (most: number) => `Calls in the last hour, at most ${most} at once`,
  waitPicture: (most: number) => `Callers waiting in the last hour, at most ${most}`,
  columns: {
    state: "State",
    caller: "Caller",
    called: "Dialled",
    holder: "With",
    time: "In state",
    last: "Last words",
    gap: "Gap",
  },
  states: named<CallState>({
    ringing: "Ringing",
    talking: "AI",
    waiting: "Waiting",
    human: "Person",
    held: "On hold",
    ended: "Ended",
    refused: "Refused",
  }),
  needs: {
    help: "Asks for help",
    person_wanted: "Wants a person",
    problem: "Has a problem",
    long_gap: "Slow replies",
  } as Record<string, string>,
  empty: "No calls right now",
  emptyHint:
    "A call appears here while it still rings. To make one, dial a number of the plan or use Talk to us.",
  connecting: "Getting the calls",
  anonymous: "Number withheld",
  web: "Web caller",
  nobody: "nobody yet",
  ai: (name: string) => `AI ${name}`,
  listening: (names: string) => `${names} listening`,
  filter: "Show",
  filters: { all: "All", needs: "Needs me", human: "With people", ai: "With AI" } as Record<
    string,
    string
  >,
  noneHere: "None of the calls fits this filter.",
  hiddenCalls: (n: number) => `${n} more calls are hidden by the filter`,
  open: (caller: string) => `Open the call from ${caller}`,
};

const list = (names: string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** The one sentence. Every word of it follows from `Hearing`, which follows from the rooms. */
export const sentence = {
  onTelephone: "You talk on your telephone. This page does not hear you.",
  person: (kind: string, name: string) => {
    if (kind === "caller") return "the caller";
    if (kind === "persona") return name ? `the AI (${name})` : "the AI";
    if (kind === "agent") return name || "the agent";
    return name ? `${name} (supervisor)` : "a supervisor";
  },
  label: "Who can hear you",
  say: (h: Hearing, names: string[]): string => {
    switch (h.kind) {
      case "out":
        return "Nobody can hear you.";
      case "joining":
        return "Nobody can hear you. Joining…";
      case "listening":
        return "Nobody can hear you. You are listening.";
      case "muted":
        return "Nobody can hear you: your microphone is off.";
      case "held":
        return "The caller is on hold.";
      case "side_empty":
        return "Nobody can hear you yet: the agent is not in the side room. The caller never is.";
      case "side":
        return `Only ${list(names)} can hear you. The caller cannot.`;
      case "room_empty":
        return "Nobody else is in the call. Whoever joins will hear you.";
      case "takeover":
        return `You have the call: ${list(names)} can hear you. The AI is silent.`;
      case "room":
        return `Everybody in the call can hear you: ${list(names)}.`;
    }
  },
  faults: {
    over: "The call is over. Nobody can hear you.",
    lost: "The connection was lost, so you were taken out. Nobody can hear you.",
    refused: "That did not work. Nobody can hear you.",
    unsafe:
      "The gateway offered a connection that could leak, so it was not used. Nobody can hear you.",
    no_microphone:
      "The browser gave no microphone. Allow it in the address bar. Nobody can hear you.",
    ended_elsewhere: "You were taken out of the call. Nobody can hear you.",
  } as Record<string, string>,
  toCall: "To the call",
  stop: "Silent",
  stopHint: "Esc",
};
