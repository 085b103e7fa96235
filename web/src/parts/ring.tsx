import { lazy, Suspense } from "react";
import { useOffers } from "../api/feed";

const Offered = lazy(async () => ({ default: (await import("./offered")).Offered }));

/** The call that is offered to us, on whatever page we are. */
export function Ring() {
  const [offer] = useOffers();
  if (!offer) return null;
  return (
    <Suspense fallback={null}>
      <Offered key={offer.id} offer={offer} />
    </Suspense>
  );
}
