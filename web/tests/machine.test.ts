import { describe, expect, test } from "vitest";
import type { Connection } from "../src/api/types";
import { type Air, type Effect, type Happening, QUIET, step } from "../src/room/machine";
import { connection } from "./rooms";

function play(...happenings: Happening[]): { air: Air; last: Effect[] } {
  let air = QUIET;
  let last: Effect[] = [];
  for (const happening of happenings) [air, last] = step(air, happening);
  return { air, last };
}

const listen = connection("listen", "call-1");
const talk = connection("talk", "call-1");
const side = connection("side", "side-call-1", true);

const granted = (turn: number, open: Connection[], close: string[] = []): Happening => ({
  is: "granted",
  turn,
  open,
  close,
});

describe("the way to a microphone", () => {
  test("listening never opens one", () => {
    const { air, last } = play(
      { is: "wanted", call: "call-1", mode: "listen" },
      granted(1, [listen]),
      { is: "opened", turn: 1 },
    );

    expect(air.mode).toBe("listen");
    expect(air.mic).toBeNull();
    expect(last).toEqual([]);
  });

  test("whispering speaks on the side room only", () => {
    const { air, last } = play(
      { is: "wanted", call: "call-1", mode: "whisper" },
      granted(1, [listen, side]),
      { is: "opened", turn: 1 },
    );

    expect(air.mic).toBe("side");
    expect(last).toEqual([{ do: "speak", turn: 1, identity: side.identity }]);
  });

  test("a whisper whose microphone is meant for the call's own room is refused in silence", () => {
    const { air, last } = play(
      { is: "wanted", call: "call-1", mode: "whisper" },
      granted(1, [listen, talk]),
    );

    expect(air.fault).toBe("unsafe");
    expect(air.mode).toBe("idle");
    expect(last[0]).toEqual({ do: "mute" });
  });

  test("a listener who is given a microphone does not use it", () => {
    const { air } = play({ is: "wanted", call: "call-1", mode: "listen" }, granted(1, [talk]));

    expect(air.fault).toBe("unsafe");
  });

  test("until a mode is true the sentence may only claim silence", () => {
    const { air } = play({ is: "wanted", call: "call-1", mode: "barge" }, granted(1, [talk]));

    expect(air.mode).not.toBe("barge");
    expect(air.mic).toBeNull();
  });
});

describe("the way back", () => {
  const barging: Happening[] = [
    { is: "wanted", call: "call-1", mode: "barge" },
    granted(1, [talk]),
    { is: "opened", turn: 1 },
    { is: "speaking", turn: 1 },
  ];

  test.each<[string, Happening]>([
    ["a change of mode", { is: "wanted", call: "call-1", mode: "whisper" }],
    ["another call", { is: "wanted", call: "call-2", mode: "barge" }],
    ["Esc", { is: "wanted", call: "call-1", mode: "idle" }],
    ["a lost connection", { is: "dropped", identity: talk.identity, why: "lost" }],
    ["a closing page", { is: "hidden" }],
    ["a failure", { is: "failed", turn: 1, fault: "refused" }],
    ["the server's word", { is: "overruled", call: "call-1", mode: "idle" }],
    ["muting", { is: "muted" }],
  ])("%s stops the microphone before anything else", (_, happening) => {
    const { air, last } = play(...barging, happening);

    expect(last[0]).toEqual({ do: "mute" });
    expect(air.mic).toBeNull();
  });

  test("a lost connection says so and joins nothing by itself", () => {
    const { air, last } = play(...barging, { is: "dropped", identity: talk.identity, why: "lost" });

    expect(air.fault).toBe("lost");
    expect(last.map((effect) => effect.do)).toEqual(["mute", "leave", "tell"]);
  });

  test("an answer to an older wish opens nothing", () => {
    const { air, last } = play(
      { is: "wanted", call: "call-1", mode: "barge" },
      { is: "wanted", call: "call-1", mode: "idle" },
      granted(1, [talk]),
    );

    expect(last).toEqual([]);
    expect(air.open).toEqual([]);
  });

  test("connections that were still joining are left when the wish changes", () => {
    const { last } = play({ is: "wanted", call: "call-1", mode: "barge" }, granted(1, [talk]), {
      is: "wanted",
      call: "call-1",
      mode: "listen",
    });

    expect(last).toEqual([
      { do: "mute" },
      { do: "leave", identities: [talk.identity] },
      { do: "ask", turn: 2, call: "call-1", mode: "listen", have: [] },
    ]);
  });

  test("the server never makes us louder", () => {
    const listening: Happening[] = [
      { is: "wanted", call: "call-1", mode: "listen" },
      granted(1, [listen]),
      { is: "opened", turn: 1 },
    ];
    const { air, last } = play(...listening, { is: "overruled", call: "call-1", mode: "barge" });

    expect(air.mode).toBe("listen");
    expect(last).toEqual([]);
  });
});
