import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from "@codemirror/autocomplete";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { minimalSetup } from "codemirror";
import type { PlanProblem } from "../../api/types";
import { keysAt, namesFor, pathAt, type Schema, type Suggestion, valuesAt } from "./schema";

const colours = HighlightStyle.define([
  {
    tag: [tags.propertyName, tags.definition(tags.propertyName)],
    color: "var(--ring)",
    fontWeight: "550",
  },
  { tag: tags.string, color: "var(--ai)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--human)" },
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.brace], color: "var(--ink-2)" },
]);

const option = (each: Suggestion) => ({
  label: each.label,
  apply: each.kind === "key" ? `${each.label}: ` : each.label,
  type: each.kind === "key" ? "property" : "enum",
  ...(each.info ? { info: each.info } : {}),
});

function completer(schema: () => Schema | null) {
  return (context: CompletionContext): CompletionResult | null => {
    const root = schema();
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const lines = context.state.doc.toString().split("\n");
    const indent = line.text.trim() ? line.text.search(/[^\s-]|$/) : before.length;
    // `- {do: {persona: rec|` and `persona: rec|` alike: the nearest key before the cursor.
    const value = /([\w-]+):\s+(\S*)$/.exec(before);
    if (value) {
      const [, key = "", typed = ""] = value;
      const path = [...pathAt(lines, line.number - 1, indent), key];
      const found = [...namesFor(lines, key), ...(root ? valuesAt(root, path) : [])];
      if (found.length === 0 || typed.startsWith("{")) return null;
      return { from: context.pos - typed.length, options: found.map(option) };
    }
    const word = context.matchBefore(/[\w-]*$/);
    if (!root || !word || (!word.text && !context.explicit)) return null;
    const found = keysAt(root, pathAt(lines, line.number - 1, indent));
    return found.length > 0 ? { from: word.from, options: found.map(option) } : null;
  };
}

/** A problem's place as the editor counts it; a place that no longer exists is its nearest line. */
export function diagnostic(state: EditorState, problem: PlanProblem): Diagnostic {
  const line = state.doc.line(Math.min(Math.max(1, problem.line), state.doc.lines));
  const from = Math.min(line.from + Math.max(0, problem.column - 1), line.to);
  const word = /^\S+/.exec(line.text.slice(from - line.from))?.[0].length ?? 1;
  const hint = problem.suggestion ? `\n→ ${problem.suggestion}` : "";
  return {
    from,
    to: Math.max(from, Math.min(from + word, line.to)),
    severity: problem.severity === "warning" ? "warning" : "error",
    source: problem.code,
    message: problem.message + hint,
  };
}

export interface Editor {
  show(text: string, yamlFile: boolean): void;
  problems(list: readonly PlanProblem[]): void;
  goTo(line: number, column: number): void;
  destroy(): void;
}

export interface EditorOptions {
  parent: HTMLElement;
  label: string;
  readOnly: boolean;
  schema: () => Schema | null;
  onChange: (text: string) => void;
}

export function makeEditor({ parent, label, readOnly, schema, onChange }: EditorOptions): Editor {
  let loading = false;
  const extensions = (isYaml: boolean) => [
    minimalSetup,
    lineNumbers(),
    lintGutter(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(readOnly),
    syntaxHighlighting(colours),
    keymap.of([...lintKeymap, ...completionKeymap]),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    ...(isYaml ? [yaml(), autocompletion({ override: [completer(schema)] })] : []),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !loading) onChange(update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ parent });
  return {
    show(text, yamlFile) {
      if (
        view.state.doc.toString() === text &&
        view.state.facet(EditorView.contentAttributes).length
      )
        return;
      loading = true;
      view.setState(EditorState.create({ doc: text, extensions: extensions(yamlFile) }));
      loading = false;
    },
    problems(list) {
      const found = list.map((problem) => diagnostic(view.state, problem));
      view.dispatch(setDiagnostics(view.state, found));
    },
    goTo(line, column) {
      const place = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
      const anchor = Math.min(place.from + Math.max(0, column - 1), place.to);
      view.dispatch({
        selection: { anchor },
        effects: EditorView.scrollIntoView(anchor, { y: "center" }),
      });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}
