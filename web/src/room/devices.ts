import { keep, kept } from "../ui/kept";

const KEY = "switchboard.microphone";

export const chosenDevice = (): string | null => kept(KEY);

export function chooseDevice(id: string | null): void {
  keep(KEY, id || null);
}

export interface Device {
  id: string;
  label: string;
}

/** Names are empty until the browser has once been allowed the microphone. */
export async function microphones(): Promise<Device[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all
    .filter((device) => device.kind === "audioinput" && device.deviceId !== "default")
    .map((device) => ({ id: device.deviceId, label: device.label || device.deviceId.slice(0, 8) }));
}

/** Listens to the microphone on this machine only: nothing is published anywhere. */
export async function tryMicrophone(id: string | null): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ audio: id ? { deviceId: { exact: id } } : true });
}
