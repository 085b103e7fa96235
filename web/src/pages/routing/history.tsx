import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post } from "../../api/client";
import { usePlan } from "../../api/feed";
import type { Applied, PlanFile, RevisionEntry } from "../../api/types";
import { useMay } from "../../parts/me";
import { Button } from "../../ui/button";
import { Failure, Loading } from "../../ui/empty";
import { moment } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useLanguage, useWords } from "../../words/all";
import type { Draft } from "./plan";

/** What was live when, and the way back to it in two clicks. */
export function PlanHistory({ draft }: { draft: Draft }) {
  const { routing, why } = useWords();
  const words = routing.history;
  const language = useLanguage();
  const may = useMay();
  const client = useQueryClient();
  const announced = usePlan();
  const [sure, setSure] = useState<string | null>(null);
  const list = useQuery({
    queryKey: ["routing-history", announced],
    queryFn: () => get<{ items: RevisionEntry[] }>("/api/routing/history"),
  });
  const back = useMutation({
    mutationFn: (revision: string) => post<Applied>("/api/routing/rollback", { revision }),
    onSuccess: ({ revision }) => {
      setSure(null);
      draft.discard();
      toast(words.done(revision.slice(0, 8)));
      void client.invalidateQueries({ queryKey: ["routing"] });
      void client.invalidateQueries({ queryKey: ["routing-history"] });
    },
  });
  const show = async (revision: string) => {
    const { files } = await get<{ files: PlanFile[] }>(`/api/routing/revisions/${revision}`);
    draft.replace(files);
  };
  if (list.isPending) return <Loading />;
  if (list.error) return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  if (list.data.items.length === 0) return <p className="dim">{words.none}</p>;
  return (
    <>
      {back.error && <Failure error={back.error} />}
      <ol className="revisions">
        {list.data.items.map((each) => (
          <li key={`${each.revision}${each.at}`} className={each.current ? "current" : ""}>
            <div>
              <code>{each.revision.slice(0, 8)}</code>{" "}
              {each.current && <strong>{words.current}</strong>}
              {each.rollback && <em className="dim"> {words.rolledBack}</em>}
              {each.changes.slice(0, 3).map((change) => (
                <p key={change} className="small">
                  {change}
                </p>
              ))}
              {each.changes.length > 3 && (
                <p className="small dim">{words.more(each.changes.length - 3)}</p>
              )}
              <p className="dim small">
                {routing.by(each.author, moment(each.at, language, Date.now()))}
              </p>
            </div>
            <div className="revision-acts">
              <Button
                tone="quiet"
                onClick={() =>
                  void show(each.revision).catch((e: unknown) => toast(String(e), true))
                }
              >
                {words.show}
              </Button>
              {sure === each.revision ? (
                <Button tone="danger" onClick={() => back.mutate(each.revision)}>
                  {words.sure(each.revision.slice(0, 8))}
                </Button>
              ) : (
                <Button
                  why={may("routing.apply") ?? (each.current ? why.current : null)}
                  onClick={() => setSure(each.revision)}
                >
                  {words.rollback}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}
