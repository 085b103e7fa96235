import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get } from "../../api/client";
import type { Ladder as Messages, Rung } from "../../api/types";
import { Failure, Loading } from "../../ui/empty";
import { useLanguage, useWords } from "../../words/all";
import "../../styles/ladder.css";

/** Milliseconds after the first message, as people compare them. */
export function elapsed(ms: number, language: string): string {
  if (ms < 10_000) return `${Math.round(ms).toLocaleString(language)} ms`;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${(ms / 1000).toLocaleString(language, digits)} s`;
}

/** Everybody but us, in the order in which they were first heard of. */
export const peersOf = (rungs: readonly Rung[]): string[] => [
  ...new Set(rungs.map(({ peer }) => peer)),
];

/** One message: an arrow between us, on the left, and the column of the other side. */
function Step({ rung, column, columns }: { rung: Rung; column: number; columns: number }) {
  const { ladder } = useWords().history;
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const { sent, line, sdp = false, text = "", repeats = 0 } = rung;
  const said = [line, sdp ? "(SDP)" : "", repeats ? `×${repeats + 1}` : ""]
    .filter(Boolean)
    .join(" ");
  const failed = /^[4-6]\d\d\b/.test(line);
  const told = sent ? ladder.toThem(said, rung.peer) : ladder.toUs(said, rung.peer);
  const arrow = (
    <span className={`ladder-arrow ${sent ? "sent" : "came"}${failed ? " failed" : ""}`}>
      <span className="ladder-line">{said}</span>
    </span>
  );
  return (
    <li className="ladder-step">
      <span className="num dim ladder-time">{elapsed(rung.ms, language)}</span>
      <span
        className="ladder-lanes"
        style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      >
        <span className="ladder-way" style={{ gridColumn: `1 / span ${column + 1}` }}>
          {text ? (
            <button
              type="button"
              aria-expanded={open}
              aria-label={`${elapsed(rung.ms, language)}: ${told}`}
              onClick={() => setOpen(!open)}
            >
              {arrow}
            </button>
          ) : (
            <span role="img" aria-label={told}>
              {arrow}
            </span>
          )}
        </span>
      </span>
      {open && (
        <pre className="ladder-text" tabIndex={0}>
          {text.trimEnd()}
        </pre>
      )}
    </li>
  );
}

/** What was said in SIP, as a diagram: who said what to whom, and when. */
export function LadderDiagram({ messages }: { messages: Messages }) {
  const { ladder } = useWords().history;
  const rungs = messages.rungs ?? [];
  const peers = peersOf(rungs);
  const leftOut = messages.left_out ?? 0;
  return (
    <div className="ladder">
      <div className="ladder-heads" aria-hidden="true">
        <span className="ladder-time" />
        <span className="ladder-us">{ladder.us}</span>
        <span
          className="ladder-lanes"
          style={{ gridTemplateColumns: `repeat(${peers.length}, minmax(0, 1fr))` }}
        >
          {peers.map((peer) => (
            <span key={peer} className="num ladder-peer">
              {peer}
            </span>
          ))}
        </span>
      </div>
      <ol>
        {rungs.map((rung) => (
          <Step
            key={`${rung.at} ${rung.sent} ${rung.line} ${rung.cseq}`}
            rung={rung}
            column={peers.indexOf(rung.peer)}
            columns={peers.length}
          />
        ))}
      </ol>
      {leftOut > 0 && <p className="dim">{ladder.leftOut(leftOut)}</p>}
    </div>
  );
}

/** Asked for when it is looked at: most who read a record want the words. */
export function Ladder({ call }: { call: string }) {
  const { ladder } = useWords().history;
  const [shown, setShown] = useState(false);
  return (
    <details className="card ladder-card" onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>
        <h2>{ladder.title}</h2>
      </summary>
      {shown && <Fetched call={call} />}
    </details>
  );
}

function Fetched({ call }: { call: string }) {
  const { ladder } = useWords().history;
  const found = useQuery({
    queryKey: ["ladder", call],
    queryFn: ({ signal }) =>
      get<Messages>(`/api/calls/${encodeURIComponent(call)}/ladder`, undefined, signal),
  });
  if (found.isPending) return <Loading />;
  if (found.error) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data.rungs?.length) return <p className="dim">{ladder.none}</p>;
  return <LadderDiagram messages={found.data} />;
}
