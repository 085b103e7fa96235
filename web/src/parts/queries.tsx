import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { codeOf } from "../api/problem";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      // The gateway's "no" stays no; only an answer that never came is worth another try.
      retry: (count, error) => codeOf(error) === "gateway_away" && count < 2,
    },
  },
});

/** Gives a page the one query cache. It comes with the pages that ask, not with the first load. */
export function withQueries<Props extends object>(
  Page: ComponentType<Props>,
): ComponentType<Props> {
  return function Asking(props: Props) {
    return (
      <QueryClientProvider client={client}>
        <Page {...props} />
      </QueryClientProvider>
    );
  };
}
