import { useEffect, useRef } from "react";
import { useWords } from "../words/all";
import { session, useAir } from "./air";

const SEGMENTS = 14;

/**
 * Both sides of the line, drawn from the sound itself. It writes to the page directly, sixty times
 * a second, so that nothing else has to render for it.
 */
export function Levels() {
  const air = useAir();
  const { call } = useWords();
  const caller = useRef<HTMLDivElement>(null);
  const ours = useRef<HTMLDivElement>(null);
  const on = air.open.length > 0;
  useEffect(() => {
    if (!on) return;
    let frame = 0;
    const draw = () => {
      const now = session.levels();
      const me = now ? Math.max(now.ours, now.me) : 0;
      caller.current?.style.setProperty("--level", String(now?.caller ?? 0));
      ours.current?.style.setProperty("--level", String(me));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [on]);
  const bars = Array.from({ length: SEGMENTS }, (_, i) => i);
  return (
    <div
      className={on ? "levels on" : "levels"}
      role="img"
      aria-label={on ? call.levels : call.levelsHint}
    >
      <span className="small">{call.levelCaller}</span>
      <div className="level caller" ref={caller}>
        {bars.map((i) => (
          <i key={i} style={{ "--at": (SEGMENTS - 1 - i) / SEGMENTS } as React.CSSProperties} />
        ))}
      </div>
      <div className="level ours" ref={ours}>
        {bars.map((i) => (
          <i key={i} style={{ "--at": i / SEGMENTS } as React.CSSProperties} />
        ))}
      </div>
      <span className="small">{call.levelOurs}</span>
    </div>
  );
}
