import { type ReactNode, useEffect, useId, useRef } from "react";
import { useWords } from "../words";
import { Button } from "./button";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}

/** The browser's own modal dialog: focus stays inside, Escape closes, focus returns after. */
export function Dialog({ title, onClose, children, wide = false }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const words = useWords();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onClose={onClose}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <Button tone="quiet" icon="cross" aria-label={words.app.close} onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}
