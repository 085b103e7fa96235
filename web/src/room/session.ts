import type { Connection } from "../api/types";
import { type Air, type Effect, type Happening, type Mode, QUIET, step } from "./machine";
import { type Levels, MicrophoneError, type Present, type Wire, type WireEvents } from "./wire";

export interface Grant {
  open: readonly Connection[];
  close: readonly string[];
}

export interface Server {
  ask(call: string, mode: Mode, have: readonly string[]): Promise<Grant>;
  /** Says that we are idle; must survive the closing of the page. */
  tell(call: string, was: Mode): Promise<void>;
}

export type MakeWire = (events: WireEvents) => Promise<Wire>;

/**
 * Carries out what the machine decides, in its order. Muting is carried out before anything else
 * and needs no promise to settle: there is no `await` between a wish and the microphone's stop.
 */
export class Session {
  #air: Air = QUIET;
  #wire: Wire | null = null;
  #making: Promise<Wire> | null = null;
  #listeners = new Set<() => void>();
  #version = 0;
  /** Requests to the server go one after the other, so that the last wish is the last it hears. */
  #line: Promise<unknown> = Promise.resolve();
  #asking = false;
  #how: (() => Promise<Grant>) | null = null;
  #error: unknown = null;
  readonly #server: Server;
  readonly #makeWire: MakeWire;

  constructor(server: Server, makeWire: MakeWire) {
    this.#server = server;
    this.#makeWire = makeWire;
  }

  air = (): Air => this.#air;
  /** Changes whenever something that the sentence depends on does. */
  version = (): number => this.#version;
  /** Why the last wish failed, as it was raised. */
  error = (): unknown => this.#error;

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** `how` replaces the usual question to the server, e.g. by accepting an offer. */
  want(call: string, mode: Mode, how?: () => Promise<Grant>): void {
    this.#error = null;
    this.#how = how ?? null;
    this.#happen({ is: "wanted", call, mode });
  }

  /** Silent and gone, now. */
  hush(): void {
    if (this.#air.call) this.#happen({ is: "wanted", call: this.#air.call, mode: "idle" });
  }

  setMuted(muted: boolean): void {
    this.#happen({ is: muted ? "muted" : "unmuted" });
  }

  /** The page goes away. */
  hide = (): void => this.#happen({ is: "hidden" });

  /** The server says that our part in this call is another. */
  overruled(call: string, mode: Mode): void {
    this.#happen({ is: "overruled", call, mode });
  }

  /** Who would hear us: those in the room that our microphone is published in. */
  present(): Present[] {
    const { mic, open } = this.#air;
    const through =
      mic === "side"
        ? open.find((c) => c.room.startsWith("side-"))
        : open.find((c) => !c.room.startsWith("side-"));
    return through && this.#wire ? this.#wire.present(through.identity) : [];
  }

  levels(): Levels | null {
    return this.#wire && this.#air.open.length > 0 ? this.#wire.levels() : null;
  }

  /** Loads what taking part needs ahead of the first key, and nothing that anybody could hear. */
  async warm(): Promise<void> {
    await (await this.#wired()).warm();
  }

  #wired(): Promise<Wire> {
    this.#making ??= this.#makeWire({
      dropped: (identity, why) => this.#happen({ is: "dropped", identity, why }),
      changed: () => this.#announce(),
    }).then(
      (wire) => {
        this.#wire = wire;
        return wire;
      },
      (error: unknown) => {
        this.#making = null;
        throw error;
      },
    );
    return this.#making;
  }

  #announce(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }

  #happen(happening: Happening): void {
    const [air, effects] = step(this.#air, happening);
    if (air === this.#air && effects.length === 0) return;
    this.#air = air;
    for (const effect of effects) this.#carryOut(effect);
    this.#announce();
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case "mute":
        this.#wire?.mute();
        return;
      case "leave":
        if (effect.identities === "all") this.#wire?.leaveAll();
        else for (const identity of effect.identities) this.#wire?.leave(identity);
        return;
      case "tell":
        this.#tell(effect.call, effect.was);
        return;
      case "ask":
        void this.#attempt(effect.turn, () => this.#ask(effect));
        return;
      case "open":
        void this.#attempt(effect.turn, () => this.#open(effect.turn, effect.connections));
        return;
      case "speak":
        void this.#attempt(effect.turn, () => this.#speak(effect.turn, effect.identity));
    }
  }

  /** While the page closes there is no later, so this goes out at once; and again after a question
   * that is still on its way, which the server might otherwise answer last. */
  #tell(call: string, was: Mode): void {
    const before = this.#line;
    const again = this.#asking;
    const told = this.#server.tell(call, was).catch(() => {});
    this.#line = Promise.all([before.catch(() => {}), told]).then(() =>
      again ? this.#server.tell(call, was).catch(() => {}) : undefined,
    );
  }

  async #attempt(turn: number, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (this.#air.turn !== turn) return;
      this.#error = error;
      const fault = error instanceof MicrophoneError ? "no_microphone" : "refused";
      this.#happen({ is: "failed", turn, fault });
    }
  }

  async #ask(effect: Extract<Effect, { do: "ask" }>): Promise<void> {
    const { turn, call, mode, have } = effect;
    const before = this.#line;
    const how = this.#how ?? (() => this.#server.ask(call, mode, have));
    const asked = (async () => {
      await before.catch(() => {});
      if (this.#air.turn !== turn) return null;
      this.#asking = true;
      return how().finally(() => {
        this.#asking = false;
      });
    })();
    this.#line = asked;
    const [grant] = await Promise.all([asked, this.#wired()]);
    if (grant) this.#happen({ is: "granted", turn, ...grant });
  }

  async #open(turn: number, connections: readonly Connection[]): Promise<void> {
    const wire = await this.#wired();
    await Promise.all(
      connections.map(async (connection) => {
        if (this.#air.turn !== turn) return;
        await wire.open(connection);
        // A newer wish may have left everything while this one was still joining.
        const known = this.#air.open.some((c) => c.identity === connection.identity);
        if (!known) wire.leave(connection.identity);
      }),
    );
    this.#happen({ is: "opened", turn });
  }

  async #speak(turn: number, identity: string): Promise<void> {
    const wire = await this.#wired();
    const still = () => this.#air.turn === turn && this.#air.mic !== null;
    await wire.speak(identity, still);
    this.#happen({ is: "speaking", turn });
  }
}
