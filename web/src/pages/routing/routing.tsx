import { useState } from "react";
import type { LivePlan } from "../../api/types";
import { useMay } from "../../parts/me";
import { Button } from "../../ui/button";
import { Empty, Failure, Loading } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { moment } from "../../ui/time";
import { useTitle } from "../../ui/title";
import { useLanguage, useWords } from "../../words/all";
import { Calendar } from "./calendar";
import { Changes } from "./changes";
import { CodePane, type Place } from "./code";
import { Explain } from "./explain";
import { PlanHistory } from "./history";
import { Picture } from "./picture";
import { type Draft, useDraft, useLivePlan } from "./plan";
import { Problems } from "./problems";
import { Tests } from "./tests";
import "../../styles/call.css";
import "../../styles/panels.css";
import "../../styles/routing.css";

type PanelName = "explain" | "tests" | "calendar" | "picture" | "changes" | "history";
const PANELS: PanelName[] = ["explain", "tests", "calendar", "picture", "changes", "history"];

function Panel({
  name,
  draft,
  onPlace,
}: {
  name: PanelName;
  draft: Draft;
  onPlace: (place: Place) => void;
}) {
  switch (name) {
    case "explain":
      return <Explain draft={draft} />;
    case "tests":
      return <Tests draft={draft} onPlace={onPlace} />;
    case "calendar":
      return <Calendar draft={draft} />;
    case "picture":
      return <Picture draft={draft} />;
    case "changes":
      return <Changes draft={draft} />;
    case "history":
      return <PlanHistory draft={draft} />;
  }
}

function Workbench({ plan }: { plan: LivePlan }) {
  const { routing } = useWords();
  const language = useLanguage();
  const may = useMay();
  const draft = useDraft(plan);
  const [panel, setPanel] = useState<PanelName>("explain");
  const [wide, setWide] = useState(false);
  const [place, setPlace] = useState<Place | null>(null);
  const [file, setFile] = useState(plan.files[0]?.path ?? "");
  const goTo = (to: Place) => {
    setFile(to.file);
    setPlace({ ...to });
  };
  const by =
    plan.author && plan.at ? routing.by(plan.author, moment(plan.at, language, Date.now())) : "";
  return (
    <div className="routing">
      <header className="bar">
        <h1>{routing.title}</h1>
        <p className="dim small">
          {plan.revision ? routing.liveRevision(plan.revision.slice(0, 8)) : routing.notLive} {by}
        </p>
        {!plan.in_step && plan.revision && (
          <p className="warnline small">
            <Icon name="warn" size={14} /> {routing.outOfStep}
          </p>
        )}
        {may("routing.apply") && <p className="dim small">{routing.readOnly}</p>}
        {draft.changed && (
          <p className="unsaved">
            <strong>{routing.unsaved}</strong>
            <Button tone="quiet" onClick={draft.discard}>
              {routing.discard}
            </Button>
            <Button tone="main" onClick={() => setPanel("changes")}>
              {routing.panels.changes}
            </Button>
          </p>
        )}
      </header>
      <div className={panel === "picture" && wide ? "routing-body wide" : "routing-body"}>
        <div className="routing-code">
          <CodePane draft={draft} file={file} onFile={setFile} place={place} />
          <Problems draft={draft} onPlace={goTo} />
        </div>
        <div className="routing-side">
          <div role="tablist" aria-label={routing.title} className="segmented tabs">
            {PANELS.map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`tab-${name}`}
                aria-selected={panel === name}
                aria-controls="routing-panel"
                tabIndex={panel === name ? 0 : -1}
                onClick={() => setPanel(name)}
                onKeyDown={(event) => {
                  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                  const next = PANELS[(PANELS.indexOf(name) + by + PANELS.length) % PANELS.length];
                  if (!by || !next) return;
                  setPanel(next);
                  document.getElementById(`tab-${next}`)?.focus();
                }}
              >
                {routing.panels[name]}
              </button>
            ))}
          </div>
          <div
            id="routing-panel"
            role="tabpanel"
            aria-labelledby={`tab-${panel}`}
            className="panel"
          >
            {panel === "picture" && (
              <Button aria-pressed={wide} onClick={() => setWide(!wide)}>
                {wide ? routing.picture.beside : routing.picture.wide}
              </Button>
            )}
            <Panel name={panel} draft={draft} onPlace={goTo} />
          </div>
        </div>
      </div>
    </div>
  );
}

/** The dialplan: write it, see what is wrong, try it, see what it changes, then make it live. */
export function Routing() {
  const { routing } = useWords();
  const plan = useLivePlan();
  useTitle(routing.title);
  if (plan.isPending) return <Loading />;
  if (plan.error) return <Failure error={plan.error} onRetry={() => void plan.refetch()} />;
  if (plan.data.files.length === 0)
    return <Empty title={routing.noPlan} hint={routing.noPlanHint} />;
  return <Workbench plan={plan.data} />;
}
