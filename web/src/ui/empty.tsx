import type { ReactNode } from "react";
import { codeOf } from "../api/problem";
import { useWords } from "../words";
import { Button } from "./button";

interface EmptyProps {
  title: string;
  hint?: string;
  children?: ReactNode;
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, hint, children }: EmptyProps) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}

export function useErrorText(): (error: unknown) => string {
  const { errors } = useWords();
  return (error) => {
    const code = codeOf(error);
    const own = errors[code];
    if (own) return own;
    return error instanceof Error && error.message ? error.message : (errors.unexpected ?? "");
  };
}

/** Any error as one sentence, with the way out beside it. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const text = useErrorText();
  const { app } = useWords();
  return (
    <div className="empty failure" role="alert">
      <p className="empty-title">{text(error)}</p>
      {onRetry && <Button onClick={onRetry}>{app.retry}</Button>}
    </div>
  );
}

export function Loading({ what }: { what?: string }) {
  const { app } = useWords();
  return (
    <p className="loading" role="status">
      {what ?? app.loading}…
    </p>
  );
}
