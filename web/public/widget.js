/* Puts a "Talk to us" button on any page:
 *   <script src="https://GATEWAY/widget.js" data-number="+49…" data-label="Talk to us" defer></script>
 * The call itself runs in a frame of the gateway's own origin: this page never touches the sound. */
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const { number = "", label = "Talk to us" } = script.dataset;
  const address = `${origin}/talk?embed=1${number ? `&number=${encodeURIComponent(number)}` : ""}`;
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "closed" });
  root.innerHTML = `<style>
    :host{all:initial}
    button{position:fixed;right:20px;bottom:20px;z-index:2147483000;padding:13px 20px;border:0;border-radius:8px;
      background:#17211b;color:#fff;font:600 15px/1.2 system-ui,sans-serif;cursor:pointer;box-shadow:0 4px 18px #0005}
    button:focus-visible{outline:3px solid #63c9a1;outline-offset:2px}
    iframe{position:fixed;right:20px;bottom:76px;z-index:2147483000;width:min(360px,calc(100vw - 40px));height:430px;
      border:1px solid #0003;border-radius:10px;background:#fff;box-shadow:0 10px 40px #0006}
  </style><button type="button" aria-expanded="false"></button>`;
  const button = root.querySelector("button");
  button.textContent = label;
  let frame = null;
  const close = () => {
    frame?.remove();
    frame = null;
    button.setAttribute("aria-expanded", "false");
    button.textContent = label;
    button.removeAttribute("aria-label");
  };
  button.addEventListener("click", () => {
    if (frame) return close();
    frame = document.createElement("iframe");
    frame.src = address;
    frame.title = label;
    frame.allow = "microphone; autoplay";
    root.append(frame);
    button.setAttribute("aria-expanded", "true");
    button.textContent = "×";
    button.setAttribute("aria-label", "Close");
    // Where a page may not be framed nothing answers: then the call gets a window of its own, as
    // long as the browser still takes the click for the visitor's wish (five seconds).
    const shown = frame;
    const elsewhere = () => {
      if (frame !== shown) return;
      close();
      window.open(address, "switchboard", "width=420,height=560");
    };
    let waiting = setTimeout(elsewhere, 4000);
    frame.addEventListener("load", () => {
      if (waiting === null) return;
      clearTimeout(waiting);
      waiting = setTimeout(elsewhere, 2000);
    });
    addEventListener("message", function ready(event) {
      if (event.origin !== origin || event.data?.switchboard !== "ready") return;
      clearTimeout(waiting);
      waiting = null;
      removeEventListener("message", ready);
    });
  });
  document.body.append(host);
})();
