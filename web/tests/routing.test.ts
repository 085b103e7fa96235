import { describe, expect, test } from "vitest";
import { draw } from "../src/pages/routing/picture";
import { keysAt, namesFor, pathAt, type Schema, valuesAt } from "../src/pages/routing/schema";
import { scrollFor, slice } from "../src/ui/window";

const root: Schema = {
  properties: {
    personas: {
      type: "object",
      patternProperties: { "^[a-z]+$": { $ref: "#/definitions/Persona" } },
    },
    trunks: { type: "object", additionalProperties: { $ref: "#/definitions/Trunk" } },
    routes: { additionalProperties: { type: "array", items: { $ref: "#/definitions/Rule" } } },
  },
  definitions: {
    Persona: {
      properties: {
        prompt: { type: "string", description: "The file with the words." },
        language: { anyOf: [{ enum: ["en", "de"] }, { type: "null" }] },
      },
    },
    Trunk: { properties: { transport: { enum: ["udp", "tcp"] }, allow: { type: "array" } } },
    Rule: { properties: { when: {}, do: {} } },
  },
};

const lines = [
  "personas:",
  "  reception:",
  "    prompt: a.md",
  "    language: ",
  "",
  "menus:",
  "  main:",
];

describe("completion from the schema", () => {
  test("the path is told by indentation", () => {
    expect(pathAt(lines, 3, 4)).toEqual(["personas", "reception"]);
  });

  test("keys of a place behind a pattern and a reference", () => {
    const labels = keysAt(root, ["personas", "reception"]).map((each) => each.label);

    expect(labels).toEqual(["prompt", "language"]);
  });

  test("a key carries what the language says about it", () => {
    expect(keysAt(root, ["personas", "reception"])[0]?.info).toBe("The file with the words.");
  });

  test("lists are looked through", () => {
    expect(keysAt(root, ["routes", "front"]).map((each) => each.label)).toEqual(["when", "do"]);
  });

  test("values of a choice", () => {
    const labels = valuesAt(root, ["personas", "reception", "language"]).map((each) => each.label);

    expect(labels).toEqual(["en", "de"]);
  });

  test("names that the plan itself gives", () => {
    expect(namesFor(lines, "persona").map((each) => each.label)).toEqual(["reception"]);
    expect(namesFor(lines, "menu").map((each) => each.label)).toEqual(["main"]);
  });
});

describe("the picture of the routes", () => {
  test("every node has a place of its own, left of where its calls go", () => {
    const { boxes } = draw({
      nodes: [
        { id: "n", kind: "number", name: "+442079460100" },
        { id: "r", kind: "route", name: "front" },
        { id: "p", kind: "persona", name: "reception" },
      ],
      edges: [
        { from: "n", to: "r", label: "" },
        { from: "r", to: "p", label: "always" },
      ],
    });
    const x = boxes.map((box) => box.x);

    expect(x).toEqual([...x].sort((a, b) => a - b));
    expect(new Set(x).size).toBe(3);
  });

  test("an edge to a node that is not there is left out", () => {
    const { lines: drawn } = draw({
      nodes: [{ id: "n", kind: "number", name: "1" }],
      edges: [{ from: "n", to: "gone", label: "" }],
    });

    expect(drawn).toEqual([]);
  });
});

describe("rows that can be seen", () => {
  test("the top of a long list", () => {
    expect(slice(0, 340, 34, 500)).toEqual({ first: 0, end: 16 });
  });

  test("the middle has a few more on either side", () => {
    expect(slice(3400, 340, 34, 500)).toEqual({ first: 94, end: 116 });
  });

  test("a list that became shorter than the scroll position", () => {
    const { first, end } = slice(9999, 340, 34, 3);

    expect(end).toBe(3);
    expect(first).toBeLessThanOrEqual(end);
  });

  test("a row in view needs no scrolling, one below comes to the bottom edge", () => {
    expect(scrollFor(2, 0, 340, 34)).toBeNull();
    expect(scrollFor(20, 0, 340, 34)).toBe(374);
  });
});
