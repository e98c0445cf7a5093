// Takes the lock of one document and keeps it until it is killed: node holder.mjs <folder> <path>.
import { newHostIn } from "../soak/world.mjs";

const [folder = "", path = ""] = process.argv.slice(2);
const held = await newHostIn(folder, "project").lock.acquire(path, { wait_ms: 5_000, command: "bench holder" });
process.stdout.write(`${held.kind}\n`);
process.stdin.resume();
