import { Link, Redirect, useRoute } from "wouter";
import { useMe } from "../../parts/me";
import { paths } from "../../paths";
import { Empty } from "../../ui/empty";
import { useTitle } from "../../ui/title";
import { useWords } from "../../words/all";
import { Keys } from "./keys";
import { People } from "./people";
import { Trail } from "./trail";
import "../../styles/history.css";
import "../../styles/settings.css";

const PARTS = [
  { name: "people", may: "users.manage", Page: People },
  { name: "keys", may: "keys.manage", Page: Keys },
  { name: "trail", may: "audit.read", Page: Trail },
] as const;

/** What administrators look after; each part for whoever may. */
export function Settings() {
  const { settings, why, roles } = useWords();
  const me = useMe();
  const [, found] = useRoute("/settings/:part");
  useTitle(settings.title);
  const allowed = PARTS.filter((part) => me.may.includes(part.may));
  const here = allowed.find((part) => part.name === found?.part);
  const [first] = allowed;
  if (!here && first) return <Redirect to={paths.settings(first.name)} replace />;
  return (
    <div className="history settings">
      <header className="bar">
        <h1>{settings.title}</h1>
        <nav className="segmented" aria-label={settings.title}>
          {allowed.map((part) => (
            <Link
              key={part.name}
              href={paths.settings(part.name)}
              aria-current={part === here ? "page" : undefined}
            >
              {settings.parts[part.name]}
            </Link>
          ))}
        </nav>
      </header>
      {here ? <here.Page /> : <Empty title={why.role(roles.admin)} />}
    </div>
  );
}
