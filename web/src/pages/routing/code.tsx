import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { get } from "../../api/client";
import { Failure, Loading } from "../../ui/empty";
import { useWords } from "../../words/all";
import type { Editor } from "./editor";
import type { Draft } from "./plan";
import type { Schema } from "./schema";

export interface Place {
  file: string;
  line: number;
  column: number;
}

interface Props {
  draft: Draft;
  file: string;
  onFile: (path: string) => void;
  place: Place | null;
}

/** CodeMirror, loaded when this page is opened, and the tabs of the plan's files above it. */
export function CodePane({ draft, file, onFile, place }: Props) {
  const { routing } = useWords();
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const schema = useQuery({
    queryKey: ["routing-schema"],
    queryFn: () => get<Schema>("/api/routing/schema"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const latest = useRef({ draft, file, schema: schema.data ?? null });
  latest.current = { draft, file, schema: schema.data ?? null };
  const text = draft.files.find((each) => each.path === file)?.text ?? "";

  useEffect(() => {
    let made: Editor | null = null;
    let gone = false;
    import("./editor").then(
      ({ makeEditor }) => {
        if (gone || !host.current) return;
        made = makeEditor({
          parent: host.current,
          label: routing.editor(""),
          readOnly: false,
          schema: () => latest.current.schema,
          onChange: (now) => latest.current.draft.edit(latest.current.file, now),
        });
        setEditor(made);
      },
      (error: unknown) => setFailed(error),
    );
    return () => {
      gone = true;
      made?.destroy();
      setEditor(null);
    };
  }, [routing]);
  useEffect(() => editor?.show(text, /\.ya?ml$/.test(file)), [editor, text, file]);
  useEffect(
    () => editor?.problems(draft.problems.filter((each) => each.file === file)),
    [editor, draft.problems, file],
  );
  useEffect(() => {
    if (editor && place?.file === file) editor.goTo(place.line, place.column);
  }, [editor, place, file]);

  const bad = new Set(draft.problems.map((each) => each.file));
  return (
    <>
      <div className="files" role="group" aria-label={routing.files}>
        {draft.files.map(({ path }) => (
          <button
            key={path}
            type="button"
            aria-pressed={path === file}
            className={bad.has(path) ? "flawed" : ""}
            title={path}
            onClick={() => onFile(path)}
          >
            {path.slice(path.lastIndexOf("/") + 1)}
          </button>
        ))}
      </div>
      {failed !== null && <Failure error={failed} />}
      {!editor && failed === null && <Loading />}
      <div className="code" ref={host} />
    </>
  );
}
