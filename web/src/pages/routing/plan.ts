import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { get, post } from "../../api/client";
import { usePlan } from "../../api/feed";
import type { Checked, LivePlan, PlanFile, PlanProblem } from "../../api/types";

const PAUSE_MS = 350;

export const sameFiles = (a: readonly PlanFile[], b: readonly PlanFile[]): boolean =>
  a.length === b.length &&
  a.every((file, i) => file.path === b[i]?.path && file.text === b[i]?.text);

export interface Draft {
  files: PlanFile[];
  /** The revision that the draft started from; applying over another one is refused. */
  base: string | null;
  changed: boolean;
  /** Nothing is live yet: the text as it stands may be applied without a change. */
  first: boolean;
  problems: readonly PlanProblem[];
  checking: boolean;
  sound: boolean;
  /** The gateway could not be asked: then nothing is known about the text. */
  unchecked: unknown;
  edit: (path: string, text: string) => void;
  replace: (files: PlanFile[]) => void;
  discard: () => void;
}

/** What is live, as the gateway knows it; read again when somebody applies another plan. */
export function useLivePlan() {
  const announced = usePlan();
  return useQuery({
    queryKey: ["routing", announced],
    queryFn: ({ signal }) => get<LivePlan>("/api/routing", undefined, signal),
    placeholderData: keepPreviousData,
  });
}

interface Check {
  result: Checked | null;
  checking: boolean;
  failed: unknown;
}

function useChecked(files: readonly PlanFile[]): Check {
  const [settled, setSettled] = useState(files);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(files), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [files]);
  const check = useQuery({
    queryKey: ["routing-check", settled],
    queryFn: () => post<Checked>("/api/routing/check", { files: settled }),
    enabled: settled.length > 0,
    gcTime: 0,
  });
  const checking = check.isFetching || settled !== files;
  return { result: check.data ?? null, checking, failed: check.error };
}

export function useDraft(plan: LivePlan): Draft {
  const [edited, setEdited] = useState<PlanFile[] | null>(null);
  const [base, setBase] = useState(plan.revision);
  const files = edited ?? plan.files;
  const changed = edited !== null && !sameFiles(edited, plan.files);
  const { result, checking, failed } = useChecked(files);
  // Without edits the page shows what is live; with edits it keeps what they started from.
  useEffect(() => {
    if (!changed) setBase(plan.revision);
  }, [changed, plan.revision]);
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [changed]);
  return useMemo(
    () => ({
      files,
      base,
      changed,
      first: plan.revision === null,
      checking,
      problems: result?.problems ?? [],
      unchecked: failed,
      sound: result?.ok === true && !checking,
      edit: (path: string, text: string) =>
        setEdited((before) =>
          (before ?? plan.files).map((file) => (file.path === path ? { path, text } : file)),
        ),
      replace: setEdited,
      discard: () => setEdited(null),
    }),
    [files, base, changed, checking, failed, result, plan.files, plan.revision],
  );
}
