import { Link, useLocation } from "wouter";
import { useCall } from "../api/row";
import { paths } from "../paths";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { useWords } from "../words";
import { session, useAir, useHearing } from "./air";
import { useMe } from "./me";
import { onTelephone, useSeat } from "./seat";

/**
 * The one sentence: who can hear you, on every page, from where the microphone really is. It turns
 * solid while somebody can.
 */
export function AirBar() {
  const air = useAir();
  const me = useMe();
  const words = useWords();
  const call = useCall(air.call ?? "");
  const heard = useHearing(call?.listeners ?? [], me.name);
  const [location] = useLocation();
  const place = air.want === "desk" ? paths.desk : paths.liveCall(air.call ?? "");
  const there = location === place;
  const names = heard.who.map((one) => words.sentence.person(one.kind, one.name));
  const telephone = onTelephone(useSeat()) && !air.call;
  const told = telephone
    ? words.sentence.onTelephone
    : air.fault
      ? words.sentence.faults[air.fault]
      : words.sentence.say(heard, names);
  const audience = air.mic === "call" ? "air" : air.mic === "side" ? "side" : air.call ? "tap" : "";
  return (
    <section className={`airbar ${audience}`} aria-label={words.sentence.label}>
      <p role="status" aria-live="assertive" data-testid="sentence">
        <Icon name={air.mic ? "barge" : air.call ? "ear" : telephone ? "phone" : "mute"} />
        <span>{told}</span>
      </p>
      {air.call && !there && (
        <Link className="button quiet" href={place}>
          <span>{words.sentence.toCall}</span>
        </Link>
      )}
      {air.call && (
        <Button
          tone="plain"
          icon="stop"
          hotkey={words.sentence.stopHint}
          onClick={() => session.hush()}
        >
          {words.sentence.stop}
        </Button>
      )}
    </section>
  );
}
