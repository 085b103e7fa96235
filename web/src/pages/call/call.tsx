import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { get } from "../../api/client";
import { useReady } from "../../api/feed";
import { useCall } from "../../api/row";
import type { Call, CallDetail } from "../../api/types";
import { session } from "../../parts/air";
import { callerText, holderText, needText } from "../../parts/calltext";
import { TurnGaps } from "../../parts/gaps";
import { Lamp } from "../../parts/lamp";
import { Levels } from "../../parts/levels";
import { useMay } from "../../parts/me";
import { readable } from "../../parts/number";
import { Timeline } from "../../parts/timeline";
import { Trace } from "../../parts/trace";
import { Transcript } from "../../parts/transcript";
import { paths } from "../../paths";
import { Empty, Loading } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { clock, secondsSince } from "../../ui/time";
import { useWords } from "../../words/all";
import { Actions } from "./actions";
import { useStory } from "./story";
import "../../styles/call.css";

function Heading({ call }: { call: Call }) {
  const words = useWords();
  const now = useNow();
  const end = call.ended_at ? Date.parse(call.ended_at) : now;
  const need = needText(call, words);
  return (
    <header className="call-head">
      <Link href={paths.live} className="button quiet icon-only" aria-label={words.call.back}>
        <Icon name="back" />
      </Link>
      <div className="call-who">
        <h2 className="num">{callerText(call, words)}</h2>
        <p>
          <span className="num dim">{readable(call.called)}</span>
          <span className="cord" aria-hidden="true" />
          <span>{holderText(call, words)}</span>
          <span className="dim"> · {call.language}</span>
        </p>
      </div>
      <p className={`call-state state ${call.needs[0] === "help" ? "help" : call.state}`}>
        <Lamp state={call.needs[0] === "help" ? "help" : call.state} />
        <span>
          {words.live.states[call.state]}
          {need && <em>{need}</em>}
        </span>
        <span className="num">{clock(secondsSince(call.started_at, end))}</span>
      </p>
    </header>
  );
}

/** The call as it happens: what is said, who has it, why it came here, and how to take part. */
export function CallView({ id }: { id: string }) {
  const row = useCall(id);
  const words = useWords();
  const ready = useReady();
  const may = useMay();
  const mayListen = may("calls.listen") === null;
  // What is large comes while nobody waits for it: a barge is heard a blink after the key.
  useEffect(() => {
    if (mayListen) void session.warm().catch(() => {});
  }, [mayListen]);
  const [tall] = useState(() => window.innerHeight > 780);
  const { story } = useStory(id);
  // A call that left the live picture while it was open is still shown, from its record.
  const record = useQuery({
    queryKey: ["call", id],
    queryFn: ({ signal }) =>
      get<CallDetail>(`/api/calls/${encodeURIComponent(id)}`, undefined, signal),
    enabled: ready && !row,
  });
  const call = row ?? record.data?.call;
  if (!call) {
    if (!ready || record.isPending) return <Loading />;
    return (
      <section className="call" aria-label={words.call.title}>
        <Empty title={words.call.closed} hint={words.call.closedHint}>
          <Link className="button" href={paths.live}>
            {words.call.back}
          </Link>
        </Empty>
      </section>
    );
  }
  return (
    <section className="call" aria-label={words.call.title}>
      <Heading call={call} />
      <Timeline call={call} items={story.items} />
      {mayListen && !call.ended_at && <Levels />}
      {call.wanted && !call.ended_at && call.state === "waiting" && (
        <p className="callout">
          <Icon name="hand" />
          <span>
            <strong>{words.call.wanted}</strong>{" "}
            {[call.wanted.reason, call.wanted.summary].filter(Boolean).join(" · ")}
          </span>
        </p>
      )}
      <Transcript story={story} live />
      <div className="call-more">
        <details name="call-more">
          <summary>{words.call.route}</summary>
          <Trace
            steps={story.trace}
            localTime={story.localTime}
            revision={call.decision?.revision ?? ""}
          />
        </details>
        <details name="call-more" open={tall && story.gaps.length > 0}>
          <summary>
            {words.call.gaps} <span className="dim num">{story.gaps.length}</span>
          </summary>
          <TurnGaps gaps={story.gaps} />
        </details>
        {call.ended_at && (
          <Link className="button" href={paths.historyCall(id)}>
            {words.call.toRecord}
          </Link>
        )}
      </div>
      <Actions call={call} />
    </section>
  );
}
