import { useEffect, useState } from "react";
import { post } from "../../api/client";
import type { Call, ModeAnswer } from "../../api/types";
import { grantOf, session, takePart, useAir } from "../../parts/air";
import { type Action, whyNot } from "../../parts/allowed";
import { useMay, useMe } from "../../parts/me";
import type { Mode } from "../../room/machine";
import { Button } from "../../ui/button";
import { useErrorText } from "../../ui/empty";
import type { IconName } from "../../ui/icon";
import { onEscape, useKeys } from "../../ui/keys";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";
import { CoachBox } from "./coach";
import { HangUp, NoteBox, TransferBox } from "./sheets";

type Sheet = "coach" | "transfer" | "note" | "hangup" | null;

const MODES: { mode: Exclude<Mode, "idle" | "desk">; icon: IconName; key: string }[] = [
  { mode: "listen", icon: "ear", key: "l" },
  { mode: "whisper", icon: "whisper", key: "w" },
  { mode: "barge", icon: "barge", key: "b" },
  { mode: "takeover", icon: "takeover", key: "t" },
];

export function Actions({ call }: { call: Call }) {
  const words = useWords();
  const me = useMe();
  const may = useMay();
  const air = useAir();
  const errorText = useErrorText();
  const [sheet, setSheet] = useState<Sheet>(null);
  const mine = air.call === call.id;
  const mode: Mode = mine ? air.want : "idle";
  const why = (action: Action) => whyNot(action, { call, me, mode, words }, may);
  const at = `/api/calls/${encodeURIComponent(call.id)}`;
  const fail = (error: unknown) => toast(errorText(error), true);

  const choose = (wanted: Mode) => {
    if (wanted === mode && !air.fault) return session.hush();
    const reason = wanted === "idle" || wanted === "desk" ? null : why(wanted);
    if (reason) return toast(reason);
    takePart(call.id, wanted);
  };
  const giveBack = () => {
    const reason = why("giveback");
    if (reason) return toast(reason);
    // The microphone stops before the AI is asked to speak again; listening goes on.
    const have = air.open.map((c) => c.identity);
    session.want(call.id, "listen", async () =>
      grantOf(await post<ModeAnswer>(`${at}/giveback`, { note: "", have })),
    );
  };
  const open = (wanted: Exclude<Sheet, null>) => {
    const reason = why(wanted);
    if (reason) return toast(reason);
    setSheet(sheet === wanted ? null : wanted);
  };
  useEffect(() => onEscape(() => setSheet(null)), []);
  const { keys } = words;
  const what = {
    listen: keys.listen,
    whisper: keys.whisper,
    barge: keys.barge,
    takeover: keys.takeOver,
  };
  useKeys([
    ...MODES.map((each) => ({
      keys: each.key,
      group: "call",
      what: what[each.mode],
      run: () => choose(each.mode),
    })),
    { keys: "g", group: "call", what: keys.giveBack, run: giveBack },
    { keys: "c", group: "call", what: keys.coach, run: () => open("coach") },
    { keys: "x", group: "call", what: keys.transfer, run: () => open("transfer") },
    { keys: "n", group: "call", what: keys.note, run: () => open("note") },
    { keys: "m", group: "call", what: keys.mute, run: () => session.setMuted(air.mic !== null) },
  ]);

  return (
    <section className="actions" aria-label={words.call.actions}>
      {sheet === "coach" && (
        <CoachBox
          at={at}
          why={{ instruct: why("instruct"), say: why("say") }}
          instead={
            call.coachable ? null : (
              <>
                <Button icon="transfer" why={why("transfer")} onClick={() => open("transfer")}>
                  {words.call.transfer}
                </Button>
                <Button icon="takeover" why={why("takeover")} onClick={() => choose("takeover")}>
                  {words.call.modes.takeover}
                </Button>
              </>
            )
          }
          onError={fail}
          onClose={() => setSheet(null)}
        />
      )}
      {sheet === "transfer" && (
        <TransferBox at={at} onError={fail} onClose={() => setSheet(null)} />
      )}
      {sheet === "note" && (
        <NoteBox at={at} call={call} onError={fail} onClose={() => setSheet(null)} />
      )}
      {sheet === "hangup" && <HangUp at={at} onError={fail} onClose={() => setSheet(null)} />}
      <div role="group" aria-label={words.call.mode} className="modes">
        {MODES.map(({ mode: each, icon, key }) => (
          <Button
            key={each}
            icon={icon}
            hotkey={key}
            why={mode === each ? null : why(each)}
            aria-pressed={mode === each}
            className={`mode ${each}${mode === each && air.changing ? " opening" : ""}`}
            onClick={() => choose(each)}
          >
            {words.call.modes[each]}
          </Button>
        ))}
        {mode === "takeover" && (
          <Button icon="back" tone="main" hotkey="g" onClick={giveBack}>
            {words.call.giveBack}
          </Button>
        )}
      </div>
      <div className="acts">
        <Button
          icon="coach"
          hotkey="c"
          why={why("coach")}
          aria-expanded={sheet === "coach"}
          onClick={() => open("coach")}
        >
          {words.call.coach}
        </Button>
        <Button
          icon="transfer"
          hotkey="x"
          why={why("transfer")}
          aria-expanded={sheet === "transfer"}
          onClick={() => open("transfer")}
        >
          {words.call.transfer}
        </Button>
        <Button
          icon="note"
          hotkey="n"
          why={why("note")}
          aria-expanded={sheet === "note"}
          onClick={() => open("note")}
        >
          {words.call.noteTitle}
        </Button>
        {call.needs.includes("help") && !may("calls.act") && (
          <Button icon="check" onClick={() => void post(`${at}/help`, { on: false }).catch(fail)}>
            {words.call.helpDone}
          </Button>
        )}
        <Button
          icon="hangup"
          tone="danger"
          why={why("hangup")}
          aria-expanded={sheet === "hangup"}
          onClick={() => open("hangup")}
        >
          {words.call.hangUp}
        </Button>
      </div>
    </section>
  );
}
