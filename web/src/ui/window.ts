import { type RefObject, useLayoutEffect, useState } from "react";

const OVERSCAN = 6;

export interface Slice {
  first: number;
  end: number;
}

/** Which rows of one height can be seen, with a few more on either side. */
export function slice(scrollTop: number, height: number, row: number, count: number): Slice {
  const first = Math.max(0, Math.floor(scrollTop / row) - OVERSCAN);
  const end = Math.min(count, Math.ceil((scrollTop + height) / row) + OVERSCAN);
  return { first: Math.min(first, end), end };
}

/** Where to scroll so that a row is in view; null when it is already. */
export function scrollFor(
  index: number,
  scrollTop: number,
  height: number,
  row: number,
): number | null {
  const top = index * row;
  if (top < scrollTop) return top;
  return top + row > scrollTop + height ? top + row - height : null;
}

/**
 * Rows of a list that exist only while they can be seen. All rows are of one height, which is what
 * makes this thirty lines and not a library.
 */
export function useWindow(box: RefObject<HTMLElement | null>, row: number, count: number): Slice {
  const [now, setNow] = useState<Slice>({ first: 0, end: Math.min(count, 40) });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const read = () =>
      setNow((before) => {
        const next = slice(element.scrollTop, element.clientHeight, row, count);
        return next.first === before.first && next.end === before.end ? before : next;
      });
    read();
    element.addEventListener("scroll", read, { passive: true });
    const resized = new ResizeObserver(read);
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", read);
      resized.disconnect();
    };
  }, [box, row, count]);
  return now;
}
