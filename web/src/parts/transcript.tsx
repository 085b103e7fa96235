import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../ui/button";
import { Icon, type IconName } from "../ui/icon";
import { gap, timeOfDay } from "../ui/time";
import { useLanguage, useWords, type AllWords as Words } from "../words/all";
import { actorOf } from "./actor";
import { placeText } from "./calltext";
import { useMe } from "./me";
import type { Item, Story } from "./story";

/** `supervisor ann` → ann. */
function personOf(behalf: string): string {
  return actorOf(behalf).name || behalf;
}

function speakerOf(item: { role: string; speaker: string }, words: Words): string {
  if (item.role === "caller") return words.call.caller;
  return item.role === "persona" ? words.live.ai(item.speaker) : item.speaker;
}

function Arguments({ item }: { item: Extract<Item, { kind: "tool" }> }) {
  const { call } = useWords();
  const { masked } = useMe();
  const { arguments: given, result } = item;
  return (
    <>
      <code>
        {item.name}(
        {masked
          ? call.masked
          : Object.entries(given)
              .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
              .join(", ")}
        )
      </code>
      {result && <span className="tool-result"> → {result}</span>}
    </>
  );
}

/** What is not spoken stands between the lines, smaller, with a picture and a word. */
function aside(item: Item, words: Words, language: string): [IconName, ReactNode] | null {
  const { call } = words;
  switch (item.kind) {
    case "tool": {
      const how = item.ok
        ? item.ms === null
          ? ""
          : call.took(gap(item.ms, language))
        : call.failed;
      return [
        item.ok ? "check" : "warn",
        <>
          <Arguments item={item} /> <em>{how}</em>
        </>,
      ];
    }
    case "handover":
      return [
        "transfer",
        <>
          <b>
            {call.handedOver(placeText(item.from, call.places), placeText(item.to, call.places))}
          </b>{" "}
          {call.reasons[item.reason] ?? item.reason}{" "}
          {item.summary && <span className="dim">{item.summary}</span>}
        </>,
      ];
    case "wanted":
      return [
        "hand",
        <>
          <b>{call.wanted}</b> {call.reasons[item.reason] ?? item.reason}{" "}
          {item.summary && <span className="dim">{item.summary}</span>}
        </>,
      ];
    case "key":
      return ["routing", call.key(item.digit)];
    case "problem":
      return [
        "warn",
        <>
          <b>{call.problem}</b> {item.what} {item.detail}
        </>,
      ];
    case "note":
      return [
        "note",
        <>
          <b>{item.who}</b> {item.note}{" "}
          {item.disposition && <em>{call.dispositions[item.disposition] ?? item.disposition}</em>}
        </>,
      ];
    case "supervised":
      return [
        "ear",
        <>
          <b>{item.who}</b> {call.supervised[item.mode] ?? item.mode}
          {item.note && (item.mode === "coach" || !item.ok) && `: “${item.note}”`}
          {!item.ok && ` — ${item.mode === "say" ? call.notSaid : call.notFollowed}`}
        </>,
      ];
    case "resumed":
      return ["warn", call.resumed];
    case "ended":
      return [
        "hangup",
        `${call.ended}: ${words.history.causes[item.cause] ?? item.cause}${item.detail && ` (${item.detail})`}`,
      ];
    default:
      return null;
  }
}

function Entry({ item, repeat }: { item: Item; repeat: boolean }) {
  const words = useWords();
  const language = useLanguage();
  const time = <time dateTime={item.at}>{timeOfDay(item.at, language)}</time>;
  if (item.kind === "line") {
    return (
      <li className={`line ${item.role}${repeat ? " same" : ""}`}>
        {time}
        <b className={repeat ? "sr" : "speaker"}>{speakerOf(item, words)}</b>
        <p>
          {item.text}
          {item.interrupted && <em> — {words.call.interrupted}</em>}
          {item.behalf && <em> — {words.call.onBehalf(personOf(item.behalf))}</em>}
        </p>
      </li>
    );
  }
  const side = aside(item, words, language);
  if (!side) return null;
  return (
    <li className={`aside ${item.kind}${item.kind === "tool" && !item.ok ? " bad" : ""}`}>
      {time}
      <Icon name={side[0]} size={14} />
      <p>{side[1]}</p>
    </li>
  );
}

const NEAR_END_PX = 60;

/** Stays at the newest words unless the reader has scrolled away; then offers the way back. */
export function Transcript({ story, live = false }: { story: Story; live?: boolean }) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const { items, partial } = story;
  const length = items.length + (partial?.text.length ?? 0);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when words were added
  useEffect(() => {
    if (live && following) toEnd();
  }, [length, live, following]);
  const onScroll = () => {
    const at = box.current;
    if (at) setFollowing(at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX);
  };
  const speakerAt = (i: number) => {
    const item = items[i];
    return item?.kind === "line" ? `${item.role} ${item.speaker}` : "";
  };
  return (
    <div className="transcript">
      <div
        ref={box}
        className="transcript-scroll"
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={words.call.transcript}
      >
        {items.length === 0 && !partial && <p className="dim pad">{words.call.transcriptEmpty}</p>}
        <ol>
          {items.map((item, i) => (
            <Entry
              key={item.key}
              item={item}
              repeat={speakerAt(i) !== "" && speakerAt(i) === speakerAt(i - 1)}
            />
          ))}
          {partial && (
            <li className="line caller interim">
              <time>{words.call.speaking}</time>
              <b className="speaker">{words.call.caller}</b>
              <p>{partial.text}</p>
            </li>
          )}
        </ol>
      </div>
      {live && !following && (
        <Button className="to-end" icon="down" onClick={toEnd}>
          {words.call.latest}
        </Button>
      )}
    </div>
  );
}
