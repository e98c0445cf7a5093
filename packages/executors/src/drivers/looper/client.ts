/** The wrapper's side of Looper: requests to a service on this machine, with its token from a file or the environment (LPR-3). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LoopxError, isJsonObject, type JsonObject } from "@loopx/core/domain";
import { readToken } from "@loopx/cli/http";

type Environment = Readonly<Record<string, string | undefined>>;

/** How a service is reached. */
export interface LooperAddress {
  readonly url: string;
  readonly token: string;
}

/** From flags, variables and the service's own folder; a token is never a flag, because command lines are seen by everybody. */
export function looperAddress(
  flags: { readonly url?: string | undefined; readonly token_file?: string | undefined },
  env: Environment,
  dir: string,
): LooperAddress {
  const url = flags.url ?? set(env["LOOPER_URL"]) ?? `http://127.0.0.1:${set(env["LOOPER_PORT"]) ?? "3456"}`;
  const file =
    flags.token_file ?? (set(env["LOOPER_API_TOKEN"]) === null ? (set(env["LOOPER_API_TOKEN_FILE"]) ?? join(dir, "token")) : null);
  const token = file === null ? set(env["LOOPER_API_TOKEN"]) : readToken(file);
  if (!URL.canParse(url))
    throw new LoopxError("invalid_value", `${JSON.stringify(url)} is no address of a Looper`, { hint: "--url http://127.0.0.1:3456" });
  if (token !== null && token !== "") return { url: url.replace(/\/+$/, ""), token };
  throw new LoopxError("invalid_value", `there is no token in ${file ?? "LOOPER_API_TOKEN"}`, {
    hint: "start the service first (loopx-loop looper serve), or name the file with --token-file",
  });
}

/** What it answered; a service that cannot be reached is `conflict`, exit 3. */
export async function askLooper(
  { url, token }: LooperAddress,
  path: string,
  body: JsonObject | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  try {
    const response = await fetch(`${url}${path}`, {
      method: body === null ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
    });
    const answered: unknown = await response.json();
    return { status: response.status, body: isJsonObject(answered) ? answered : {} };
  } catch (error) {
    throw new LoopxError("conflict", `no Looper answers at ${url}`, {
      hint: "loopx-loop looper serve",
      details: { url },
      cause: error,
    });
  }
}

/** The whole of a prompt file, byte for byte. */
export function promptFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new LoopxError("invalid_value", `the prompt file ${path} cannot be read`, { cause: error, hint: "correct --prompt-file" });
  }
}

function set(value: string | undefined): string | null {
  return value === undefined || value === "" ? null : value;
}
