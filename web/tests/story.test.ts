import { describe, expect, test } from "vitest";
import type { CallDetail, CallEvent, Entry, Me } from "../src/api/types";
import { inMyQueue } from "../src/pages/desk/queue";
import { whyNot } from "../src/parts/allowed";
import { NOTHING, recorded, type Story, segments, tell } from "../src/parts/story";
import { en } from "../src/words/en";
import { someCall } from "./calls";

let count = 0;

type Kind = CallEvent["kind"];
type Facts<K extends Kind> = Omit<
  Extract<CallEvent, { kind: K }>,
  "kind" | "id" | "call" | "source" | "at"
>;

function event<K extends Kind>(kind: K, second: number, facts: Facts<K>): CallEvent {
  count += 1;
  const at = new Date(Date.parse("2026-11-22T10:00:00Z") + second * 1000).toISOString();
  const what = { kind, id: `event-${count}`, call: "call-1", source: "test", at, ...facts };
  return what as unknown as CallEvent;
}

const numbered = (events: CallEvent[]): Entry[] =>
  events.map((event, i) => ({ seq: i + 1, event }));

const told = (...events: CallEvent[]): Story => tell(NOTHING, numbered(events));

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
      event("said", 1, {
        speaker: "billing",
        text: "We credit ten pounds.",
        behalf: "supervisor sue",
      }),
      event("said", 2, { speaker: "billing", text: "Anything else?" }),
    );

    expect(story.items.map((item) => (item.kind === "line" ? item.behalf : null))).toEqual([
      "supervisor sue",
      "",
    ]);
  });

  test("events that arrive late stand where they happened", () => {
    const story = told(
      event("said", 5, { speaker: "billing", text: "second" }),
      event("heard", 2, { text: "first", final: true }),
    );

    expect(story.items.map((item) => (item.kind === "line" ? item.text : ""))).toEqual([
      "first",
      "second",
    ]);
  });

  test("the same event twice is told once", () => {
    const once = [
      { seq: 7, event: event("said", 1, { speaker: "billing", text: "Hello" }) },
      { seq: 8, event: event("turn", 2, { gap_ms: 810 }) },
    ];
    const story = tell(tell(NOTHING, once), [...once, ...once]);

    expect(story.items.length).toBe(1);
    expect(story.gaps.length).toBe(1);
  });

  test("interim words replace each other and are replaced by the final ones", () => {
    const interim = told(
      event("heard", 1, { text: "I would", final: false }),
      event("heard", 1, { text: "I would like", final: false }),
    );
    const final = tell(interim, [
      { seq: 9, event: event("heard", 2, { text: "I would like to pay.", final: true }) },
    ]);

    expect(interim.partial?.text).toBe("I would like");
    expect(final.partial).toBeNull();
    expect(final.items.length).toBe(1);
  });

  test("the timeline follows the call from hand to hand and fills its length", () => {
    const story = told(
      event("person_wanted", 20, {}),
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

describe("the record of a call", () => {
  const detail = (events: CallEvent[], changes: Partial<CallDetail["call"]> = {}): CallDetail => ({
    call: someCall({ state: "ended", ended_at: "2026-11-22T10:01:00Z", ...changes }),
    events: numbered(events),
    listened: [],
    sounds: [],
    figures: {},
  });

  test("tells the same story of the same events as the live page did", () => {
    const events = [
      event("routed", 0, {
        decision_kind: "persona",
        steps: [{ rule: "main", matched: true, because: "always" }],
        local_time: "2026-11-22T10:00:00+00:00",
      }),
      event("said", 5, { speaker: "reception", text: "One moment.", interrupted: true }),
      event("heard", 2, { text: "Where is my invoice?" }),
      event("tool", 3, { name: "find", arguments: { n: "4711" }, result: "none", ok: false }),
      event("turn", 5, { gap_ms: 810, llm_ms: 40 }),
      event("dtmf", 6, { digit: "1" }),
      event("problem", 7, { what: "model_error" }),
      event("noted", 8, { who: "sue", note: "Call back.", disposition: "open" }),
      event("handed_over", 9, { frm: "persona reception", to: "persona billing" }),
      event("supervised", 10, { who: "sue", mode: "coach", note: "Be kind.", ok: false }),
    ];

    expect(recorded(detail(events))).toEqual(told(...events));
  });

  test("leaves to the rest of its page how the call ended and who listened", () => {
    const story = recorded(
      detail([
        event("supervised", 1, { who: "sue", mode: "listen" }),
        event("supervised", 2, { who: "sue", mode: "coach", note: "Be kind." }),
        event("resumed", 3, { epoch: 2 }),
        event("ended", 4, { cause: "caller_hung_up" }),
      ]),
    );

    expect(story.items.map(({ kind }) => kind)).toEqual(["supervised"]);
  });

  test("lists a wish for a person only if nobody came", () => {
    const at = "2026-11-22T10:00:20.000Z";
    const wanted = { at, skills: [], reason: "", summary: "", language: "en" } as never;
    const events = [
      event("person_wanted", 5, {}),
      event("handed_over", 10, { frm: "persona reception", to: "agent ann" }),
      event("person_wanted", 20, {}),
    ];
    const kinds = (story: Story) => story.items.map(({ kind }) => kind);

    expect(kinds(recorded(detail(events.slice(0, 2))))).toEqual(["handover"]);
    expect(kinds(recorded(detail(events, { wanted })))).toEqual(["handover", "wanted"]);
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
