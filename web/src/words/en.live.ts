import type { Hearing } from "../parts/hearing";

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
  gapDetail: (p50: string) => `half under ${p50}`,
  refusedDetail: (n: number) => `${n} refused`,
  lastHour: "last hour",
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
  states: {
    ringing: "Ringing",
    talking: "AI",
    waiting: "Waiting",
    human: "Person",
    held: "On hold",
    ended: "Ended",
    refused: "Refused",
  } as Record<string, string>,
  needs: {
    help: "Asks for help",
    person_wanted: "Wants a person",
    problem: "Has a problem",
    long_gap: "Slow replies",
  } as Record<string, string>,
  empty: "No calls right now",
  emptyHint: "A call appears here while it still rings. To make one, dial a number of the plan or use Talk to us.",
  connecting: "Getting the calls",
  anonymous: "Number withheld",
  web: "Web caller",
  nobody: "nobody yet",
  ai: (name: string) => `AI ${name}`,
  listening: (names: string) => `${names} listening`,
  pick: "Pick a call",
  pickHint: "j and k move through the list, Enter opens, ? shows every key.",
  filter: "Show",
  filters: { all: "All", needs: "Needs me", human: "With people", ai: "With AI" } as Record<string, string>,
  noneHere: "None of the calls fits this filter.",
  hiddenCalls: (n: number) => `${n} more calls are hidden by the filter`,
  open: (caller: string) => `Open the call from ${caller}`,
};

export const call = {
  title: "Call",
  from: "from",
  to: "to",
  closed: "This call is not live any more.",
  closedHint: "Its record is in the history.",
  toRecord: "Open its record",
  back: "Back to the list",
  transcript: "Transcript",
  transcriptEmpty: "Nobody has said anything yet.",
  latest: "To the latest words",
  interrupted: "interrupted",
  speaking: "speaking",
  caller: "Caller",
  you: "you",
  took: (ms: string) => `in ${ms}`,
  failed: "failed",
  tool: "Tool",
  masked: "hidden from your role",
  key: (digit: string) => `Key ${digit}`,
  handedOver: (from: string, to: string) => `${from} → ${to}`,
  wanted: "Wants a person",
  problem: "Problem",
  resumed: "The AI was restarted and went on",
  answered: "Answered",
  ringingAt: "Rings",
  ended: "Ended",
  note: "Note",
  supervised: { listen: "listens", whisper: "whispers", barge: "barged in", takeover: "took over", giveback: "gave back", coach: "coached", idle: "left" } as Record<string, string>,
  levels: "Levels",
  levelCaller: "Caller",
  levelOurs: "Our side",
  levelMe: "You",
  levelsHint: "Listen to see the levels",
  timeline: "Timeline of the call",
  route: "Why it was routed this way",
  routeRevision: (revision: string) => `plan ${revision}`,
  routeLocal: (time: string) => `local time ${time}`,
  routeNone: "Not routed yet.",
  gaps: "Turn gaps",
  gapsNone: "No turns yet.",
  gapsSummary: (p50: string, max: string) => `half under ${p50}, longest ${max}`,
  gapsPicture: (n: number, p50: string, max: string) => `${n} turns; half of the gaps under ${p50}, the longest ${max}`,
  actions: "Actions",
  mode: "How you take part",
  modes: { idle: "Out", listen: "Listen", whisper: "Whisper", barge: "Barge", takeover: "Take over" } as Record<string, string>,
  giveBack: "Give back",
  giveBackNote: "What the AI should know (optional)",
  mute: "Mute",
  unmute: "Unmute",
  coach: "Coach",
  coachLabel: "Tell the AI what to do next; the caller does not hear this",
  coachSend: "Send",
  coachSpeak: "Speak the coaching",
  coachStop: "Stop and send",
  coached: "The AI follows this on its next turn.",
  coachUnderstood: (text: string) => `Understood: “${text}”`,
  transfer: "Transfer",
  transferLabel: "Where to",
  transferGo: "Transfer",
  transferred: "The transfer is under way.",
  noteTitle: "Note",
  noteLabel: "Note for the record",
  disposition: "Outcome",
  dispositions: {
    "": "Not set",
    solved: "Solved",
    follow_up: "Needs follow-up",
    callback: "Call back",
    complaint: "Complaint",
    wrong_number: "Wrong number",
    spam: "Spam",
  } as Record<string, string>,
  save: "Save",
  saved: "Saved.",
  hangUp: "Hang up",
  hangUpSure: "End this call for everybody?",
  hangUpYes: "End the call",
  helpDone: "Help is done",
  opening: "Joining",
};

const list = (names: string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** The one sentence. Every word of it follows from `Hearing`, which follows from the rooms. */
export const sentence = {
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
    unsafe: "The gateway offered a connection that could leak, so it was not used. Nobody can hear you.",
    no_microphone: "The browser gave no microphone. Allow it in the address bar. Nobody can hear you.",
    ended_elsewhere: "You were taken out of the call. Nobody can hear you.",
  } as Record<string, string>,
  onAir: "On air",
  stop: "Silent",
  stopHint: "Esc",
};
