import type { Connection } from "../src/api/types";
import type { Levels, Present, Wire, WireEvents } from "../src/room/wire";

let count = 0;

export function connection(
  purpose: Connection["purpose"],
  room: string,
  microphone = purpose === "talk",
): Connection {
  count += 1;
  const identity = `${purpose}-${count}`;
  const far = { server_url: "ws://127.0.0.1:1", token: "t", expires_at: "2026-11-22T10:00:00Z" };
  return { purpose, room, identity, microphone, ...far };
}

/** Rooms that keep a record of where the microphone is and was, and answer when they are told to. */
export class FakeWire implements Wire {
  joined = new Map<string, Connection>();
  mic: Connection | null = null;
  spoke: Connection[] = [];
  muted = 0;
  #waiting: (() => void)[] = [];
  /** While true, joining and publishing hang until `release`. */
  slow = false;

  constructor(readonly events: WireEvents) {}

  async warm(): Promise<void> {}

  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #pause(): Promise<void> {
    return this.slow ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  async open(joining: Connection): Promise<void> {
    await this.#pause();
    this.joined.set(joining.identity, joining);
  }

  async speak(identity: string, still: () => boolean): Promise<void> {
    await this.#pause();
    const through = this.joined.get(identity);
    if (!still() || !through) return;
    this.mic = through;
    this.spoke.push(through);
  }

  mute(): void {
    this.mic = null;
    this.muted += 1;
  }

  leave(identity: string): void {
    if (this.mic?.identity === identity) this.mic = null;
    this.joined.delete(identity);
  }

  leaveAll(): void {
    this.mic = null;
    this.joined.clear();
  }

  present(): Present[] {
    return [{ kind: "caller", name: "" }];
  }

  levels(): Levels {
    return { caller: 0, ours: 0, me: 0 };
  }
}
