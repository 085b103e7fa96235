import { describe, expect, test } from "vitest";
import type { Mode } from "../src/room/machine";
import { type Grant, type Server, Session } from "../src/room/session";
import { connection, FakeWire } from "./rooms";

/** A gateway that grants what the real one grants, after as long as the test wants. */
class FakeServer implements Server {
  modes: string[] = [];
  delay: () => Promise<void> = () => Promise.resolve();

  async ask(call: string, mode: Mode, have: readonly string[]): Promise<Grant> {
    await this.delay();
    this.modes.push(mode);
    const close = [...have];
    if (mode === "listen") return { open: [connection("listen", call)], close };
    if (mode === "whisper") {
      return {
        open: [connection("listen", call), connection("side", `side-${call}`, true)],
        close,
      };
    }
    return { open: [connection("talk", call)], close };
  }

  async tell(): Promise<void> {
    this.modes.push("idle");
  }
}

function stage() {
  const server = new FakeServer();
  let wire: FakeWire | null = null;
  const session = new Session(server, async (events) => {
    wire = new FakeWire(events);
    return wire;
  });
  return { server, session, wire: () => wire as unknown as FakeWire };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("a supervisor's session", () => {
  test("whispers into the side room and keeps hearing the call", async () => {
    const { session, wire } = stage();
    session.want("call-1", "whisper");
    await settle();

    expect(session.air().mode).toBe("whisper");
    expect(wire().mic?.room).toBe("side-call-1");
    expect([...wire().joined.values()].map((c) => c.purpose).sort()).toEqual(["listen", "side"]);
  });

  test("silences before it returns, with nothing awaited", async () => {
    const { session, wire } = stage();
    session.want("call-1", "barge");
    await settle();
    session.hush();

    expect(wire().mic).toBeNull();
    expect(wire().joined.size).toBe(0);
  });

  test("a microphone that comes after Esc is never published", async () => {
    const { session, wire } = stage();
    await session.warm();
    session.want("call-1", "barge");
    wire().slow = true;
    await settle();
    wire().release();
    await settle();
    session.hush();
    wire().release();
    await settle();

    expect(wire().spoke).toEqual([]);
    expect(session.air().mode).toBe("idle");
  });

  test("the server hears the last wish last, also when an earlier one is slow", async () => {
    const { server, session } = stage();
    let go = () => {};
    server.delay = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    session.want("call-1", "barge");
    await settle();
    session.hush();
    go();
    await settle();

    expect(server.modes.at(-1)).toBe("idle");
  });

  test("a reconnecting line ends in silence and says that it was lost", async () => {
    const { session, wire } = stage();
    session.want("call-1", "takeover");
    await settle();
    const identity = session.air().open[0]?.identity ?? "";
    wire().events.dropped(identity, "lost");

    expect(wire().mic).toBeNull();
    expect(session.air()).toMatchObject({ mode: "idle", fault: "lost" });
  });
});

/** mulberry32: small, seeded, the same on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("any order of events", () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "seed %i: the caller's room gets the microphone only when everybody was meant to hear",
    async (seed) => {
      const { session, wire } = stage();
      await session.warm();
      const dice = random(seed);
      const modes: Mode[] = ["idle", "listen", "whisper", "barge", "takeover"];
      for (let i = 0; i < 50; i++) {
        const roll = dice();
        const air = session.air();
        wire().slow = dice() < 0.4;
        if (roll < 0.5) {
          session.want(dice() < 0.8 ? "call-1" : "call-2", modes[Math.floor(dice() * 5)] ?? "idle");
        } else if (roll < 0.6) session.hide();
        else if (roll < 0.7) wire().events.dropped(air.open[0]?.identity ?? "", "lost");
        else if (roll < 0.8) session.setMuted(dice() < 0.5);
        else wire().release();
        if (dice() < 0.6) await settle();
        const { mic } = wire();
        const { want, call } = session.air();
        if (!mic) continue;

        expect(mic.room).toBe(want === "whisper" ? `side-${call}` : call);
        expect(["whisper", "barge", "takeover"]).toContain(want);
        expect(session.air().mic).toBe(want === "whisper" ? "side" : "call");
      }
      session.hush();
      wire().slow = false;
      wire().release();
      await settle();
      await settle();

      expect(wire().mic).toBeNull();
      expect(wire().joined.size).toBe(0);
      expect(session.air().mode).toBe("idle");
    },
  );
});
