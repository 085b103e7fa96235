import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { describe, expect, test } from "vitest";
import type { Ladder, Rung } from "../src/api/types";
import { elapsed, LadderDiagram, peersOf } from "../src/pages/history/ladder";
import { qualityLine } from "../src/pages/history/quality";
import { history as german } from "../src/words/de.pages";
import { history } from "../src/words/en.pages";

const NOTHING = {
  codec: "",
  mos: null,
  mos_sent: null,
  loss_pct: null,
  loss_sent_pct: null,
  jitter_ms: null,
  jitter_sent_ms: null,
  round_trip_ms: null,
  longest_hole_ms: null,
  strangers: 0,
};

const GOOD = {
  ...NOTHING,
  codec: "PCMA",
  mos: 4.36,
  mos_sent: 4.27,
  loss_pct: 0.12,
  loss_sent_pct: 0,
  jitter_ms: 4.4,
  round_trip_ms: 23.2,
  longest_hole_ms: 40,
};

describe("the line of quality", () => {
  test("the worse score, both losses, and what else was measured", () => {
    expect(qualityLine(GOOD, history.line, "en")).toBe(
      "MOS 4.3 · loss 0.1 % / 0 % · jitter 4 ms · round trip 23 ms · PCMA · longest hole 40 ms",
    );
  });

  test("in the reader's language, with its decimal sign", () => {
    expect(qualityLine({ ...GOOD, longest_hole_ms: 2300 }, german.line, "de")).toBe(
      "MOS 4,3 · Verlust 0,1 % / 0 % · Jitter 4 ms · hin und zurück 23 ms · PCMA · längste Lücke 2,3 s",
    );
  });

  test("a phone that never said what it heard leaves its half open", () => {
    const silent = { ...GOOD, mos_sent: null, loss_sent_pct: null, round_trip_ms: null };

    expect(qualityLine(silent, history.line, "en")).toBe(
      "MOS 4.4 · loss 0.1 % / – · jitter 4 ms · PCMA · longest hole 40 ms",
    );
  });

  test("strangers are named, and nothing is said of what was never measured", () => {
    const deaf = { ...NOTHING, codec: "PCMU", longest_hole_ms: 12_000, strangers: 500 };

    expect(qualityLine(deaf, history.line, "en")).toBe(
      "PCMU · longest hole 12 s · 500 packets of strangers",
    );
    expect(qualityLine(null, history.line, "en")).toBe("");
    expect(qualityLine(undefined, history.line, "en")).toBe("");
  });
});

let count = 0;

function rung(line: string, facts: Partial<Rung> = {}): Rung {
  count += 1;
  return {
    at: new Date(Date.parse("2026-11-22T10:00:00Z") + count).toISOString(),
    ms: count,
    sent: false,
    transport: "UDP",
    peer: "192.0.2.7:5060",
    line,
    cseq: "1 INVITE",
    sdp: false,
    text: `${line} sip:x SIP/2.0\r\n\r\n`,
    repeats: 0,
    leg: "",
    ...facts,
  };
}

const drawn = (rungs: Rung[], left_out = 0): HTMLElement => {
  const messages: Ladder = { call: "call-1", local: "us", rungs, left_out, left_out_bytes: 0 };
  const page = document.createElement("div");
  const root = createRoot(page);
  flushSync(() => root.render(createElement(LadderDiagram, { messages })));
  return page;
};

describe("the ladder", () => {
  test("each message says when, what, and between whom", () => {
    const { innerHTML: html } = drawn([
      rung("INVITE", { ms: 0, sdp: true }),
      rung("486 Busy Here", { ms: 12_345, sent: true, repeats: 2 }),
    ]);

    expect(html).toContain('aria-label="0 ms: INVITE (SDP) from 192.0.2.7:5060"');
    expect(html).toContain('aria-label="12.3 s: 486 Busy Here ×3 to 192.0.2.7:5060"');
    expect(html).toContain("ladder-arrow sent failed");
  });

  test("other sides have columns in the order in which they came", () => {
    const rungs = [rung("INVITE"), rung("INVITE", { peer: "b:2", sent: true }), rung("BYE")];

    expect(peersOf(rungs)).toEqual(["192.0.2.7:5060", "b:2"]);
    const spans = [...drawn(rungs).querySelectorAll<HTMLElement>(".ladder-way")];
    expect(spans.map(({ style }) => style.gridColumn)).toEqual([
      "1 / span 1",
      "1 / span 2",
      "1 / span 1",
    ]);
  });

  test("without its text a message cannot be opened", () => {
    const page = drawn([rung("INVITE", { text: "" })]);

    expect(page.querySelector("button")).toBeNull();
    expect(page.textContent).toContain("INVITE");
  });

  test("a message opens where it stands, and closes again", () => {
    const page = drawn([rung("INVITE"), rung("100 Trying", { sent: true })]);
    const second = page.querySelectorAll("button")[1];

    flushSync(() => second?.click());
    const open = page.querySelector("pre")?.textContent;
    flushSync(() => second?.click());

    expect(open).toBe("100 Trying sip:x SIP/2.0");
    expect(page.querySelector("pre")).toBeNull();
  });

  test("what a telephone wrote is text and never markup", () => {
    const page = drawn([rung("<script>alert(1)</script>")]);

    expect(page.querySelector("script")).toBeNull();
    expect(page.textContent).toContain("<script>");
  });

  test("what was too much to keep is said", () => {
    expect(drawn([rung("INVITE")], 7).textContent).toContain(
      "7 more messages were too many to keep.",
    );
  });

  test("times are as long as they are worth", () => {
    expect([
      elapsed(0.4, "en"),
      elapsed(999, "en"),
      elapsed(9999, "en"),
      elapsed(61_000, "en"),
    ]).toEqual(["0 ms", "999 ms", "9,999 ms", "61.0 s"]);
  });
});
