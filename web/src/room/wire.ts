import type { Connection } from "../api/types";
import type { ActorKind } from "../api/words";

/** Somebody who is in a room with us and would hear us if we spoke there. */
export interface Present {
  kind: Exclude<ActorKind, "person">;
  name: string;
}

export interface Levels {
  caller: number;
  ours: number;
  me: number;
}

/** What the state machine's effects are carried out on. LiveKit implements it in livekit.ts. */
export interface Wire {
  /** Does ahead what a browser does slowly the first time. Opens no microphone and no line. */
  warm(): Promise<void>;
  /** Joins and hears; raises if that fails. Never publishes. */
  open(connection: Connection): Promise<void>;
  /** Takes the microphone and publishes it on this connection, unless `still()` turned false. */
  speak(identity: string, still: () => boolean): Promise<void>;
  /** Stops the microphone's track at once, before it returns; then unpublishes. */
  mute(): void;
  leave(identity: string): void;
  leaveAll(): void;
  present(identity: string): Present[];
  levels(): Levels;
}

/** The line broke, the room was closed, or somebody took us out. */
export type Gone = "lost" | "over" | "ended_elsewhere";

export interface WireEvents {
  /** A connection is gone or in doubt: it is reconnecting, closed, or we were removed. */
  dropped(identity: string, why: Gone): void;
  /** Who is there, or who is muted, changed. */
  changed(): void;
}

export class MicrophoneError extends Error {}
