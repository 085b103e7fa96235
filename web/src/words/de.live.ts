import type { Words } from "./index";

export const live: Words["live"] = {
  title: "Laufende Anrufe",
  tiles: "Die Lage jetzt",
  calls: "Anrufe",
  waiting: "Wartend",
  longest: "Längste Wartezeit",
  level: "Servicegrad",
  answer: "Annahmezeit",
  abandoned: "Aufgelegt",
  agents: "Agenten",
  gap: "Pause am Ohr",
  agentsReady: (ready) => `${ready} bereit`,
  agentsDetail: (busy, away) => `${busy} belegt, ${away} weg`,
  gapDetail: (p50) => `p50 ${p50}`,
  refusedDetail: (n) => `${n} abgewiesen`,
  loadPicture: (most) => `Anrufe der letzten Stunde, höchstens ${most} zugleich`,
  waitPicture: (most) => `Wartende der letzten Stunde, höchstens ${most}`,
  columns: {
    state: "Zustand",
    caller: "Anrufer",
    called: "Gewählt",
    holder: "Bei",
    time: "Seit",
    last: "Letzte Worte",
    gap: "Pause",
  },
  states: {
    ringing: "Klingelt",
    talking: "KI",
    waiting: "Wartet",
    human: "Mensch",
    held: "Gehalten",
    ended: "Beendet",
    refused: "Abgewiesen",
  },
  needs: {
    help: "Bittet um Hilfe",
    person_wanted: "Will einen Menschen",
    problem: "Hat ein Problem",
    long_gap: "Langsame Antworten",
  },
  empty: "Gerade kein Anruf",
  emptyHint:
    "Ein Anruf erscheint hier, noch während es klingelt. Wählen Sie eine Nummer des Plans oder nutzen Sie die Seite für Web-Anrufer.",
  connecting: "Anrufe werden geholt",
  anonymous: "Nummer unterdrückt",
  web: "Web-Anrufer",
  nobody: "noch niemandem",
  ai: (name) => `KI ${name}`,
  listening: (names) => `${names} hört mit`,
  filter: "Zeigen",
  filters: { all: "Alle", needs: "Braucht mich", human: "Bei Menschen", ai: "Bei der KI" },
  noneHere: "Kein Anruf passt zu diesem Filter.",
  hiddenCalls: (n) => `${n} weitere Anrufe blendet der Filter aus`,
  open: (caller) => `Anruf von ${caller} öffnen`,
};

const list = (names: string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} und ${names.at(-1)}`;
const first = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const hears = (names: string[]) => (names.length > 1 ? "hören" : "hört");

export const sentence: Words["sentence"] = {
  onTelephone: "Sie sprechen am Telefon. Diese Seite hört Sie nicht.",
  person: (kind, name) => {
    if (kind === "caller") return "der Anrufer";
    if (kind === "persona") return name ? `die KI (${name})` : "die KI";
    if (kind === "agent") return name || "der Agent";
    return name ? `${name} (Aufsicht)` : "eine Aufsicht";
  },
  label: "Wer Sie hören kann",
  say: (h, names) => {
    switch (h.kind) {
      case "out":
        return "Niemand hört Sie.";
      case "joining":
        return "Niemand hört Sie. Verbindet …";
      case "listening":
        return "Niemand hört Sie. Sie hören mit.";
      case "muted":
        return "Niemand hört Sie: Ihr Mikrofon ist aus.";
      case "held":
        return "Der Anrufer wird gehalten.";
      case "side_empty":
        return "Noch hört Sie niemand: der Agent ist nicht im Nebenraum. Der Anrufer ist es nie.";
      case "side":
        return `Nur ${list(names)} ${hears(names)} Sie. Der Anrufer nicht.`;
      case "room_empty":
        return "Sonst ist niemand im Anruf. Wer dazukommt, hört Sie.";
      case "takeover":
        return `Sie haben den Anruf: ${list(names)} ${hears(names)} Sie. Die KI schweigt.`;
      case "room":
        return `${first(list(names))} ${hears(names)} Sie: alle, die im Anruf sind.`;
    }
  },
  faults: {
    over: "Der Anruf ist vorbei. Niemand hört Sie.",
    lost: "Die Verbindung ging verloren, Sie sind draußen. Niemand hört Sie.",
    refused: "Das ging nicht. Niemand hört Sie.",
    unsafe:
      "Das Gateway bot eine Verbindung an, die undicht sein könnte; sie wurde nicht benutzt. Niemand hört Sie.",
    no_microphone:
      "Der Browser gab kein Mikrofon. Erlauben Sie es in der Adresszeile. Niemand hört Sie.",
    ended_elsewhere: "Sie wurden aus dem Anruf genommen. Niemand hört Sie.",
  },
  toCall: "Zum Anruf",
  stop: "Still",
  stopHint: "Esc",
};
