/** The gateway's shapes; interim until generated. */
export interface Me {
  name: string;
  display: string;
  roles: string[];
  skills: string[];
  may: string[];
  masked: boolean;
  must_change_password: boolean;
}
export interface SignInOptions {
  local: boolean;
  oidc: { name: string; url: string } | null;
}
export type CallState = "ringing" | "talking" | "waiting" | "human" | "held" | "ended" | "refused";
export interface Call {
  id: string;
  seq: number;
  direction: "in" | "out" | "web";
  called: string;
  caller: string;
  trunk: string | null;
  state: CallState;
  state_since: string;
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  holder: { kind: "persona" | "agent" | "supervisor" | "nobody"; name: string };
  persona: string | null;
  agent: string | null;
  language: string;
  decision: { kind: string; name: string | null; revision: string } | null;
  last: { speaker: string; role: string; text: string; at: string } | null;
  needs: string[];
  needs_since: string | null;
  wanted: {
    queue: string | null;
    skills: string[];
    reason: string;
    summary: string;
    language: string;
    priority: number;
    at: string;
  } | null;
  listeners: { who: string; mode: string; since: string }[];
  turns: number;
  turn_gap_ms: number | null;
  turn_gap_p50_ms: number | null;
  turn_gap_max_ms: number | null;
  hand_overs: number;
  tools: number;
  problems: number;
  notes: number;
  cause: string | null;
  by: string | null;
  code: number | null;
  reason: string | null;
  detail: string;
  disposition: string | null;
  wait_s: number | null;
  talk_s: number | null;
}
export interface Tiles {
  calls: number;
  waiting: number;
  longest_wait_s: number;
  service_level: number | null;
  answer_s: number | null;
  abandoned: number;
  agents_ready: number;
  agents_busy: number;
  agents_not_ready: number;
  turn_gap_p50_ms: number | null;
  turn_gap_p95_ms: number | null;
  refused: number;
  load: [number, number, number][];
}
export type SeatState = "ready" | "not_ready" | "wrap_up" | "ringing" | "busy" | "offline";
export interface Seat {
  name: string;
  display: string;
  state: SeatState;
  since: string;
  reason: string;
  skills: string[];
  call: string | null;
}
export interface Offer {
  id: string;
  call: string;
  to: string;
  at: string;
  expires_at: string;
  summary: string;
  reason: string;
  skills: string[];
  language: string;
  caller: string;
  called: string;
  priority: number;
}
export interface Connection {
  purpose: "listen" | "talk" | "side";
  room: string;
  server_url: string;
  token: string;
  identity: string;
  expires_at: string;
  microphone: boolean;
}
export type AirMode = "idle" | "listen" | "whisper" | "barge" | "takeover";
export interface ModeAnswer {
  call: string;
  mode: AirMode;
  who: string;
  since: string;
  hears: string[];
  sentence: { en: string; de: string };
  open: Connection[];
  close: string[];
}
export interface Line {
  at: string;
  speaker: string;
  role: string;
  text: string;
  interrupted: boolean;
  language: string | null;
}
/** Any event of a call, as the stream of one call carries it; which fields are there is told by `kind`. */
export interface CallEvent {
  kind: string;
  id: string;
  call: string;
  source: string;
  at: string;
  speaker?: string;
  role?: string;
  text?: string;
  final?: boolean;
  interrupted?: boolean;
  name?: string;
  arguments?: Record<string, unknown> | null;
  result?: string | null;
  ok?: boolean;
  ms?: number | null;
  frm?: string;
  to?: string;
  reason?: string;
  summary?: string;
  skills?: string[];
  digit?: string;
  what?: string;
  detail?: string;
  who?: string;
  note?: string;
  disposition?: string | null;
  mode?: string;
  cause?: string;
  steps?: Record<string, unknown>[];
  local_time?: string;
  gap_ms?: number;
  stt_ms?: number | null;
  llm_ms?: number | null;
  tts_ms?: number | null;
}
export interface CallDetail {
  call: Call;
  transcript: Line[];
  trace: Record<string, unknown>[];
  local_time: string;
  tool_calls: {
    at: string;
    name: string;
    arguments: Record<string, unknown> | null;
    result: string | null;
    ok: boolean;
    ms: number | null;
  }[];
  gaps: {
    at: string;
    gap_ms: number;
    stt_ms: number | null;
    llm_ms: number | null;
    tts_ms: number | null;
  }[];
  hand_overs: { at: string; frm: string; to: string; reason: string; summary: string }[];
  keys: { at: string; digit: string }[];
  problems: { at: string; what: string; detail: string }[];
  notes: { at: string; who: string; note: string; disposition: string | null }[];
  listened: { who: string; action: string; at: string; ended_at: string | null }[];
  figures: Record<string, number>;
}
export interface Graph {
  nodes: { id: string; kind: string; label: string }[];
  edges: { frm: string; to: string; label: string }[];
}
export interface DeskPicture {
  me: Seat | null;
  seats: Seat[];
  offers: Offer[];
  waiting: Call[];
  mine: Call[];
}
export interface Page<T> {
  items: T[];
  next: string | null;
}
export interface PlanFile {
  path: string;
  text: string;
}
export interface LivePlan {
  revision: string | null;
  files: PlanFile[];
  author: string | null;
  at: string | null;
  in_step: boolean;
}
export interface PlanProblem {
  file: string;
  line: number;
  column: number;
  end_column: number | null;
  code: string;
  severity: "error" | "warning";
  message: string;
  suggestion: string | null;
}
export interface Checked {
  ok: boolean;
  revision: string | null;
  problems: PlanProblem[];
}
export interface Explained {
  decision: { kind: string; name: string | null };
  steps: Record<string, unknown>[];
  local_time: string;
  sentence: string;
}
export interface TestRun {
  passed: number;
  failed: number;
  results: {
    name: string;
    passed: boolean;
    expected: string[];
    got: string[];
    line: number | null;
    column: number | null;
  }[];
}
export interface PlanDiff {
  changes: { what: string; path: string; before: string | null; after: string | null }[];
  replay: {
    checked: number;
    elsewhere: number;
    examples: { call: string; at: string; called: string; before: string; after: string }[];
  };
}
export interface Applied {
  revision: string;
  steps: { what: string; ok: boolean; detail: string }[];
}
export interface Revision {
  revision: string;
  author: string;
  at: string;
  note: string;
  current: boolean;
}
export interface CalendarMonth {
  hours: Record<string, { date: string; open: [string, string][]; note: string }[]>;
}
