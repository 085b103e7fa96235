import { describe, expect, test } from "vitest";
import { hearing } from "../src/parts/hearing";
import { type Air, QUIET } from "../src/room/machine";
import type { Present } from "../src/room/wire";
import { sentence as german } from "../src/words/de.live";
import { sentence as english } from "../src/words/en.live";

const caller: Present = { kind: "caller", name: "" };
const ann: Present = { kind: "agent", name: "Ann" };
const reception: Present = { kind: "persona", name: "reception" };

const air = (changes: Partial<Air>): Air => ({ ...QUIET, call: "call-1", ...changes });

function say(state: Air, present: Present[], listeners: { who: string; mode: string }[] = []) {
  const heard = hearing(state, present, listeners, "sue");
  return (["en", "de"] as const).map((language) => {
    const words = language === "en" ? english : german;
    return words.say(
      heard,
      heard.who.map((one) => words.person(one.kind, one.name)),
    );
  });
}

describe("the sentence that says who can hear you", () => {
  test("out of every call", () => {
    expect(say(QUIET, [])).toEqual(["Nobody can hear you.", "Niemand hört Sie."]);
  });

  test("listening", () => {
    const state = air({ mode: "listen", want: "listen" });

    expect(say(state, [caller, reception])[0]).toBe("Nobody can hear you. You are listening.");
  });

  test("whispering names the agent and denies the caller", () => {
    const state = air({ mode: "whisper", want: "whisper", mic: "side" });

    expect(say(state, [ann])).toEqual([
      "Only Ann can hear you. The caller cannot.",
      "Nur Ann hört Sie. Der Anrufer nicht.",
    ]);
  });

  test("whispering into an empty side room does not claim an ear", () => {
    const state = air({ mode: "whisper", want: "whisper", mic: "side" });

    expect(say(state, [])[0]).toMatch(/^Nobody can hear you yet/);
  });

  test("barging in names everybody, also those who listen unseen", () => {
    const state = air({ mode: "barge", want: "barge", mic: "call" });
    const [text] = say(state, [caller, ann], [{ who: "tom", mode: "listen" }]);

    expect(text).toBe("Everybody in the call can hear you: the caller, Ann and tom (supervisor).");
  });

  test("having taken over says that the AI is silent and does not list it", () => {
    const state = air({ mode: "takeover", want: "takeover", mic: "call" });

    expect(say(state, [caller, reception])[0]).toBe(
      "You have the call: the caller can hear you. The AI is silent.",
    );
  });

  test("the microphone decides, not the mode: a wish to barge in is not heard yet", () => {
    const state = air({ mode: "listen", want: "barge", changing: true });

    expect(say(state, [caller])[0]).toBe("Nobody can hear you. Joining…");
  });

  test("from just before publishing on it says that one is heard", () => {
    const state = air({ mode: "listen", want: "barge", changing: true, mic: "call" });

    expect(say(state, [caller])[0]).toBe("Everybody in the call can hear you: the caller.");
  });

  test("muted while in the call", () => {
    expect(say(air({ mode: "desk", want: "desk" }), [caller])[0]).toMatch(/microphone is off/);
  });

  test("every fault ends by saying that nobody hears", () => {
    const all = [...Object.values(english.faults), ...Object.values(german.faults)];

    expect(all.filter((text) => !/Nobody can hear you\.$|Niemand hört Sie\.$/.test(text))).toEqual(
      [],
    );
  });
});
