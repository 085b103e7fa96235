import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get } from "../../api/client";
import { live, useOrder, useSeats } from "../../api/feed";
import { useCall } from "../../api/row";
import type { DeskPicture } from "../../api/types";
import { session } from "../../parts/air";
import { useMe } from "../../parts/me";
import { byTelephone, onTelephone } from "../../parts/seat";
import { Empty, Failure, Loading } from "../../ui/empty";
import { useTitle } from "../../ui/title";
import { useWords } from "../../words/all";
import { DeskCall } from "./call";
import { Microphone } from "./microphone";
import { SeatBar } from "./seat";
import { Team } from "./team";
import { WaitingList } from "./waiting";
import "../../styles/desk.css";

/** A human agent's place: am I ready, who waits, the call I have, and does my microphone work. */
export function Desk() {
  const words = useWords();
  const me = useMe();
  const seats = useSeats();
  const order = useOrder();
  useTitle(words.desk.title);
  const desk = useQuery({
    queryKey: ["desk"],
    queryFn: ({ signal }) => get<DeskPicture>("/api/desk", undefined, signal),
  });
  useEffect(() => void session.warm().catch(() => {}), []);
  const seat = seats.get(me.name) ?? desk.data?.me ?? null;
  // What the stream shows is newer than what was fetched; the fetch only bridges the first moment.
  const streamed = order.find((id) => {
    const call = live.call(id);
    return call?.holder.kind === "agent" && call.holder.name === me.name && !call.ended_at;
  });
  const held = seat?.state === "busy" ? seat.call : null;
  const mine = held ?? streamed ?? desk.data?.mine[0]?.id ?? null;
  const call = useCall(mine ?? "");
  if (desk.isPending) return <Loading />;
  if (desk.error) return <Failure error={desk.error} onRetry={() => void desk.refetch()} />;
  return (
    <div className="desk">
      <SeatBar seat={seat} />
      <div className="desk-body">
        <div className="desk-main">
          {call && !call.ended_at ? (
            <DeskCall key={call.id} call={call} telephone={onTelephone(seat)} />
          ) : (
            <Empty
              title={words.desk.mineNone}
              hint={seat?.state === "ready" ? words.desk.idleReady : words.desk.idleAway}
            />
          )}
        </div>
        <aside className="desk-side">
          <WaitingList busy={Boolean(call && !call.ended_at)} rings={byTelephone(seat)} />
          <Microphone />
          <Team />
        </aside>
      </div>
    </div>
  );
}
