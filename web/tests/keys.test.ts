import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { match, onEscape, type Shortcut, startKeys, switchLetters, typing } from "../src/ui/keys";

const shortcut = (keys: string): Shortcut => ({ keys, group: "live", what: "", run: () => {} });

describe("finding a shortcut", () => {
  test("one key", () => {
    expect(match("j", [shortcut("j"), shortcut("k")], 0)?.keys).toBe("j");
  });

  test("two keys within a second", () => {
    const known = [shortcut("z l")];
    match("z", known, 0);

    expect(match("l", known, 900)?.keys).toBe("z l");
  });

  test("two keys too far apart are not one", () => {
    const known = [shortcut("z l")];
    match("z", known, 0);

    expect(match("l", known, 2000)).toBeNull();
  });
});

describe("what counts as typing", () => {
  test.each(["input", "textarea", "select"])("a key in %s is text", (tag) => {
    expect(typing(document.createElement(tag))).toBe(true);
  });

  test("a key on a button is not", () => {
    expect(typing(document.createElement("button"))).toBe(false);
  });
});

describe("Escape", () => {
  let stop: () => void;
  let silenced: number;

  beforeEach(() => {
    silenced = 0;
    const stops = [
      startKeys(),
      onEscape(() => {
        silenced += 1;
      }),
    ];
    stop = () => {
      for (const each of stops) each();
    };
  });

  afterEach(() => stop());

  test("is heard in a field that keeps its keys to itself", () => {
    const field = document.createElement("textarea");
    field.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(field);
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    field.remove();

    expect(silenced).toBe(1);
  });

  test("is heard when single letters are switched off", () => {
    switchLetters(false);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    switchLetters(true);

    expect(silenced).toBe(1);
  });
});
