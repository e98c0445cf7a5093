// A bot that is small enough to read: it answers /health with the instance that it is, and everything else with its greeting.
// A real one would listen to Lark here; what the loop needs of it is the port, and /health.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { greeting } from "./greeting.mjs";

const { name } = JSON.parse(readFileSync(process.env.BOT_CONFIG ?? "primary.json", "utf8"));
createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  const health = { ok: true, instance_id: process.env.LOOPX_INSTANCE_ID };
  response.end(JSON.stringify(request.url === "/health" ? health : { text: greeting(name) }));
}).listen(Number(process.env.PORT), "127.0.0.1");
