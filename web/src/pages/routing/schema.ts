/** As much of JSON Schema as completion needs. */
export interface Schema {
  $ref?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  type?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  definitions?: Record<string, Schema>;
  $defs?: Record<string, Schema>;
}

export interface Suggestion {
  label: string;
  kind: "key" | "value";
  info: string;
}

const DEEPEST = 8;

/** Every plain schema that this one may mean: references followed, choices spread out. */
function meanings(root: Schema, schema: Schema | undefined, depth = 0): Schema[] {
  if (!schema || depth > DEEPEST) return [];
  const name = schema.$ref?.split("/").at(-1);
  const target = name ? (root.definitions?.[name] ?? root.$defs?.[name]) : undefined;
  if (target) return meanings(root, target, depth + 1);
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const spread = choices.flatMap((choice) => meanings(root, choice, depth + 1));
  return [schema, ...spread];
}

/** The schemas of what stands under `key`; lists are looked through. */
function under(root: Schema, schemas: Schema[], key: string): Schema[] {
  return schemas.flatMap((schema) => {
    const inside = schema.items ? meanings(root, schema.items) : [schema];
    return inside.flatMap((one) => {
      const named = one.properties?.[key];
      if (named) return meanings(root, named);
      for (const [pattern, value] of Object.entries(one.patternProperties ?? {})) {
        if (new RegExp(pattern).test(key)) return meanings(root, value);
      }
      const rest = one.additionalProperties;
      return typeof rest === "object" ? meanings(root, rest) : [];
    });
  });
}

function at(root: Schema, path: readonly string[]): Schema[] {
  return path.reduce((schemas, key) => under(root, schemas, key), meanings(root, root));
}

const unique = (found: Suggestion[]): Suggestion[] => [
  ...new Map(found.map((each) => [each.label, each])).values(),
];

/** The keys that the language knows at this place. */
export function keysAt(root: Schema, path: readonly string[]): Suggestion[] {
  const here = at(root, path).flatMap((one) => (one.items ? meanings(root, one.items) : [one]));
  return unique(
    here.flatMap((one) =>
      Object.entries(one.properties ?? {}).map(([label, value]) => {
        const told = meanings(root, value).find((each) => each.description);
        return { label, kind: "key" as const, info: value.description ?? told?.description ?? "" };
      }),
    ),
  );
}

/** The values that the language knows for the key at this place, where they are words. */
export function valuesAt(root: Schema, path: readonly string[]): Suggestion[] {
  return unique(
    at(root, path).flatMap((one) => {
      const words = [...(one.enum ?? []), ...(one.const === undefined ? [] : [one.const])];
      const choices = one.type === "boolean" ? [...words, true, false] : words;
      const info = one.description ?? "";
      return choices.map((word) => ({ label: String(word), kind: "value" as const, info }));
    }),
  );
}

const KEY_LINE = /^([\s-]*)"?([^\s:#"][^:"]*)"?:/;

/** The keys above a place in block YAML, outermost first, told by indentation alone. */
export function pathAt(lines: readonly string[], line: number, indent: number): string[] {
  const path: string[] = [];
  let left = indent;
  for (let n = line - 1; n >= 0 && left > 0; n--) {
    const found = KEY_LINE.exec(lines[n] ?? "");
    if (!found) continue;
    const depth = found[1]?.length ?? 0;
    if (depth >= left) continue;
    path.unshift(found[2] ?? "");
    left = depth;
  }
  return path;
}

/** Names that the plan itself gives: after `persona:` come the personas. */
const SECTIONS: Record<string, string> = {
  persona: "personas",
  menu: "menus",
  queue: "queues",
  target: "targets",
  route: "routes",
  voicemail: "voicemail",
  trunk: "trunks",
  via: "trunks",
  extends: "personas",
  hours: "hours",
};

export function namesFor(lines: readonly string[], key: string): Suggestion[] {
  const section = SECTIONS[key];
  const start = section ? lines.findIndex((line) => line.startsWith(`${section}:`)) : -1;
  const found: Suggestion[] = [];
  for (const line of start < 0 ? [] : lines.slice(start + 1)) {
    if (/^\S/.test(line) && !line.startsWith("#")) break;
    const name = /^ {2}"?([\w+-]+)"?:/.exec(line)?.[1];
    if (name) found.push({ label: name, kind: "value", info: section ?? "" });
  }
  return found;
}
