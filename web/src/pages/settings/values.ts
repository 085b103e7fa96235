const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP = 5;

/** Without signs that look like another one, in groups, so that it can be read out: 98 bits. */
export function freshPassword(): string {
  const chosen = crypto.getRandomValues(new Uint8Array(GROUPS * GROUP));
  const signs = [...chosen].map((byte) => SIGNS[byte % SIGNS.length]);
  return Array.from({ length: GROUPS }, (_, group) =>
    signs.slice(group * GROUP, (group + 1) * GROUP).join(""),
  ).join("-");
}

/** Typed with commas, semicolons or blanks between them; each once. */
export const asSkills = (text: string): string[] => [
  ...new Set(text.split(/[\s,;]+/).filter(Boolean)),
];
