import { put } from "../../api/client";
import { live } from "../../api/feed";
import type { Seat, Switched } from "../../api/types";
import type { Line } from "../../api/words";
import { session } from "../../parts/air";
import { byTelephone } from "../../parts/seat";
import { useErrorText } from "../../ui/empty";
import { Icon } from "../../ui/icon";
import { toast } from "../../ui/toast";
import { useWords } from "../../words/all";

const LINES: Line[] = ["browser", "telephone"];

/** Where an agent hears calls, for those whose telephone is their seat; a call goes on there. */
export function LineSwitch({ seat }: { seat: Seat | null }) {
  const { desk } = useWords();
  const text = useErrorText();
  if (!seat?.telephone) return null;
  const telephone = byTelephone(seat);
  const choose = async (line: Line) => {
    if (line === "telephone" && !seat.registered) return toast(desk.lineAway(seat.telephone ?? ""));
    try {
      const moved = await put<Switched>("/api/desk/line", { line });
      const { connections = [] } = moved;
      live.seat(moved.seat);
      if (moved.seat.call && connections.length > 0) {
        session.want(moved.seat.call, "desk", async () => ({ open: connections, close: [] }));
      }
    } catch (error) {
      toast(text(error), true);
    }
  };
  const said = seat.registered
    ? telephone
      ? desk.lineTelephone(seat.telephone)
      : desk.lineBrowser
    : desk.lineAway(seat.telephone);
  return (
    <div className="line" data-testid="line">
      <div role="group" aria-label={desk.line} className="segmented">
        {LINES.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={(each === "telephone") === telephone}
            aria-disabled={each === "telephone" && !seat.registered ? true : undefined}
            onClick={() => void choose(each)}
          >
            <Icon name={each === "telephone" ? "phone" : "barge"} />
            {desk.lines[each]}
          </button>
        ))}
      </div>
      <p className={seat.registered ? "dim small" : "bad small"} role="status">
        {said}
      </p>
    </div>
  );
}
