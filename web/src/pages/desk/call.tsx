import { useEffect, useState } from "react";
import { post } from "../../api/client";
import type { Call } from "../../api/types";
import { session, useAir } from "../../parts/air";
import { callerText } from "../../parts/calltext";
import { Levels } from "../../parts/levels";
import { readable } from "../../parts/number";
import { Timeline } from "../../parts/timeline";
import { Transcript } from "../../parts/transcript";
import { Button } from "../../ui/button";
import { useErrorText } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { useKeys } from "../../ui/keys";
import { useNow } from "../../ui/now";
import { clock, secondsSince } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";
import { HangUp, NoteBox, TransferBox } from "../call/sheets";
import { useStory } from "../call/story";
import { GiveBack, HelpBox } from "./sheets";
import "../../styles/call.css";

type Sheet = "transfer" | "note" | "help" | "giveback" | "hangup" | null;

/** The call that this agent has: who it is, what was said before, and everything to do about it. */
export function DeskCall({ call, telephone }: { call: Call; telephone: boolean }) {
  const words = useWords();
  const air = useAir();
  const now = useNow();
  const text = useErrorText();
  const { story } = useStory(call.id);
  const [sheet, setSheet] = useState<Sheet>(null);
  const { desk, keys } = words;
  const joined = air.call === call.id && air.mode === "desk" && !air.changing;
  const joining = air.call === call.id && air.changing;
  const held = call.state === "held";
  const asked = call.needs.includes("help");
  const at = `/api/calls/${encodeURIComponent(call.id)}`;
  const deskAt = `/api/desk/calls/${encodeURIComponent(call.id)}`;
  const fail = (error: unknown) => toast(text(error), true);
  const toggle = (wanted: Sheet) => setSheet(sheet === wanted ? null : wanted);
  const here = air.call === call.id && air.want === "desk";
  useEffect(() => {
    // The telephone has the call now: this page takes no part in it any more.
    if (telephone && here) session.hush();
  }, [telephone, here]);
  const hold = async () => {
    // On hold the microphone is off here as well: two locks are better than one.
    if (!held && !telephone) session.setMuted(true);
    try {
      await post(`${at}/hold`, { on: !held });
      if (held && !telephone) session.setMuted(false);
    } catch (error) {
      fail(error);
    }
  };
  const help = async () => {
    if (!asked) return toggle("help");
    await post(`${at}/help`, { on: false, note: "" }).catch(fail);
  };
  const close = () => setSheet(null);
  useKeys([
    {
      keys: "m",
      group: "desk",
      what: keys.mute,
      run: () => telephone || session.setMuted(air.mic !== null),
    },
    { keys: "h", group: "desk", what: keys.hold, run: () => void hold() },
    { keys: "x", group: "desk", what: keys.transfer, run: () => toggle("transfer") },
    { keys: "g", group: "desk", what: keys.giveBack, run: () => toggle("giveback") },
    { keys: "n", group: "desk", what: keys.note, run: () => toggle("note") },
    { keys: "a", group: "desk", what: keys.askHelp, run: () => void help() },
  ]);
  return (
    <section className="call desk-call" aria-label={desk.mine}>
      <header className="call-head">
        <div className="call-who">
          <h2 className="num">{callerText(call, words)}</h2>
          <p className="dim num">
            {readable(call.called)} · {call.language} · {clock(secondsSince(call.started_at, now))}
          </p>
        </div>
        {telephone ? null : joined ? (
          <Button
            icon={air.mic ? "barge" : "mute"}
            tone={air.mic ? "plain" : "main"}
            hotkey="m"
            why={held ? desk.onHold : null}
            onClick={() => session.setMuted(air.mic !== null)}
          >
            {air.mic ? words.call.mute : words.call.unmute}
          </Button>
        ) : (
          <Button tone="main" icon="phone" onClick={() => session.want(call.id, "desk")}>
            {joining ? words.call.opening : desk.rejoin}
          </Button>
        )}
      </header>
      {telephone && (
        <p className="callout calm" data-testid="on-telephone">
          <Icon name="phone" />
          <span>{held ? desk.onHold : desk.onTelephone}</span>
        </p>
      )}
      {!telephone && !joined && !joining && (
        <p className="callout" role="alert">
          <Icon name="warn" />
          <span>{desk.rejoinHint}</span>
        </p>
      )}
      {call.wanted && (
        <p className="callout calm">
          <Icon name="note" />
          <span>
            <strong>{desk.summary}</strong> {call.wanted.summary || desk.noSummary}
            {call.wanted.reason && ` ${desk.wantsBecause}: ${call.wanted.reason}`}
          </span>
        </p>
      )}
      {call.listeners.length > 0 && (
        <p className="callout calm">
          <Icon name="ear" />
          <span>
            {call.listeners
              .map((one) => `${one.who} ${words.call.supervised[one.mode] ?? one.mode}`)
              .join(", ")}
            . {desk.whispering}
          </span>
        </p>
      )}
      <Timeline call={call} items={story.items} />
      <Levels />
      <Transcript story={story} live />
      <section className="actions" aria-label={words.call.actions}>
        {sheet === "transfer" && <TransferBox at={at} onError={fail} onClose={close} />}
        {sheet === "note" && <NoteBox at={at} call={call} onError={fail} onClose={close} />}
        {sheet === "help" && <HelpBox at={at} onError={fail} onClose={close} />}
        {sheet === "giveback" && <GiveBack at={deskAt} onError={fail} onClose={close} />}
        {sheet === "hangup" && (
          <HangUp
            at={deskAt}
            path="leave"
            first={() => session.hush()}
            onError={fail}
            onClose={close}
          />
        )}
        <div className="acts">
          <Button icon="hold" hotkey="h" aria-pressed={held} onClick={() => void hold()}>
            {held ? desk.unhold : desk.hold}
          </Button>
          <Button
            icon="transfer"
            hotkey="x"
            aria-expanded={sheet === "transfer"}
            onClick={() => toggle("transfer")}
          >
            {words.call.transfer}
          </Button>
          <Button
            icon="back"
            hotkey="g"
            aria-expanded={sheet === "giveback"}
            onClick={() => toggle("giveback")}
          >
            {desk.giveBack}
          </Button>
          <Button icon="hand" hotkey="a" aria-pressed={asked} onClick={() => void help()}>
            {asked ? desk.helpAsked : desk.help}
          </Button>
          <Button
            icon="note"
            hotkey="n"
            aria-expanded={sheet === "note"}
            onClick={() => toggle("note")}
          >
            {words.call.noteTitle}
          </Button>
          <Button
            icon="hangup"
            tone="danger"
            aria-expanded={sheet === "hangup"}
            onClick={() => toggle("hangup")}
          >
            {desk.hangUp}
          </Button>
        </div>
      </section>
    </section>
  );
}
