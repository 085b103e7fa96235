import { useEffect, useRef, useState } from "react";
import {
  chooseDevice,
  chosenDevice,
  type Device,
  microphones,
  tryMicrophone,
} from "../../room/devices";
import { Meter } from "../../room/meter";
import { Button } from "../../ui/button";
import { useWords } from "../../words/all";

/** Choose and try the microphone. The test stays on this machine and ends when the page is left. */
export function Microphone() {
  const { desk, why } = useWords();
  const [devices, setDevices] = useState<Device[]>([]);
  const [chosen, setChosen] = useState(chosenDevice);
  const [testing, setTesting] = useState<MediaStream | null>(null);
  const [denied, setDenied] = useState(false);
  const bar = useRef<HTMLDivElement>(null);
  const stream = useRef<MediaStream | null>(null);
  const stop = () => {
    for (const track of stream.current?.getTracks() ?? []) track.stop();
    stream.current = null;
    setTesting(null);
  };
  useEffect(() => {
    const read = () => void microphones().then(setDevices);
    read();
    navigator.mediaDevices?.addEventListener("devicechange", read);
    return () => {
      navigator.mediaDevices?.removeEventListener("devicechange", read);
      for (const track of stream.current?.getTracks() ?? []) track.stop();
    };
  }, []);
  useEffect(() => {
    const track = testing?.getAudioTracks()[0];
    if (!track) return;
    const meter = new Meter();
    meter.add("test", track, "me");
    let frame = 0;
    const draw = () => {
      bar.current?.style.setProperty("--level", String(meter.read().me));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      meter.remove("test");
    };
  }, [testing]);
  const test = async () => {
    if (testing) return stop();
    try {
      stream.current = await tryMicrophone(chosen);
      setDenied(false);
      setTesting(stream.current);
      setDevices(await microphones());
    } catch {
      setDenied(true);
    }
  };
  const choose = (id: string) => {
    chooseDevice(id || null);
    setChosen(id || null);
    stop();
  };
  return (
    <section className="card">
      <h2>{desk.devices}</h2>
      <div className="mic">
        <label className="grow">
          <span className="sr">{desk.devices}</span>
          <select value={chosen ?? ""} onChange={(event) => choose(event.target.value)}>
            <option value="">{desk.deviceDefault}</option>
            {devices.map((device) => (
              <option key={device.id} value={device.id}>
                {device.label}
              </option>
            ))}
          </select>
        </label>
        <Button
          icon="barge"
          why={window.isSecureContext ? null : why.insecure}
          onClick={() => void test()}
        >
          {testing ? desk.deviceStop : desk.deviceTest}
        </Button>
      </div>
      {testing && (
        <div className="meter" ref={bar} role="img" aria-label={desk.deviceHint}>
          <i />
        </div>
      )}
      {testing && <p className="dim small">{desk.deviceHint}</p>}
      {denied && (
        <p className="bad small" role="alert">
          {desk.deviceDenied}
        </p>
      )}
    </section>
  );
}
