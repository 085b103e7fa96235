const MASK = /[•*]/;

/**
 * A number as people read it: groups of three after the country code. What the gateway
 * masked stays masked, and what is not a number (a withheld caller, a name) stays what it is.
 */
export function readable(number: string): string {
  if (!/^\+[\d•*]+$/.test(number)) return number;
  const country = number
    .slice(1)
    .match(/^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/);
  const code = country?.[0] ?? number.slice(1, 3);
  const rest = number.slice(1 + code.length);
  return `+${code} ${threes(rest).join(" ")}`.trim();
}

/** Groups of three; a group of two in front or of four at the end takes what is left over. */
function threes(digits: string): string[] {
  const over = digits.length % 3;
  const head = over === 2 ? 2 : Math.min(3, digits.length);
  const groups = [digits.slice(0, head)];
  let at = head;
  while (digits.length - at > 4) {
    groups.push(digits.slice(at, at + 3));
    at += 3;
  }
  if (at < digits.length) groups.push(digits.slice(at));
  return groups;
}

/** Masked numbers are read out as such and not as a row of dots. */
export const masked = (number: string): boolean => MASK.test(number);
