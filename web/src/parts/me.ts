import { createContext, useContext } from "react";
import type { Me } from "../api/types";
import { useWords } from "../words";

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("only inside the signed-in part");
  return me;
}

/** Which role to ask for when something is not allowed; the gateway's table decides, this explains. */
const ROLE_FOR: [string, string][] = [
  ["desk.", "agent"],
  ["routing.", "operator"],
  ["users.", "admin"],
  ["keys.", "admin"],
  ["audit.", "admin"],
  ["calls.", "supervisor"],
  ["recordings.", "supervisor"],
  ["messages.", "agent"],
];

/** `why(may)` is null when it is allowed, else the sentence that a disabled button says. */
export function useMay(): (permission: string) => string | null {
  const me = useMe();
  const { why, roles } = useWords();
  return (permission) => {
    if (me.may.includes(permission)) return null;
    const role = ROLE_FOR.find(([prefix]) => permission.startsWith(prefix))?.[1] ?? "admin";
    return why.role(roles[role as keyof typeof roles]);
  };
}
