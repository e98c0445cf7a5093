// A small bot to try the loop with: it echoes a line, and says on /health which instance it is. Nothing leaves this machine.
// The loop gives it PORT and LOOPX_INSTANCE_ID; a server that does not say its instance is recognised by its port's owner.
import { createServer } from "node:http";
import { answer } from "./answer.mjs";

const { PORT, LOOPX_INSTANCE_ID = "" } = process.env;

createServer((asked, reply) => {
  const { pathname, searchParams } = new URL(asked.url ?? "/", "http://bot");
  reply.setHeader("x-loopx-instance", LOOPX_INSTANCE_ID);
  if (pathname === "/health") reply.end("ok\n");
  else reply.end(`${answer(searchParams.get("text") ?? "")}\n`);
}).listen(Number(PORT), "127.0.0.1", () => process.stdout.write(`the bot listens on ${PORT}\n`));
