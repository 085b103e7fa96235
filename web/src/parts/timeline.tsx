import type { Call } from "../api/types";
import { useNow } from "../ui/now";
import { clock } from "../ui/time";
import { useWords } from "../words/all";
import { type Item, segments } from "./story";

/** Who had the call and when, as one bar; marks for tools, problems and people who asked. */
export function Timeline({ call, items }: { call: Call; items: readonly Item[] }) {
  const now = useNow();
  const words = useWords();
  const parts = segments(call, items, now);
  const start = Date.parse(call.started_at);
  const end = parts.at(-1)?.to ?? start;
  const span = Math.max(1000, end - start);
  const share = (ms: number) => `${((ms / span) * 100).toFixed(2)}%`;
  const name = (state: string, who: string) =>
    state === "talking" && who ? words.live.ai(who) : who || (words.live.states[state] ?? state);
  const told = parts
    .map((part) => `${name(part.state, part.who)} ${clock((part.to - part.from) / 1000)}`)
    .join(", ");
  const marks = items.filter((item) => ["tool", "problem", "wanted", "note"].includes(item.kind));
  return (
    <div className="timeline" role="img" aria-label={`${words.call.timeline}: ${told}`}>
      <div className="timeline-bar">
        {parts.map((part) => (
          <span
            key={part.from}
            className={`seg ${part.state}`}
            style={{ width: share(part.to - part.from) }}
            title={`${name(part.state, part.who)} ${clock((part.to - part.from) / 1000)}`}
          >
            {(part.to - part.from) / span > 0.12 ? name(part.state, part.who) : ""}
          </span>
        ))}
      </div>
      <div className="timeline-marks">
        {marks.map((mark) => (
          <i
            key={mark.key}
            className={`mark ${mark.kind}`}
            style={{ left: share(Math.min(span, Math.max(0, Date.parse(mark.at) - start))) }}
          />
        ))}
      </div>
    </div>
  );
}
