import { describe, expect, test } from "vitest";
import { actorOf } from "../src/parts/actor";
import { placeText } from "../src/parts/calltext";
import { masked, readable } from "../src/parts/number";
import { safeNext } from "../src/paths";
import { clock, gap, secondsSince, timeOfDay } from "../src/ui/time";
import { de } from "../src/words/de";
import { book as deBook } from "../src/words/de.book";
import { en } from "../src/words/en";
import { call } from "../src/words/en.call";
import { desk, history, talk } from "../src/words/en.pages";
import { routing } from "../src/words/en.routing";
import { settings } from "../src/words/en.settings";

describe("time", () => {
  test.each([
    [7, "0:07"],
    [723, "12:03"],
    [3723, "1:02:03"],
    [-4, "0:00"],
  ])("%i seconds read %s", (seconds, expected) => {
    expect(clock(seconds)).toBe(expected);
  });

  test("a clock that is ahead of ours does not count below zero", () => {
    expect(secondsSince("2026-11-22T10:00:05Z", Date.parse("2026-11-22T10:00:00Z"))).toBe(0);
  });

  test("gaps below a second are milliseconds, above are seconds in the reader's writing", () => {
    expect([gap(812.4, "en"), gap(1234, "en"), gap(1234, "de"), gap(null, "en")]).toEqual([
      "812 ms",
      "1.2 s",
      "1,2 s",
      "–",
    ]);
  });

  test("hours are written from 0 to 23 in every language", () => {
    const evening = new Date(2026, 10, 22, 20, 5, 9).toISOString();

    expect([timeOfDay(evening, "en"), timeOfDay(evening, "de")]).toEqual(["20:05:09", "20:05:09"]);
  });
});

describe("numbers", () => {
  test.each([
    ["+491701234567", "+49 170 123 4567"],
    ["+14155550100", "+1 415 555 0100"],
    ["+4930619665", "+49 30 619 665"],
    ["anonymous", "anonymous"],
    ["web", "web"],
  ])("%s reads %s", (number, expected) => {
    expect(readable(number)).toBe(expected);
  });

  test("what the gateway masked stays masked and keeps its length", () => {
    const shown = readable("+49170•••••67");

    expect(masked(shown)).toBe(true);
    expect(shown.replaceAll(" ", "")).toBe("+49170•••••67");
  });
});

describe("addresses", () => {
  test.each([
    ["/history?q=x", "/history?q=x"],
    ["https://elsewhere.example", "/"],
    ["//elsewhere.example", "/"],
    ["/\\elsewhere.example", "/"],
    [null, "/"],
  ])("after signing in %s leads to %s", (next, expected) => {
    expect(safeNext(next)).toBe(expected);
  });
});

/** The path of every text, and whether it is a sentence or is made by a function. */
function shape(words: object, path = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? shape(value, `${path}${key}.`)
      : [`${path}${key} ${typeof value}`],
  );
}

describe("words", () => {
  test("German says everything that English says", () => {
    const english = { ...en, call, desk, history, talk, routing, settings };

    expect(shape({ ...de, ...deBook }).sort()).toEqual(shape(english).sort());
  });

  test("no text is empty", () => {
    const empty = (words: object): string[] =>
      Object.entries(words).flatMap(([key, value]) =>
        typeof value === "object" ? empty(value) : value === "" ? [key] : [],
      );

    expect([...empty(en), ...empty(de), ...empty(deBook)]).toEqual([]);
  });
});

describe("places", () => {
  test.each([
    ["persona reception", "AI reception"],
    ["queue support", "queue support"],
    ["voicemail messages", "answering machine messages"],
    ["agent ann", "agent ann"],
    ["hangup", "hangup"],
  ])("%s reads %s", (place, expected) => {
    expect(placeText(place, call.places)).toBe(expected);
  });
});

describe("who does something", () => {
  test.each([
    ["agent ann", "agent", "ann"],
    ["caller", "caller", ""],
    ["queue second level", "queue", "second level"],
    ["supervisor agent ann", "agent", "ann"],
    ["supervisor ann", "supervisor", "ann"],
    [" ", "", ""],
  ])("%j is %j, %j, as the gateway reads it", (text, kind, name) => {
    expect(actorOf(text)).toEqual({ kind, name });
  });
});
