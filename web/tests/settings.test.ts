import { describe, expect, it } from "vitest";
import { dayQuery, fromSearch, particulars, toSearch } from "../src/pages/settings/filter";
import { asSkills, freshPassword } from "../src/pages/settings/values";

describe("a password that is made for somebody", () => {
  it("is long enough, can be read out, and is another one each time", () => {
    const made = Array.from({ length: 50 }, freshPassword);

    expect(new Set(made).size).toBe(50);
    for (const one of made) expect(one).toMatch(/^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/);
  });
});

describe("skills", () => {
  it.each([
    ["support, billing", ["support", "billing"]],
    [" support;billing  speaks:de,", ["support", "billing", "speaks:de"]],
    ["support, support", ["support"]],
    [" , ", []],
  ])("%j", (text, skills) => {
    expect(asSkills(text)).toEqual(skills);
  });
});

describe("the trail's filter", () => {
  it("stands in the address, and comes back from it", () => {
    const filter = { q: "a & b=c", action: "desk.accept", since: "2026-11-01", until: "" };

    expect(fromSearch(toSearch(filter).slice(1))).toEqual(filter);
    expect(toSearch({ q: "", action: "", since: "", until: "" })).toBe("");
  });

  it("asks for whole days of the reader", () => {
    const { since, until } = dayQuery({
      q: "",
      action: "",
      since: "2026-11-01",
      until: "2026-11-01",
    });

    expect(new Date(since ?? "").toString()).toContain("Nov 01 2026 00:00:00");
    expect(new Date(until ?? "").toString()).toContain("Nov 02 2026 00:00:00");
  });

  it("leaves out what is no day", () => {
    expect(dayQuery({ q: "", action: "", since: "soon", until: "2026-13-01" })).toEqual({});
  });
});

describe("the particulars of a row", () => {
  it.each([
    [{ added: "ben", roles: ["agent", "admin"] }, "hinzugefügt: ben · roles: agent, admin"],
    [{ filters: { scope: "past", q: "x" } }, "filters: scope: past · q: x"],
    [{ tries: 3, why: "", none: null }, "tries: 3"],
    [{ on: false }, "on: false"],
    [{}, ""],
  ])("%j", (detail, text) => {
    expect(particulars(detail, { added: "hinzugefügt" })).toBe(text);
  });
});
