import type { Call, Me } from "../../api/types";

const SPEAKS = "speaks:";
const base = (language: string) => language.split("-")[0];

/** Whether a waiting call is in a queue of mine: my skills and languages open it, or my role all. */
export function inMyQueue({ wanted }: Pick<Call, "wanted">, me: Me): boolean {
  if (!wanted) return false;
  if (me.may.includes("calls.takeover")) return true;
  const spoken = me.skills.filter((skill) => skill.startsWith(SPEAKS));
  const tongues = spoken.map((skill) => base(skill.slice(SPEAKS.length)));
  return (
    (wanted.skills ?? []).every((skill) => me.skills.includes(skill)) &&
    (tongues.length === 0 || tongues.includes(base(wanted.language ?? "en")))
  );
}
