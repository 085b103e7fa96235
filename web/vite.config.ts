import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const gateway = process.env.SWITCHBOARD_GATEWAY ?? "http://127.0.0.1:8090";

// The gateway takes changes from its own origin only, so that is whose they are made here.
const api = { "/api": { target: gateway, changeOrigin: true, headers: { origin: gateway } } };

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // Small pictures stay files: the gateway's content policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    // LiveKit and CodeMirror are large by nature and lazy by design; scripts/size.mjs is the judge.
    chunkSizeWarningLimit: 900,
    // What loads first is one file: in twenty small ones gzip finds less to save.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } },
    },
  },
  server: { proxy: api },
  preview: { proxy: api },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
