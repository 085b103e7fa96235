import { useEffect, useState } from "react";
import { follow, type Link } from "../../api/stream";
import type { CallEvent } from "../../api/types";
import { NOTHING, type Story, tell } from "../../parts/story";

interface Entry {
  seq: number | null;
  event: CallEvent;
}

/** Follows one call from its beginning; what arrives in one frame of the screen is shown at once. */
export function useStory(id: string): { story: Story; link: Link } {
  const [story, setStory] = useState(NOTHING);
  const [link, setLink] = useState<Link>("connecting");
  useEffect(() => {
    let current = NOTHING;
    let scheduled = 0;
    const show = () => {
      scheduled = 0;
      setStory(current);
    };
    const stop = follow({
      url: `/api/calls/${encodeURIComponent(id)}/events`,
      onFrames: (frames) => {
        for (const frame of frames) {
          if (frame.event === "end") stop();
          if (frame.event !== "entry" && frame.event !== "partial") continue;
          const { seq, event } = JSON.parse(frame.data) as Entry;
          current = tell(current, seq, event);
        }
        scheduled ||= requestAnimationFrame(show);
      },
      onLink: setLink,
    });
    return () => {
      stop();
      cancelAnimationFrame(scheduled);
    };
  }, [id]);
  return { story, link };
}
