import { live, sentence } from "./de.live";
import type { Words } from "./index";

export const de: Words = {
  live,
  sentence,

  app: {
    name: "Switchboard",
    skip: "Zum Inhalt",
    pages: "Seiten",
    live: "Live",
    desk: "Platz",
    history: "Verlauf",
    routing: "Wege",
    talk: "Sprechen Sie mit uns",
    help: "Tastenhilfe",
    theme: "Farben",
    themes: { auto: "Wie das System", light: "Hell", dark: "Dunkel" },
    language: "Sprache",
    settings: "Einstellungen",
    signOut: "Abmelden",
    account: "Konto",
    close: "Schließen",
    cancel: "Abbrechen",
    retry: "Noch einmal",
    loading: "Wird geladen",
    back: "Zurück",
    more: "Mehr zeigen",
    link: {
      connecting: "Verbindet",
      open: "Live",
      lost: "Verbindung verloren, neuer Versuch",
      signed_out: "Abgemeldet",
    },
    lostLong:
      "Die Verbindung zum Gateway ist verloren. Was Sie sehen, ist nicht aktuell. Es wird von selbst weiter versucht.",
    notFound: "Diese Seite gibt es nicht.",
    notFoundHint:
      "Vielleicht ist die Adresse vertippt, oder der Verweis ist älter als diese Version.",
    toLive: "Zu den laufenden Anrufen",
  },

  signIn: {
    title: "Anmelden",
    name: "Name",
    password: "Passwort",
    submit: "Anmelden",
    busy: "Wird angemeldet",
    inAMoment: (seconds: number) => `Noch ${seconds} s`,
    with: (provider) => `Anmelden mit ${provider}`,
    or: "oder",
    failed:
      "Der Anbieter hat Sie nicht angemeldet. Versuchen Sie es noch einmal oder fragen Sie Ihre Verwaltung.",
    first:
      "Noch kein Konto? Die Verwaltung legt es auf dem Rechner des Gateways an: switchboard user add NAME",
  },

  password: {
    title: "Passwort ändern",
    must: "Dieses Passwort wurde für Sie gemacht, andere könnten es kennen. Wählen Sie ein eigenes.",
    old: "Passwort bisher",
    fresh: "Neues Passwort, mindestens 12 Zeichen",
    again: "Neues Passwort noch einmal",
    differ: "Die beiden neuen Passwörter sind verschieden.",
    save: "Ändern",
    done: "Das Passwort ist geändert.",
  },

  why: {
    role: (role) => `Braucht die Rolle ${role}`,
    busy: "Läuft schon",
    over: "Der Anruf ist vorbei",
    refused: "Der Anruf kam nie herein",
    noHumanFixedFlow:
      "In diesem Anruf ist kein Mensch am Platz: übernehmen Sie, oder lassen Sie die KI einen Satz sagen",
    fixedFlow: "Diese KI folgt einem festen Ablauf und nimmt keine Anleitung an",
    noHuman: "In diesem Anruf ist kein Mensch am Platz: leiten Sie die KI an",
    human: "Ein Mensch hat diesen Anruf: flüstern Sie",
    nobodySpeaks: "Noch spricht niemand mit dem Anrufer",
    notTakenOver: "Sie haben diesen Anruf nicht übernommen",
    empty: "Schreiben Sie zuerst etwas",
    offline: "Keine Verbindung zum Gateway",
    invalid: "Beheben Sie zuerst die Fehler",
    unchanged: "Nichts ist geändert",
    current: "Das ist schon in Kraft",
    insecure: "Der Browser gibt das Mikrofon nur sicheren Seiten (https)",
    onCall: "Sie sind in einem Anruf",
  },

  roles: { supervisor: "Aufsicht", agent: "Agent", operator: "Betrieb", admin: "Verwaltung" },

  errors: {
    not_signed_in: "Sie sind abgemeldet. Melden Sie sich wieder an.",
    wrong_password: "Name oder Passwort stimmt nicht.",
    not_allowed: "Ihre Rolle erlaubt das nicht.",
    call_refused: "Dieser Anruf kann gerade nicht angenommen werden.",
    lines_busy:
      "Alle Leitungen sind belegt. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    call_over: "Der Anruf ist schon vorbei.",
    not_found: "Das gibt es nicht mehr.",
    stale_revision:
      "Inzwischen hat jemand anderes etwas übernommen. Vergleichen Sie und versuchen Sie es wieder.",
    plan_invalid: "Der Plan hat Fehler; nichts wurde geändert.",
    too_many: "Zu viele Versuche. Warten Sie einen Moment.",
    busy: "Im Augenblick melden sich zu viele an. Versuchen Sie es noch einmal.",
    not_yours:
      "Dieser Anruf klingelt nicht an Ihrem Platz und wartet in keiner Ihrer Warteschlangen.",
    must_change_password: "Ändern Sie zuerst Ihr Passwort.",
    job_unreachable:
      "Die KI, die diesen Anruf hat, antwortet nicht. Vielleicht startet sie neu; versuchen Sie es wieder.",
    livekit_unreachable: "Der Medienserver antwortet nicht. Niemand hat Sie gehört.",
    not_ready: "Das Gateway startet noch.",
    gateway_away:
      "Das Gateway antwortet nicht. Prüfen Sie das Netz oder fragen Sie Ihre Verwaltung.",
    unexpected: "Etwas ging schief, das niemand vorhergesehen hat.",
    no_microphone:
      "Der Browser gab kein Mikrofon. Erlauben Sie es in der Adresszeile und versuchen Sie es wieder.",
  },

  keys: {
    title: "Tasten",
    close: "Schließen",
    single: "Tasten aus einem Buchstaben",
    groups: { everywhere: "Überall", live: "Live", call: "Im Anruf", desk: "Platz" },
    help: "Diese Hilfe",
    silent: "Sofort still, aus jeder Lage",
    goLive: "Zu Live",
    goDesk: "Zum Platz",
    goHistory: "Zum Verlauf",
    goRouting: "Zu den Wegen",
    next: "Nächster Anruf",
    previous: "Voriger Anruf",
    open: "Anruf öffnen",
    closeCall: "Zurück zur Liste",
    listen: "Mithören",
    whisper: "Dem Agenten zuflüstern",
    barge: "Dazukommen: alle hören Sie",
    takeOver: "Von der KI übernehmen",
    giveBack: "An die KI zurückgeben",
    coach: "Anleiten",
    mute: "Mikrofon aus oder an",
    transfer: "Verbinden",
    note: "Notiz",
    ready: "Bereit oder nicht bereit",
    take: "Den angebotenen Anruf nehmen",
    hold: "Halten oder weitersprechen",
    askHelp: "Hilfe holen",
  },

  count: (n, one, many) => `${n} ${n === 1 ? one : many}`,
};
