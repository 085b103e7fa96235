import { useState } from "react";
import { put } from "../../api/client";
import { live } from "../../api/feed";
import type { Seat, SeatState } from "../../api/types";
import { Lamp } from "../../parts/lamp";
import { useMe } from "../../parts/me";
import { useErrorText } from "../../ui/empty";
import { useKeys } from "../../ui/keys";
import { useNow } from "../../ui/now";
import { allowRinging } from "../../ui/ringer";
import { clock, secondsSince } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";

import { LineSwitch } from "./line";

const CHOICES: SeatState[] = ["ready", "not_ready", "wrap_up"];

/** The agent's own state. Choosing Ready is also the click after which the browser may ring. */
export function SeatBar({ seat }: { seat: Seat | null }) {
  const { desk, why, keys } = useWords();
  const me = useMe();
  const now = useNow();
  const text = useErrorText();
  const [reason, setReason] = useState("");
  const state = seat?.state ?? "offline";
  const engaged = state === "busy" || state === "ringing";
  const choose = async (wanted: SeatState, because = reason) => {
    if (engaged && wanted === "ready") return toast(why.onCall);
    allowRinging();
    try {
      const body = { state: wanted, reason: wanted === "not_ready" ? because : "" };
      live.seat(await put<Seat>("/api/desk", body));
    } catch (error) {
      toast(text(error), true);
    }
  };
  useKeys([
    {
      keys: "r",
      group: "desk",
      what: keys.ready,
      run: () => void choose(state === "ready" ? "not_ready" : "ready"),
    },
  ]);
  return (
    <header className="seatbar">
      <h1>{desk.title}</h1>
      <p className={`state big ${state}`}>
        <Lamp state={state} />
        <span>{desk.states[state]}</span>
        {seat && <span className="num dim">{clock(secondsSince(seat.since, now))}</span>}
      </p>
      <div role="group" aria-label={desk.choose} className="segmented">
        {CHOICES.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={state === each}
            aria-disabled={engaged && each === "ready" ? true : undefined}
            onClick={() => void choose(each)}
          >
            {desk.states[each]}
          </button>
        ))}
      </div>
      {state === "not_ready" && (
        <label className="inline">
          <span className="sr">{desk.reason}</span>
          <select
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
              void choose("not_ready", event.target.value);
            }}
          >
            {Object.entries(desk.reasons).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </label>
      )}
      <LineSwitch seat={seat} />
      <p className="dim small skills">
        {desk.skills}: {me.skills.length > 0 ? me.skills.join(", ") : desk.noSkills}
      </p>
    </header>
  );
}
