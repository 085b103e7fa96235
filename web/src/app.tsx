import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch } from "wouter";
import { get, onSignedOut } from "./api/client";
import { startFeed } from "./api/feed";
import { codeOf } from "./api/problem";
import type { Me } from "./api/types";
import { Live } from "./pages/live/live";
import { Missing } from "./pages/missing";
import { SignIn } from "./pages/sign-in";
import { startAir } from "./parts/air";
import { MeContext } from "./parts/me";
import { Shell } from "./parts/shell";
import { Failure, Loading } from "./ui/empty";
import { startKeys } from "./ui/keys";
import { Toasts } from "./ui/toast";

const page = (load: () => Promise<ComponentType>) => lazy(async () => ({ default: await load() }));
const Desk = page(async () => (await import("./pages/desk/desk")).Desk);
const History = page(async () => (await import("./pages/history/history")).History);
const Record = page(async () => (await import("./pages/history/record")).Record);
const Routing = page(async () => (await import("./pages/routing/routing")).Routing);
const Talk = page(async () => (await import("./pages/talk/talk")).Talk);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // The gateway's "no" stays no; only an answer that never came is worth another try.
      retry: (count, error) => codeOf(error) === "gateway_away" && count < 2,
    },
  },
});

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
            <Route component={Missing} />
          </Switch>
        </Suspense>
      </Shell>
    </MeContext>
  );
}

function Gate() {
  const client = useQueryClient();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => get<Me>("/api/session", undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(
    () => onSignedOut(() => void client.resetQueries({ queryKey: ["me"] })),
    [client],
  );
  if (me.isPending) return <Loading />;
  if (me.error) {
    if (codeOf(me.error) !== "not_signed_in") {
      return <Failure error={me.error} onRetry={() => void me.refetch()} />;
    }
    const here = window.location.pathname + window.location.search;
    return <Redirect to={`/sign-in?next=${encodeURIComponent(here)}`} />;
  }
  return <SignedIn me={me.data} />;
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Switch>
        <Route path="/sign-in" component={SignIn} />
        <Route path="/talk">
          <Suspense fallback={<Loading />}>
            <Talk />
          </Suspense>
        </Route>
        <Route component={Gate} />
      </Switch>
      <Toasts />
    </QueryClientProvider>
  );
}
