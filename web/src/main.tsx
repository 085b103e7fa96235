import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/live.css";
import { chosenTheme, wear } from "./ui/theme";
import { preferred, speak } from "./words";

wear(chosenTheme());
// The first paint is in the right language; a missing German chunk still leaves a page that works.
await speak(preferred()).catch(() => speak("en"));

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
