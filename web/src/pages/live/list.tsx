import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useNarrow } from "../../ui/narrow";
import { useWords } from "../../words";
import { CallRow } from "./row";

const ROW_PX = 38;
const NARROW_ROW_PX = 68;

interface Props {
  ids: string[];
  selected: string | null;
}

/** Only rows that can be seen exist; assistive technology is told how many there are. */
export function CallList({ ids, selected }: Props) {
  const { live } = useWords();
  const narrow = useNarrow();
  const box = useRef<HTMLDivElement>(null);
  const size = narrow ? NARROW_ROW_PX : ROW_PX;
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => box.current,
    estimateSize: () => size,
    overscan: 6,
    getItemKey: (index) => ids[index] ?? index,
  });
  const at = selected ? ids.indexOf(selected) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a narrow page has rows of another height
  useEffect(() => rows.measure(), [size]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the choice, not every new order
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
  }, [selected]);
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div ref={box} className="calls-scroll" role="rowgroup" tabIndex={0} aria-label={live.title}>
        <div role="presentation" style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((item) => {
            const id = ids[item.index];
            if (!id) return null;
            return (
              <div
                key={id}
                role="presentation"
                className="slot"
                style={{ height: size, transform: `translateY(${item.start}px)` }}
              >
                <CallRow id={id} index={item.index} selected={id === selected} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
