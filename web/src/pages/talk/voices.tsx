import { useEffect, useRef } from "react";
import type { Session } from "../../room/session";
import { useWords } from "../../words/all";

/** Two circles that grow with the two voices: enough to see that one is heard. */
export function Voices({ session }: { session: Session }) {
  const { talk } = useWords();
  const us = useRef<HTMLDivElement>(null);
  const me = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      const levels = session.levels();
      us.current?.style.setProperty("--level", String(levels?.ours ?? 0));
      me.current?.style.setProperty("--level", String(levels?.me ?? 0));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [session]);
  return (
    <div className="voices" aria-hidden="true">
      <div className="voice us" ref={us}>
        <i />
        <span>{talk.us}</span>
      </div>
      <div className="voice me" ref={me}>
        <i />
        <span>{talk.you}</span>
      </div>
    </div>
  );
}
