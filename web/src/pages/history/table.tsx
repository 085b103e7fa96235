import { Link } from "wouter";
import type { Call } from "../../api/types";
import { callerText, holderText } from "../../parts/calltext";
import { Lamp } from "../../parts/lamp";
import { readable } from "../../parts/number";
import { paths } from "../../paths";
import { Icon } from "../../ui/icon";
import { clock, moment } from "../../ui/time";
import { useLanguage, useWords, type AllWords as Words } from "../../words/all";

export function howItEnded(call: Call, words: Words): string {
  const { history } = words;
  if (call.state === "refused") {
    const reason = call.reason ?? "";
    return `${history.refusedBecause[reason] ?? reason}${call.code ? ` (${call.code})` : ""}`;
  }
  if (call.cause) return history.causes[call.cause] ?? call.cause;
  return words.live.states[call.state] ?? call.state;
}

function Row({ call }: { call: Call }) {
  const words = useWords();
  const language = useLanguage();
  const length = call.ended_at
    ? (Date.parse(call.ended_at) - Date.parse(call.started_at)) / 1000
    : null;
  return (
    <tr>
      <td className="num">
        <Link href={paths.historyCall(call.id)}>
          {moment(call.started_at, language, Date.now())}
        </Link>
      </td>
      <td className="num">{callerText(call, words)}</td>
      <td className="num dim">{readable(call.called)}</td>
      <td>
        {call.agent ?? (call.persona ? words.live.ai(call.persona) : holderText(call, words))}
      </td>
      <td className="num right">{length === null ? "–" : clock(length)}</td>
      <td className="num right dim">{call.wait_s === null ? "–" : clock(call.wait_s)}</td>
      <td>
        <span className={`state plain ${call.state}`}>
          <Lamp state={call.state} />
          <span>{howItEnded(call, words)}</span>
        </span>
        {call.problems > 0 && <b className="bad"> ! {call.problems}</b>}
        {(call.recorded || call.message) && <Kept call={call} />}
      </td>
      <td className="words dim">{call.last?.text ?? call.detail}</td>
    </tr>
  );
}

/** That there is something to hear on the call's own page. */
function Kept({ call }: { call: Call }) {
  const { history } = useWords();
  const says = call.message ? history.hasMessage : history.hasRecording;
  return (
    <span className="kept" role="img" aria-label={says} title={says}>
      <Icon name="tape" />
    </span>
  );
}

export function HistoryTable({ calls }: { calls: Call[] }) {
  const { history } = useWords();
  const { columns } = history;
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">{columns.when}</th>
          <th scope="col">{columns.caller}</th>
          <th scope="col">{columns.called}</th>
          <th scope="col">{columns.holder}</th>
          <th scope="col" className="right">
            {columns.length}
          </th>
          <th scope="col" className="right">
            {columns.wait}
          </th>
          <th scope="col">{columns.how}</th>
          <th scope="col">{columns.words}</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <Row key={call.id} call={call} />
        ))}
      </tbody>
    </table>
  );
}
