import { call } from "./de.call";
import { desk, history, talk } from "./de.pages";
import { routing } from "./de.routing";
import { settings } from "./de.settings";

export const book = { call, desk, history, talk, routing, settings };
