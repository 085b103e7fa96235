import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useSearch } from "wouter";
import { get, post } from "../../api/client";
import type { CallerGrant, WebNumber } from "../../api/types";
import { Preferences } from "../../parts/account";
import { readable } from "../../parts/number";
import { Session } from "../../room/session";
import { Button } from "../../ui/button";
import { Empty, Failure, Loading, useErrorText } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { useNow } from "../../ui/now";
import { clock } from "../../ui/time";
import { useTitle } from "../../ui/title";
import { useWords } from "../../words/all";
import { Voices } from "./voices";
import "../../styles/talk.css";

function makeSession(): Session {
  const server = {
    ask: () => Promise.reject(new Error("a caller joins with the grant of their own call")),
    tell: () => Promise.resolve(),
  };
  return new Session(server, async (events) => {
    const { LiveKitWire } = await import("../../room/livekit");
    return new LiveKitWire(events);
  });
}

/** For the public: one button, one sentence that says whether one is heard, and a way out. */
export function Talk() {
  const { talk, why } = useWords();
  const search = new URLSearchParams(useSearch());
  const embedded = search.has("embed");
  const session = useMemo(makeSession, []);
  const errorText = useErrorText();
  const [number, setNumber] = useState(search.get("number") ?? "");
  const [startedAt, setStartedAt] = useState<number | null>(null);
  const air = useSyncExternalStore(session.watch, session.air);
  useSyncExternalStore(session.watch, session.version);
  const now = useNow();
  useTitle(talk.title);
  const numbers = useQuery({
    queryKey: ["web-numbers"],
    queryFn: () => get<{ items: WebNumber[] }>("/api/web/numbers"),
  });
  useEffect(() => {
    window.addEventListener("pagehide", session.hide);
    window.parent.postMessage({ switchboard: "ready" }, "*");
    return () => {
      window.removeEventListener("pagehide", session.hide);
      session.hide();
    };
  }, [session]);

  const items = numbers.data?.items ?? [];
  const line = items.find((each) => each.number === number) ?? items[0];
  const start = () => {
    if (!line) return;
    setStartedAt(Date.now());
    session.want("web", "desk", async () => {
      const body = { purpose: "caller", number: line.number };
      const grant = await post<CallerGrant>("/api/tokens", body);
      return { open: grant.connections, close: [] };
    });
  };
  const end = () => session.want("web", "idle");
  const connected = air.mode === "desk";
  const joining = air.changing;
  const answered = connected && session.present().length > 0;
  const after = startedAt !== null && !connected && !joining;
  const error = session.error();

  return (
    <main className={embedded ? "talk embedded" : "talk"}>
      <section className="talk-card" aria-label={talk.title}>
        <h1>{talk.title}</h1>
        {numbers.isPending && <Loading />}
        {numbers.error && <Failure error={numbers.error} onRetry={() => void numbers.refetch()} />}
        {numbers.data && !line && <Empty title={talk.none} hint={talk.noneHint} />}
        {line && !connected && !joining && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              start();
            }}
          >
            <p className="dim">{after ? talk.ended : talk.intro}</p>
            {items.length > 1 && (
              <label className="field">
                <span>{talk.number}</span>
                <select value={line.number} onChange={(event) => setNumber(event.target.value)}>
                  {items.map((each) => (
                    <option key={each.number} value={each.number}>
                      {each.name || readable(each.number)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <Button
              type="submit"
              tone="main"
              icon="phone"
              className="big"
              why={window.isSecureContext ? null : why.insecure}
            >
              {after ? talk.again : talk.start}
            </Button>
          </form>
        )}
        {joining && <p className="talk-state">{talk.allow}</p>}
        {connected && (
          <>
            <Voices session={session} />
            <p className="talk-state" role="status">
              <strong>{answered ? talk.live : talk.waiting}</strong>{" "}
              <span className="num dim">
                {startedAt === null ? "" : clock((now - startedAt) / 1000)}
              </span>
            </p>
            <p
              className={air.mic ? "talk-heard" : "talk-heard off"}
              role="status"
              aria-live="assertive"
            >
              <Icon name={air.mic ? "barge" : "mute"} /> {air.mic ? talk.hears : talk.hearsNot}
            </p>
            <div className="talk-acts">
              <Button
                icon="mute"
                aria-pressed={!air.mic}
                onClick={() => session.setMuted(air.mic !== null)}
              >
                {air.mic ? talk.mute : talk.unmute}
              </Button>
              <Button icon="hangup" tone="danger" onClick={end}>
                {talk.end}
              </Button>
            </div>
          </>
        )}
        {air.fault && air.fault !== "over" && (
          <p className="bad" role="alert">
            {error ? errorText(error) : air.fault === "ended_elsewhere" ? talk.shownOut : talk.lost}
          </p>
        )}
      </section>
      {!embedded && (
        <div className="sign-in-foot">
          <Preferences />
        </div>
      )}
    </main>
  );
}
