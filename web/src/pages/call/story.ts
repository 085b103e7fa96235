import { useEffect, useState } from "react";
import { follow, type Link } from "../../api/stream";
import type { Entry } from "../../api/types";
import { NOTHING, type Story, tell } from "../../parts/story";

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
        if (frames.some((frame) => frame.event === "end")) stop();
        const told = frames.filter(({ event }) => event === "entry" || event === "partial");
        current = tell(
          current,
          told.map((frame) => JSON.parse(frame.data) as Entry),
        );
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
