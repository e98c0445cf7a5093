// A bare Hono route that answers with the bytes of a file: what `serve-status` is measured against.
import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const bytes = readFileSync(process.argv[2] ?? "");
const app = new Hono();
app.get("/status.json", (context) => context.body(bytes, 200, { "content-type": "application/json; charset=utf-8" }));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
  process.stderr.write(`window: http://127.0.0.1:${port}/#port=${port}\n`),
);
