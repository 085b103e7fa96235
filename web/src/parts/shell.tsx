import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { useLink } from "../api/feed";
import { paths } from "../paths";
import { Button } from "../ui/button";
import { Icon, type IconName } from "../ui/icon";
import { useKeys } from "../ui/keys";
import { useWords } from "../words";
import { Account } from "./account";
import { AirBar } from "./airbar";
import { Help } from "./help";
import { useMe } from "./me";
import { Ring } from "./ring";

interface Place {
  href: string;
  icon: IconName;
  word: "live" | "desk" | "history" | "routing";
  may: string;
  key: string;
}

const PLACES: Place[] = [
  { href: paths.live, icon: "live", word: "live", may: "calls.read", key: "1" },
  { href: paths.desk, icon: "desk", word: "desk", may: "desk.work", key: "2" },
  { href: paths.history, icon: "history", word: "history", may: "calls.read", key: "3" },
  { href: paths.routing, icon: "routing", word: "routing", may: "routing.read", key: "4" },
];

/** Whether the picture is current, always in the same place; loud only when it is not. */
function LinkState() {
  const link = useLink();
  const { app } = useWords();
  return (
    <p className={`link ${link}`} role="status">
      <i aria-hidden="true" />
      <span>{app.link[link]}</span>
    </p>
  );
}

export function Shell({ children }: { children: ReactNode }) {
  const [location, go] = useLocation();
  const [help, setHelp] = useState(false);
  const me = useMe();
  const { app, keys } = useWords();
  const link = useLink();
  const allowed = PLACES.filter((place) => me.may.includes(place.may));
  const what = {
    live: keys.goLive,
    desk: keys.goDesk,
    history: keys.goHistory,
    routing: keys.goRouting,
  };
  useKeys([
    { keys: "?", group: "everywhere", what: keys.help, run: () => setHelp(true) },
    ...allowed.map((place) => ({
      keys: place.key,
      group: "everywhere",
      what: what[place.word],
      run: () => go(place.href),
    })),
  ]);
  const here = (place: Place) =>
    place.href === paths.live
      ? location === "/" || location.startsWith("/live")
      : location.startsWith(place.href);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {app.skip}
      </a>
      <header className="top">
        <Link href={paths.live} className="brand" aria-label={app.name}>
          <img src="/mark.svg" alt="" width="22" height="22" />
          <span>{app.name}</span>
        </Link>
        <nav aria-label={app.pages}>
          {allowed.map((place) => (
            <Link
              key={place.href}
              href={place.href}
              aria-current={here(place) ? "page" : undefined}
            >
              <Icon name={place.icon} />
              <span>{app[place.word]}</span>
            </Link>
          ))}
        </nav>
        <LinkState />
        <Button
          tone="quiet"
          icon="help"
          aria-label={app.help}
          title={`${app.help} (?)`}
          onClick={() => setHelp(true)}
        />
        <Account />
      </header>
      {link === "lost" && (
        <p className="lost" role="alert">
          <Icon name="warn" /> {app.lostLong}
        </p>
      )}
      <Ring />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <AirBar />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}
