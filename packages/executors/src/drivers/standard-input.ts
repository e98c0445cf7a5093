/** The text that was piped into a command. */

const LIMIT = 1_048_576;

/** Everything on standard input, or null when it is a terminal: nobody waits for a person here. Cut at 1 MiB. */
export async function standardInput(): Promise<string | null> {
  if (process.stdin.isTTY) return null;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > LIMIT) break;
  }
  return Buffer.concat(parts).subarray(0, LIMIT).toString("utf8");
}
