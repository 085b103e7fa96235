/** Who does something in a call, or where it goes: `agent ann`, `queue support`. */
export interface Actor {
  kind: string;
  name: string;
}

const PEOPLE = ["agent", "supervisor"];

/** As the gateway reads it (dialplans/contracts/actor.py): one word is a kind without a name, and
 * whoever took over may be named with both words: `supervisor agent ann` is `agent ann`. */
export function actorOf(text: string): Actor {
  const [kind = "", ...rest] = text.trim().split(" ");
  const [inner = "", ...more] = rest;
  if (more.length > 0 && PEOPLE.includes(inner)) return { kind: inner, name: more.join(" ") };
  return { kind, name: rest.join(" ") };
}
