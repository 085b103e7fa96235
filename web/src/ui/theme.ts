import { keep, kept } from "./kept";
export type Theme = "auto" | "light" | "dark";

const KEY = "switchboard.theme";

export function chosenTheme(): Theme {
  const chosen = kept(KEY);
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

export function wear(theme: Theme): void {
  keep(KEY, theme);
  document.documentElement.dataset.theme = theme;
}
