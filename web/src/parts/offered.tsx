import { useEffect } from "react";
import { useLocation } from "wouter";
import { post } from "../api/client";
import type { Connection, Offer } from "../api/types";
import { paths } from "../paths";
import { Button } from "../ui/button";
import { useErrorText } from "../ui/empty";
import { Icon } from "../ui/icon";
import { useKeys } from "../ui/keys";
import { useNow } from "../ui/now";
import { startRinging } from "../ui/ringer";
import { toast } from "../ui/toast";
import { useWords } from "../words/all";
import { session } from "./air";
import { callerText } from "./calltext";
import { useSeat } from "./seat";

interface Accepted {
  connections: Connection[];
}

/** Taking an offer joins its room with the very connections that accepting it grants. */
export function takeOffer(offer: Offer, onError: (error: unknown) => void): void {
  session.want(offer.call, "desk", async () => {
    try {
      const accepted = await post<Accepted>(`/api/desk/offers/${offer.id}/accept`);
      return { open: accepted.connections, close: [] };
    } catch (error) {
      onError(error);
      throw error;
    }
  });
}

export function Offered({ offer }: { offer: Offer }) {
  const words = useWords();
  const { desk } = words;
  const now = useNow();
  const [, go] = useLocation();
  const seat = useSeat();
  const onCall = seat?.state === "busy" && seat.call === offer.call;
  const text = useErrorText();
  const left = Math.max(0, Math.ceil((Date.parse(offer.expires_at) - now) / 1000));
  const take = () => {
    takeOffer(offer, (error) => toast(text(error), true));
    go(paths.desk);
  };
  const decline = () => {
    post(`/api/desk/offers/${offer.id}/decline`, { reason: "" }).catch((error: unknown) =>
      toast(text(error), true),
    );
  };
  const telephone = offer.by === "telephone";
  useEffect(() => {
    const title = document.title;
    document.title = `● ${desk.ringing}`;
    // The telephone rings for itself.
    const quiet = telephone ? () => {} : startRinging();
    return () => {
      quiet();
      document.title = title;
    };
  }, [desk.ringing, telephone]);
  const moves = telephone && offer.frm === offer.to && onCall;
  const verb = telephone ? desk.takeHere : desk.take;
  useKeys([{ keys: "Enter", group: "desk", what: verb, run: () => moves || take() }]);
  return (
    <section className="ring" aria-label={desk.ringing} role="alertdialog" aria-live="assertive">
      <Icon name="phone" size={22} />
      <div className="ring-words">
        <strong>{desk.ringingFor(callerText({ ...offer, direction: "in" }, words))}</strong>
        <span>
          {telephone ? `${desk.onYourTelephone} ` : ""}
          {moves ? "" : offer.summary || offer.reason || desk.noSummary}
        </span>
      </div>
      <span className="num dim">{desk.expires(left)}</span>
      <Button tone="quiet" onClick={decline}>
        {desk.decline}
      </Button>
      {!moves && (
        <Button
          tone={telephone ? "plain" : "main"}
          icon={telephone ? "barge" : "phone"}
          hotkey="Enter"
          onClick={take}
        >
          {verb}
        </Button>
      )}
    </section>
  );
}
