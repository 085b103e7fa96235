import { type ComponentType, lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { startFeed } from "./api/feed";
import { askWho, useWho } from "./api/session";
import type { Me } from "./api/types";
import { Live } from "./pages/live/live";
import { Missing } from "./pages/missing";
import { startAir } from "./parts/air";
import { MeContext } from "./parts/me";
import { Shell } from "./parts/shell";
import { paths } from "./paths";
import { Failure, Loading } from "./ui/empty";
import { startKeys } from "./ui/keys";
import { Toasts } from "./ui/toast";

const page = (load: () => Promise<ComponentType>) =>
  lazy(async () => {
    const [{ withQueries }, Page] = await Promise.all([import("./parts/queries"), load()]);
    return { default: withQueries(Page) };
  });
const Desk = page(async () => (await import("./pages/desk/desk")).Desk);
const History = page(async () => (await import("./pages/history/history")).History);
const Record = page(async () => (await import("./pages/history/record")).Record);
const Routing = page(async () => (await import("./pages/routing/routing")).Routing);
const Settings = page(async () => (await import("./pages/settings/settings")).Settings);
const Talk = page(async () => (await import("./pages/talk/talk")).Talk);

const SignIn = lazy(async () => ({ default: (await import("./pages/sign-in")).SignIn }));
const Password = lazy(async () => ({ default: (await import("./pages/password")).Password }));

function SignedIn({ me }: { me: Me }) {
  useEffect(() => {
    const stops = [startFeed(), startAir(), startKeys()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return (
    <MeContext value={me}>
      <Shell>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/live/:id" component={Live} />
            <Route path="/" component={Live} />
            <Route path="/live">
              <Redirect to="/" />
            </Route>
            <Route path="/desk" component={Desk} />
            <Route path="/history/:id" component={Record} />
            <Route path="/history" component={History} />
            <Route path="/routing" component={Routing} />
            <Route path="/settings/:part?" component={Settings} />
            <Route component={Missing} />
          </Switch>
        </Suspense>
      </Shell>
    </MeContext>
  );
}

function Gate() {
  const who = useWho();
  const [location] = useLocation();
  switch (who.is) {
    case "asking":
      return <Loading />;
    case "known":
      return who.me.must_change_password || location === paths.password ? (
        <Suspense fallback={<Loading />}>
          <Password me={who.me} />
        </Suspense>
      ) : (
        <SignedIn me={who.me} />
      );
    case "unclear":
      return <Failure error={who.error} onRetry={() => void askWho()} />;
    case "stranger": {
      const here = window.location.pathname + window.location.search;
      return <Redirect to={`/sign-in?next=${encodeURIComponent(here)}`} />;
    }
  }
}

export function App() {
  return (
    <>
      <Switch>
        <Route path="/sign-in">
          <Suspense fallback={<Loading />}>
            <SignIn />
          </Suspense>
        </Route>
        <Route path="/talk">
          <Suspense fallback={<Loading />}>
            <Talk />
          </Suspense>
        </Route>
        <Route component={Gate} />
      </Switch>
      <Toasts />
    </>
  );
}
