const KEY = "switchboard.microphone";

export const chosenDevice = (): string | null => localStorage.getItem(KEY);

export function chooseDevice(id: string | null): void {
  if (id) localStorage.setItem(KEY, id);
  else localStorage.removeItem(KEY);
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
