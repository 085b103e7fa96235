import { useErrorText } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { useWords } from "../../words/all";
import type { Place } from "./code";
import type { Draft } from "./plan";

/** Every problem at its place, whichever file is open; a click goes there. */
export function Problems({ draft, onPlace }: { draft: Draft; onPlace: (place: Place) => void }) {
  const { routing } = useWords();
  const { problems, checking } = draft;
  const errors = problems.filter((each) => each.severity === "error").length;
  const text = useErrorText();
  const told = checking
    ? `${routing.checking}…`
    : draft.unchecked
      ? text(draft.unchecked)
      : problems.length > 0
        ? routing.problemCount(errors, problems.length - errors)
        : routing.ok;
  return (
    <section className="problems" aria-label={routing.problems}>
      <p className={errors > 0 || draft.unchecked ? "bad" : "dim"} role="status">
        {told}
      </p>
      {problems.length > 0 && (
        <ul>
          {problems.map((each) => (
            <li key={`${each.file}${each.line}${each.column}${each.code}${each.message}`}>
              <button type="button" onClick={() => onPlace(each)} className={each.severity}>
                <Icon name={each.severity === "error" ? "cross" : "warn"} size={14} />
                <code>
                  {each.file}:{each.line}:{each.column}
                </code>
                <span>
                  <b>{each.code}</b> {each.message}{" "}
                  {each.suggestion && <em>({each.suggestion})</em>}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
