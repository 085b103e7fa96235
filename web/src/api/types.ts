import type { components } from "./schema";
import type { CallState, SeatState } from "./words";

export type { CallState, SeatState };

/**
 * Names for the gateway's shapes as `schema.d.ts` has them. Where the document says only "string"
 * the words that the console knows are named, so that a missing case is found by the compiler.
 */
type Schemas = components["schemas"];

/** What has a default in the gateway may be left out of its answer. */
export type Call = Omit<Schemas["Call"], "state" | "wanted"> & {
  state: CallState;
  wanted: (Schemas["Wanted"] & { skills?: string[] }) | null;
};
export type CallDetail = Omit<Schemas["CallDetail"], "call"> & { call: Call };
export type Ladder = Schemas["Ladder"];
export type Rung = Schemas["Rung"];
export type CallPage = { items: Call[]; next: string | null };

export type Me = Schemas["Me"];
export type SignInOptions = Schemas["Options"];

export type Seat = Omit<Schemas["Seat"], "state"> & { state: SeatState };
export type Offer = Schemas["Offer"];
export interface DeskPicture {
  me: Seat | null;
  seats: Seat[];
  offers: Offer[];
  waiting: Call[];
  mine: Call[];
}

export type Person = Schemas["Person"];
export type ApiKey = Schemas["Key"];
export type MadeKey = Schemas["MadeKey"];
export type AuditRow = Schemas["AuditRow"];

export type Connection = Schemas["Connection"];
export type ModeAnswer = Schemas["ModeView"];
export type Switched = Omit<Schemas["Switched"], "seat"> & { seat: Seat };
export type Taken = Schemas["Taken"];
export type CallerGrant = Schemas["Tokens"];
export type WebNumber = Schemas["WebNumber"];
export type Understood = Schemas["Understood"];

export type PlanFile = Schemas["File"];
export type LivePlan = Schemas["InForce"];
export type PlanProblem = Schemas["PlanProblem"];
export type Checked = Schemas["Checked"];
export type Explained = Schemas["Explained"];
export type TestRun = Schemas["Tested"];
export type Compared = Omit<Schemas["Compared"], "changes"> & { changes: PlanChange[] };
export type Applied = Schemas["Applied"];
export type RevisionEntry = Schemas["RevisionEntry"];
export type CalendarPage = Schemas["CalendarPage"];
export type Graph = Schemas["Drawn"];

/** One thing that two plans mean differently (dialplans/analysis/changes.py). */
export interface PlanChange {
  where: string;
  kind: "added" | "removed" | "changed";
  old: string;
  new: string;
}

/** `load` has one point a minute: when (epoch seconds), how many calls, how many waited. */
export type Tiles = Omit<Schemas["Tiles"], "load"> & { load: number[][] };

/** An event of a call, and its number unless it is of words still being spoken. What is as the
 * schema assumes it is left out. */
export type Entry = Schemas["Entry"];
export type CallEvent = Entry["event"];
