import { useState } from "react";
import type { CallDetail } from "../../api/types";
import { useMay } from "../../parts/me";
import { clock, timeOfDay } from "../../ui/time";
import { useLanguage, useWords } from "../../words/all";

type Sound = CallDetail["sounds"][number];

const PLACES = { recording: "recordings", message: "messages" } as const;
const RIGHTS = { recording: "recordings.hear", message: "messages.hear" } as const;

/** What was kept of the sound of a call. Nothing is asked for before somebody presses play. */
export function Sounds({ call, sounds }: { call: string; sounds: readonly Sound[] }) {
  return (
    <ul className="sounds">
      {sounds.map((sound) => (
        <li key={sound.id}>
          <OneSound call={call} sound={sound} />
        </li>
      ))}
    </ul>
  );
}

function OneSound({ call, sound }: { call: string; sound: Sound }) {
  const { history } = useWords();
  const language = useLanguage();
  const may = useMay();
  const [broken, setBroken] = useState(false);
  const name =
    sound.kind === "message" ? history.messageIn(sound.mailbox ?? "") : history.recording;
  const not = may(RIGHTS[sound.kind]);
  const day = sound.until
    ? new Date(`${sound.until}T12:00`).toLocaleDateString(language, { dateStyle: "medium" })
    : null;
  return (
    <>
      <p>
        <strong>{name}</strong>{" "}
        <span className="num dim">
          {timeOfDay(sound.at, language)} · {clock(sound.seconds)}
          {day && ` · ${history.keptUntil(day)}`}
        </span>
      </p>
      {sound.text && <p className="quote">{sound.text}</p>}
      {!sound.there || broken ? (
        <p className="dim">{history.soundGone}</p>
      ) : not ? (
        <p className="dim">{not}</p>
      ) : (
        // biome-ignore lint/a11y/useMediaCaption: what is said in it is the transcript beside it
        <audio
          controls
          preload="none"
          aria-label={name}
          src={`/api/calls/${encodeURIComponent(call)}/${PLACES[sound.kind]}/${encodeURIComponent(sound.id)}`}
          onError={() => setBroken(true)}
        />
      )}
    </>
  );
}
