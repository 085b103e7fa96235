import { useState } from "react";
import { Dialog } from "../ui/dialog";
import { lettersOn, shortcuts, switchLetters, useShortcutsVersion } from "../ui/keys";
import { useWords } from "../words";

const ORDER = ["everywhere", "live", "call", "desk"];

export function Help({ onClose }: { onClose: () => void }) {
  const { keys } = useWords();
  useShortcutsVersion();
  const [on, setOn] = useState(lettersOn);
  const silent = { keys: "Esc", group: "everywhere", what: keys.silent, run: () => {} };
  const all = [silent, ...shortcuts()];
  return (
    <Dialog title={keys.title} onClose={onClose} wide>
      <div className="keymap">
        {ORDER.map((group) => {
          const inGroup = all.filter((each) => each.group === group);
          if (inGroup.length === 0) return null;
          return (
            <section key={group}>
              <h3>{keys.groups[group]}</h3>
              <dl>
                {inGroup.map((each) => (
                  <div key={each.keys}>
                    <dt>
                      {each.keys.split(" ").map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{each.what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            switchLetters(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        {keys.single}
      </label>
    </Dialog>
  );
}
