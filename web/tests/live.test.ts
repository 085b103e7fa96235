import { describe, expect, test } from "vitest";
import { LiveStore } from "../src/api/live";
import { byNeed } from "../src/api/needs";
import type { Offer, Tiles } from "../src/api/types";
import { someCall } from "./calls";

const tiles: Tiles = {
  calls: 0,
  waiting: 0,
  longest_wait_s: 0,
  service_level: null,
  answer_s: null,
  abandoned: 0,
  agents_ready: 0,
  agents_busy: 0,
  agents_not_ready: 0,
  turn_gap_p50_ms: null,
  turn_gap_p95_ms: null,
  refused: 0,
  load: [],
};

function stage(...ids: string[]) {
  const frames: (() => void)[] = [];
  const store = new LiveStore(byNeed, (run) => frames.push(run));
  store.snapshot(
    ids.map((id) => someCall({ id })),
    tiles,
    [],
    [],
    null,
  );
  const paint = () => {
    for (const run of frames.splice(0)) run();
  };
  paint();
  return { store, frames, paint };
}

describe("the live picture", () => {
  test("a hundred events in one frame are one flush", () => {
    const { store, frames } = stage("a");
    for (let seq = 2; seq < 102; seq++) store.put(someCall({ id: "a", seq }));

    expect(frames.length).toBe(1);
  });

  test("only the row that changed is told", () => {
    const { store, paint } = stage("a", "b");
    let told = 0;
    store.watchRow("b", () => {
      told += 1;
    });
    store.put(someCall({ id: "a", seq: 2 }));
    paint();

    expect(told).toBe(0);
  });

  test("an older picture never replaces a newer one", () => {
    const { store, paint } = stage("a");
    store.put(someCall({ id: "a", seq: 9, state: "human" }));
    store.put(someCall({ id: "a", seq: 8, state: "talking" }));
    paint();

    expect(store.call("a")?.state).toBe("human");
  });

  test("the order stays the same object while nobody's place changes", () => {
    const { store, paint } = stage("a", "b");
    const before = store.order();
    store.put(someCall({ id: "a", seq: 2, turns: 4 }));
    paint();

    expect(store.order()).toBe(before);
  });

  test("words being spoken give way to what was said", () => {
    const { store, paint } = stage("a");
    store.say("a", { speaker: "", role: "caller", text: "I would li" });
    const during = store.words("a");
    const at = "2026-11-22T10:00:05Z";
    const last = { speaker: "", role: "caller", text: "I would like to pay.", at };
    store.put(someCall({ id: "a", seq: 2, last }));
    paint();

    expect(during?.text).toBe("I would li");
    expect(store.words("a")).toBeUndefined();
  });

  test("a new snapshot forgets calls that it does not have", () => {
    const { store, paint } = stage("a", "b");
    store.snapshot([someCall({ id: "b" })], tiles, [], [], null);
    paint();

    expect(store.call("a")).toBeUndefined();
    expect(store.order()).toEqual(["b"]);
  });

  test("calls that ended stay for a moment and then go", () => {
    const { store, paint } = stage("a");
    const ended_at = "2026-11-22T10:01:00Z";
    store.put(someCall({ id: "a", seq: 2, state: "ended", ended_at }));
    store.sweep(Date.parse(ended_at) - 1);
    const kept = store.call("a");
    store.sweep(Date.parse(ended_at) + 1);
    paint();

    expect(kept).toBeDefined();
    expect(store.order()).toEqual([]);
  });
});

describe("the order by need", () => {
  test("help stands above waiting, waiting above ringing, and what goes well below", () => {
    const calls = [
      someCall({ id: "well" }),
      someCall({ id: "rings", state: "ringing" }),
      someCall({ id: "waits", state: "waiting", needs: ["person_wanted"] }),
      someCall({ id: "help", state: "human", needs: ["help"] }),
      someCall({ id: "over", state: "ended", ended_at: "2026-11-22T10:01:00Z" }),
    ];

    expect(byNeed(calls)).toEqual(["help", "waits", "rings", "well", "over"]);
  });

  test("of two who wait the one who has waited longer is first", () => {
    const waits = (id: string, since: string) =>
      someCall({ id, state: "waiting", needs: ["person_wanted"], needs_since: since });

    expect(
      byNeed([waits("short", "2026-11-22T10:05:00Z"), waits("long", "2026-11-22T10:00:00Z")]),
    ).toEqual(["long", "short"]);
  });

  test("after a break only what rings now rings", () => {
    const { store, paint } = stage("a");
    const offer = (id: string) => ({ id, call: "a", to: "ann" }) as Offer;
    store.offer(offer("old"));
    store.ring([offer("new")]);
    paint();

    expect(store.offers().map((each) => each.id)).toEqual(["new"]);
  });
});
