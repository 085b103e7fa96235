import { useSeats } from "../api/feed";
import type { Seat } from "../api/types";
import { useMe } from "./me";

/** What the next call comes by: the telephone, if it is chosen and can be rung now. */
export const byTelephone = (seat: Seat | null | undefined): boolean =>
  seat?.registered === true && seat.listens === "telephone";

/** Whether we talk by our telephone now. */
export const onTelephone = (seat: Seat | null | undefined): boolean =>
  seat?.state === "busy" && seat.by === "telephone";

export function useSeat(): Seat | undefined {
  const me = useMe();
  return useSeats().get(me.name);
}
