import { useEffect, useRef } from "react";
import { useNarrow } from "../../ui/narrow";
import { scrollFor, useWindow } from "../../ui/window";
import { useWords } from "../../words";
import { CallRow } from "./row";

const ROW_PX = 34;
const NARROW_ROW_PX = 62;

interface Props {
  ids: string[];
  selected: string | null;
}

/** Only rows that can be seen exist; assistive technology is told how many there are. */
export function CallList({ ids, selected }: Props) {
  const { live } = useWords();
  const row = useNarrow() ? NARROW_ROW_PX : ROW_PX;
  const box = useRef<HTMLDivElement>(null);
  const { first, end } = useWindow(box, row, ids.length);
  const at = useRef(-1);
  at.current = selected ? ids.indexOf(selected) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the choice, not every new order
  useEffect(() => {
    const element = box.current;
    if (!element || at.current < 0) return;
    const top = scrollFor(at.current, element.scrollTop, element.clientHeight, row);
    if (top !== null) element.scrollTop = top;
  }, [selected, row]);
  const { columns } = live;
  return (
    <div role="table" aria-label={live.title} aria-rowcount={ids.length + 1} className="calls">
      <div role="row" className="row head" aria-rowindex={1}>
        <span role="columnheader">{columns.state}</span>
        <span role="columnheader">{columns.caller}</span>
        <span role="columnheader">{columns.called}</span>
        <span role="columnheader">{columns.holder}</span>
        <span role="columnheader">{columns.time}</span>
        <span role="columnheader">{columns.gap}</span>
        <span role="columnheader">{columns.last}</span>
      </div>
      <div ref={box} className="calls-scroll" role="rowgroup" tabIndex={0}>
        <div role="presentation" style={{ height: ids.length * row, position: "relative" }}>
          {ids.slice(first, end).map((id, i) => (
            <div
              key={id}
              role="presentation"
              className="slot"
              style={{ height: row, transform: `translateY(${(first + i) * row}px)` }}
            >
              <CallRow id={id} index={first + i} selected={id === selected} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
