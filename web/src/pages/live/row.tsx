import { memo } from "react";
import { Link } from "wouter";
import { useCall, useWordsNow } from "../../api/row";
import type { Call } from "../../api/types";
import { callerText, holderText, needText } from "../../parts/calltext";
import { Lamp } from "../../parts/lamp";
import { readable } from "../../parts/number";
import { paths } from "../../paths";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { clock, gap, secondsSince } from "../../ui/time";
import { useLanguage, useWords } from "../../words";

function InState({ call }: { call: Call }) {
  const now = useNow();
  const end = call.ended_at ? Date.parse(call.ended_at) : now;
  const from = call.ended_at ? call.started_at : call.state_since;
  return <span className="num">{clock(secondsSince(from, end))}</span>;
}

/** Interim words are shown as they come, lighter than what is final. */
function LastWords({ call }: { call: Call }) {
  const now = useWordsNow(call.id);
  const last = now ?? call.last;
  if (!last) return <span className="dim">–</span>;
  const theirs = last.role === "caller";
  return (
    <span className={now ? "interim" : undefined}>
      <i className={theirs ? "tick theirs" : "tick ours"} aria-hidden="true" />
      {last.text}
    </span>
  );
}

interface RowProps {
  id: string;
  index: number;
  selected: boolean;
}

/** One call. Renders only when this call changes, or when the clock moves its time. */
export const CallRow = memo(function CallRow({ id, index, selected }: RowProps) {
  const call = useCall(id);
  const words = useWords();
  const language = useLanguage();
  if (!call) return null;
  const need = needText(call, words);
  const state = call.needs[0] === "help" && !call.ended_at ? "help" : call.state;
  const caller = callerText(call, words);
  const hearers = call.listeners.map((one) => one.who).join(", ");
  return (
    <div
      role="row"
      className={`row ${call.state} ${need ? "needs" : ""} ${state === "help" ? "asks" : ""}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-call={id}
    >
      <span role="cell" className={`state ${state}`}>
        <Lamp state={state} />
        <span>
          {words.live.states[call.state]}
          {need && <em>{need}</em>}
        </span>
      </span>
      <span role="cell" className="caller num">
        <Link href={paths.liveCall(id)} aria-label={words.live.open(caller)}>
          {caller}
        </Link>
      </span>
      <span role="cell" className="called num dim">
        {readable(call.called)}
      </span>
      <span role="cell" className="holder">
        {holderText(call, words)}
        {hearers && (
          <b className="hearers" title={words.live.listening(hearers)}>
            <Icon name="ear" size={14} />
            <span className="sr">{words.live.listening(hearers)}</span>
          </b>
        )}
      </span>
      <span role="cell" className="time">
        <InState call={call} />
      </span>
      <span role="cell" className={`gap num ${call.needs.includes("long_gap") ? "slow" : "dim"}`}>
        {gap(call.turn_gap_ms, language)}
      </span>
      <span role="cell" className="last">
        <LastWords call={call} />
      </span>
    </div>
  );
});
