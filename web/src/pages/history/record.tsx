import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useParams } from "wouter";
import { get } from "../../api/client";
import type { Call, CallDetail } from "../../api/types";
import { callerText } from "../../parts/calltext";
import { TurnGaps } from "../../parts/gaps";
import { Lamp } from "../../parts/lamp";
import { useMay } from "../../parts/me";
import { readable } from "../../parts/number";
import { recorded } from "../../parts/story";
import { Timeline } from "../../parts/timeline";
import { Trace } from "../../parts/trace";
import { Transcript } from "../../parts/transcript";
import { idIn, paths } from "../../paths";
import { Button } from "../../ui/button";
import { Failure, Loading, useErrorText } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { clock, gap, moment, timeOfDay } from "../../ui/time";
import { useTitle } from "../../ui/title";
import { toast } from "../../ui/toast";
import { useLanguage, useWords } from "../../words/all";
import { NoteBox } from "../call/sheets";
import { Ladder } from "./ladder";
import { qualityLine } from "./quality";
import { Sounds } from "./sounds";
import { howItEnded } from "./table";
import "../../styles/call.css";
import "../../styles/history.css";

function Facts({ call, figures }: { call: Call; figures: Record<string, number> }) {
  const words = useWords();
  const language = useLanguage();
  const { history } = words;
  const answered = call.answered_at
    ? gap(Date.parse(call.answered_at) - Date.parse(call.started_at), language)
    : "–";
  const rows: [string, ReactNode][] = [
    [history.started, moment(call.started_at, language, Date.now())],
    [history.answered, answered],
    [history.talk, call.talk_s === null ? "–" : clock(call.talk_s)],
    [history.cause, howItEnded(call, words)],
    [history.direction, history.directions[call.direction] ?? call.direction],
    [history.trunk, call.trunk ?? "–"],
    [history.language, call.language],
    [
      history.disposition,
      call.disposition ? (words.call.dispositions[call.disposition] ?? call.disposition) : "–",
    ],
    ...Object.entries(figures).map(([name, value]): [string, ReactNode] => [
      history.measured[name] ?? name.replaceAll("_", " "),
      value.toLocaleString(language, { maximumFractionDigits: 2 }),
    ]),
  ];
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Card({
  title,
  empty,
  children,
}: {
  title: string;
  empty: string | null;
  children: ReactNode;
}) {
  return (
    <section className="card">
      <h2>{title}</h2>
      {empty ? <p className="dim">{empty}</p> : children}
    </section>
  );
}

function Listened({ detail }: { detail: CallDetail }) {
  const { call } = useWords();
  const language = useLanguage();
  return (
    <ul>
      {(detail.listened ?? []).map((one) => (
        <li key={`${one.who} ${one.action} ${one.at}`}>
          <strong>{one.who}</strong> {call.supervised[one.action] ?? one.action}{" "}
          <span className="num dim">
            {timeOfDay(one.at, language)}
            {one.ended_at && ` – ${timeOfDay(one.ended_at, language)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

const withStory = (detail: CallDetail) => ({ detail, story: recorded(detail) });

/** One call with everything about it. Its id can be copied, its numbers are never in the address. */
export function Record() {
  const id = idIn(useParams<{ id: string }>().id ?? "");
  const words = useWords();
  const may = useMay();
  const text = useErrorText();
  const client = useQueryClient();
  const [noting, setNoting] = useState(false);
  const { history } = words;
  const language = useLanguage();
  useTitle(history.record);
  const record = useQuery({
    queryKey: ["call", id],
    queryFn: ({ signal }) =>
      get<CallDetail>(`/api/calls/${encodeURIComponent(id)}`, undefined, signal),
    select: withStory,
  });
  if (record.isPending) return <Loading />;
  if (record.error) return <Failure error={record.error} onRetry={() => void record.refetch()} />;
  const { detail, story } = record.data;
  const { call } = detail;
  const line = qualityLine(call.quality, history.line, language);
  const copy = () => void navigator.clipboard.writeText(id).then(() => toast(history.copied));
  return (
    <article className="record">
      <header className="call-head">
        <Link href={paths.history} className="button quiet icon-only" aria-label={history.back}>
          <Icon name="back" />
        </Link>
        <div className="call-who">
          <h1 className="num">{callerText(call, words)}</h1>
          <p className="num dim">{readable(call.called)}</p>
        </div>
        <p className={`state ${call.state}`}>
          <Lamp state={call.state} />
          <span>{howItEnded(call, words)}</span>
        </p>
        <Button tone="quiet" icon="note" why={may("calls.note")} onClick={() => setNoting(!noting)}>
          {words.call.noteTitle}
        </Button>
        <Button tone="quiet" onClick={copy}>
          {history.copyId}
        </Button>
      </header>
      {noting && (
        <div className="pad">
          <NoteBox
            at={`/api/calls/${encodeURIComponent(id)}`}
            call={call}
            onError={(error) => toast(text(error), true)}
            onClose={() => {
              setNoting(false);
              void client.invalidateQueries({ queryKey: ["call", id] });
            }}
          />
        </div>
      )}
      {call.why && <p className="quality-line">{call.why}</p>}
      {line && (
        <p className="num dim quality-line" title={history.lineMeans}>
          {line}
        </p>
      )}
      <Timeline call={call} items={story.items} />
      <div className="record-body">
        <Transcript story={story} />
        <section className="record-side" aria-label={history.facts} tabIndex={0}>
          <Card title={history.facts} empty={null}>
            <Facts call={call} figures={detail.figures ?? {}} />
          </Card>
          <Card title={history.sound} empty={detail.sounds.length ? null : history.soundNone}>
            <Sounds call={id} sounds={detail.sounds} />
          </Card>
          <Card title={words.call.route} empty={null}>
            <Trace
              steps={story.trace}
              localTime={story.localTime}
              revision={call.decision?.revision ?? ""}
            />
          </Card>
          {call.direction !== "web" && <Ladder call={id} />}
          <Card title={words.call.gaps} empty={null}>
            <TurnGaps gaps={story.gaps} />
          </Card>
          <Card
            title={history.listened}
            empty={detail.listened?.length ? null : history.listenedNone}
          >
            <Listened detail={detail} />
          </Card>
        </section>
      </div>
    </article>
  );
}
