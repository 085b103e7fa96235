import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { Icon, type IconName } from "./icon";
import { toast } from "./toast";

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  icon?: IconName;
  tone?: "plain" | "main" | "quiet" | "danger";
  /** Why it cannot be pressed now; the button stays focusable and says so to everybody. */
  why?: string | null | undefined;
  hotkey?: string;
  children?: ReactNode;
}

export function Button(props: ButtonProps) {
  const { icon, tone = "plain", why, hotkey, children, onClick, className = "", ...rest } = props;
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    if (!why) return onClick?.(event);
    event.preventDefault();
    toast(why);
  };
  return (
    <button
      type="button"
      {...rest}
      className={`button ${tone} ${className}`}
      onClick={click}
      aria-disabled={why ? true : undefined}
      aria-description={why ?? undefined}
      aria-keyshortcuts={hotkey}
      data-why={why ?? undefined}
    >
      {icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
      {hotkey && (
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus; aria-keyshortcuts says the key
        <kbd aria-hidden="true">{hotkey}</kbd>
      )}
    </button>
  );
}
