import { useSeats } from "../../api/feed";
import { Lamp } from "../../parts/lamp";
import { useMe } from "../../parts/me";
import { useNow } from "../../ui/now";
import { clock, secondsSince } from "../../ui/time";
import { useWords } from "../../words/all";

const ORDER = ["ready", "ringing", "busy", "wrap_up", "not_ready"];

export function Team() {
  const { desk } = useWords();
  const me = useMe();
  const now = useNow();
  const others = [...useSeats().values()]
    .filter((seat) => seat.name !== me.name && seat.state !== "offline")
    .sort(
      (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.since < b.since ? -1 : 1),
    );
  return (
    <section className="card">
      <h2>{desk.team}</h2>
      {others.length === 0 ? (
        <p className="dim">{desk.teamEmpty}</p>
      ) : (
        <ul className="team">
          {others.map((seat) => (
            <li key={seat.name}>
              <span className={`state ${seat.state}`}>
                <Lamp state={seat.state} />
                <span>{desk.states[seat.state]}</span>
              </span>
              <span>{seat.display || seat.name}</span>
              <span className="num dim">{clock(secondsSince(seat.since, now))}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
