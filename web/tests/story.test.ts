import { describe, expect, test } from "vitest";
import type { CallEvent, Me } from "../src/api/types";
import { inMyQueue } from "../src/pages/desk/queue";
import { whyNot } from "../src/parts/allowed";
import { NOTHING, type Story, segments, tell } from "../src/parts/story";
import { en } from "../src/words/en";
import { someCall } from "./calls";

let count = 0;

function event(kind: string, second: number, more: Partial<CallEvent> = {}): CallEvent {
  count += 1;
  const at = new Date(Date.parse("2026-11-22T10:00:00Z") + second * 1000).toISOString();
  return { kind, id: `event-${count}`, call: "call-1", source: "test", at, ...more };
}

const told = (...events: CallEvent[]): Story =>
  events.reduce((story, each, i) => tell(story, i + 1, each), NOTHING);

describe("a call as a story", () => {
  test("a coach's words stand as coaching and never as a line of the call", () => {
    const story = told(
      event("supervised", 1, {
        who: "sue",
        mode: "coach",
        note: "Offer a credit note.",
        ok: false,
      }),
    );

    expect(story.items.map(({ kind }) => kind)).toEqual(["supervised"]);
    expect(story.items[0]).toMatchObject({ note: "Offer a credit note.", ok: false });
  });

  test("a sentence that somebody had the AI say names them", () => {
    const story = told(
      event("said", 1, { text: "We credit ten pounds.", behalf: "supervisor sue" }),
      event("said", 2, { text: "Anything else?" }),
    );

    expect(story.items.map((item) => (item.kind === "line" ? item.behalf : null))).toEqual([
      "supervisor sue",
      "",
    ]);
  });

  test("events that arrive late stand where they happened", () => {
    const story = told(
      event("said", 5, { text: "second" }),
      event("heard", 2, { text: "first", final: true }),
    );

    expect(story.items.map((item) => (item.kind === "line" ? item.text : ""))).toEqual([
      "first",
      "second",
    ]);
  });

  test("the same event twice is told once", () => {
    const once = event("said", 1, { text: "Hello" });
    const story = tell(tell(NOTHING, 7, once), 7, once);

    expect(story.items.length).toBe(1);
  });

  test("interim words replace each other and are replaced by the final ones", () => {
    const interim = told(
      event("heard", 1, { text: "I would", final: false }),
      event("heard", 1, { text: "I would like", final: false }),
    );
    const final = tell(
      interim,
      9,
      event("heard", 2, { text: "I would like to pay.", final: true }),
    );

    expect(interim.partial?.text).toBe("I would like");
    expect(final.partial).toBeNull();
    expect(final.items.length).toBe(1);
  });

  test("the timeline follows the call from hand to hand and fills its length", () => {
    const story = told(
      event("person_wanted", 20),
      event("handed_over", 30, { frm: "persona reception", to: "agent ann" }),
      event("handed_over", 50, { frm: "agent ann", to: "persona billing" }),
    );
    const call = someCall({ ended_at: "2026-11-22T10:01:00Z" });
    const parts = segments(call, story.items, 0);

    expect(parts.map((part) => `${part.state} ${part.who}`.trim())).toEqual([
      "ringing",
      "talking reception",
      "waiting",
      "human ann",
      "talking billing",
    ]);
    expect(parts.reduce((sum, part) => sum + part.to - part.from, 0)).toBe(60_000);
  });
});

describe("why an action cannot be taken", () => {
  const me = { name: "sue" } as Me;
  const yes = () => null;
  const ask = (call: ReturnType<typeof someCall>) => ({
    call,
    me,
    mode: "idle" as const,
    words: en,
  });

  test("an AI cannot be whispered to, a person cannot be taken over from", () => {
    const withAi = someCall();
    const withAnn = someCall({ state: "human", holder: { kind: "agent", name: "ann" } });

    expect(whyNot("whisper", ask(withAi), yes)).toBe(en.why.noHuman);
    expect(whyNot("whisper", ask(withAnn), yes)).toBeNull();
    expect(whyNot("takeover", ask(withAnn), yes)).toBe(en.why.human);
    expect(whyNot("takeover", ask(withAi), yes)).toBeNull();
  });

  test("an AI that follows a fixed flow is not instructed, but can be made to say a sentence", () => {
    const flow = ask(someCall({ coachable: false }));

    expect(whyNot("instruct", flow, yes)).toBe(en.why.fixedFlow);
    expect(whyNot("say", flow, yes)).toBeNull();
    expect(whyNot("coach", flow, yes)).toBeNull();
    expect(whyNot("instruct", ask(someCall()), yes)).toBeNull();
    expect(whyNot("say", ask(someCall({ state: "waiting" })), yes)).toBe(en.why.nobodySpeaks);
  });

  test("the missing role is named before anything else", () => {
    const needs = (permission: string) => `needs ${permission}`;

    expect(whyNot("listen", ask(someCall({ ended_at: "x" })), needs)).toBe("needs calls.listen");
  });

  test("what an agent holds they may act on with the right for their own calls", () => {
    const own = someCall({ holder: { kind: "agent", name: "sue" }, state: "human" });
    const onlyOwn = (permission: string) => (permission === "calls.act.own" ? null : "no");

    expect(whyNot("hangup", ask(own), onlyOwn)).toBeNull();
    expect(whyNot("hangup", ask(someCall()), onlyOwn)).toBe("no");
  });

  test("a call that is over takes notes and nothing else", () => {
    const over = someCall({ state: "ended", ended_at: "2026-11-22T10:01:00Z" });

    expect(whyNot("note", ask(over), yes)).toBeNull();
    expect(whyNot("barge", ask(over), yes)).toBe(en.why.over);
  });
});

describe("whose queue a waiting call is in", () => {
  const ann = (skills: string[], may: string[] = []) => ({ skills, may }) as unknown as Me;
  const wanted = (skills: string[], language = "en") =>
    someCall({ wanted: { at: "2026-11-22T10:00:00Z", skills, language } as never });

  test("mine, if I have every skill and speak the language", () => {
    expect(inMyQueue(wanted(["billing"]), ann(["billing", "vip"]))).toBe(true);
    expect(inMyQueue(wanted([], "de-DE"), ann(["speaks:de"]))).toBe(true);
    expect(inMyQueue(wanted(["billing", "vip"]), ann(["billing"]))).toBe(false);
    expect(inMyQueue(wanted([], "de"), ann(["speaks:en"]))).toBe(false);
  });

  test("nobody's, while it does not wait; all of them, for who may take over", () => {
    expect(inMyQueue(someCall(), ann([], ["calls.takeover"]))).toBe(false);
    expect(inMyQueue(wanted(["billing"], "de"), ann(["speaks:en"], ["calls.takeover"]))).toBe(true);
  });
});
