import { useSyncExternalStore } from "react";
import { post } from "../../api/client";
import { live, useOrder } from "../../api/feed";
import { useCall } from "../../api/row";
import type { Connection } from "../../api/types";
import { session } from "../../parts/air";
import { callerText } from "../../parts/calltext";
import { useMe } from "../../parts/me";
import { Button } from "../../ui/button";
import { useErrorText } from "../../ui/empty";
import { useNow } from "../../ui/now";
import { clock, secondsSince } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";
import { inMyQueue } from "./queue";

function Waiting({ id, busy, rings }: { id: string; busy: boolean; rings: boolean }) {
  const words = useWords();
  const call = useCall(id);
  const now = useNow();
  const text = useErrorText();
  const me = useMe();
  if (!call) return null;
  const why = busy ? words.why.onCall : inMyQueue(call, me) ? null : words.desk.notMine;
  const take = async () => {
    try {
      const path = `/api/desk/calls/${encodeURIComponent(id)}/take`;
      const taken = await post<{ connections: Connection[] }>(path);
      return { open: taken.connections, close: [] };
    } catch (error) {
      toast(text(error), true);
      throw error;
    }
  };
  // On a telephone it rings first: the call is ours when it is answered there.
  const pickUp = () => {
    if (rings) void take().catch(() => {});
    else session.want(id, "desk", take);
  };
  return (
    <li>
      <div>
        <strong className="num">{callerText(call, words)}</strong>{" "}
        <span className="num waitfor">
          {clock(secondsSince(call.wanted?.at ?? call.state_since, now))}
        </span>
        <p className="dim small">
          {[call.wanted?.reason, call.wanted?.skills?.join(", ")].filter(Boolean).join(" · ")}
        </p>
      </div>
      <Button icon="phone" why={why} onClick={pickUp}>
        {words.desk.pickUp}
      </Button>
    </li>
  );
}

/** Everybody who waits for a person, longest first; the offer goes out by itself, this is for choosing. */
export function WaitingList({ busy, rings }: { busy: boolean; rings: boolean }) {
  const { desk } = useWords();
  const order = useOrder();
  // A row's state can change without the order changing, so ask for the joined ids themselves.
  const waiting = useSyncExternalStore(live.watch, () =>
    order.filter((id) => live.call(id)?.state === "waiting").join(" "),
  );
  const ids = waiting ? waiting.split(" ") : [];
  return (
    <section className="card">
      <h2>
        {desk.waiting} <span className="dim num">{ids.length}</span>
      </h2>
      {ids.length === 0 ? (
        <div className="dim">
          <p>{desk.waitingEmpty}</p>
          <p className="small">{desk.waitingHint}</p>
        </div>
      ) : (
        <ul className="waiting">
          {ids.map((id) => (
            <Waiting key={id} id={id} busy={busy} rings={rings} />
          ))}
        </ul>
      )}
    </section>
  );
}
