/** One account on a Gitea or Forgejo server: the dispatcher's {@link Forge} over HTTP. */
import type { Forge } from "../../gitea/forge.ts";
import { callsOf, type Account } from "./calls.ts";
import { readsOf } from "./reads.ts";
import { writesOf } from "./writes.ts";

/** Nothing is asked until something is wanted. */
export function giteaForge(account: Account): Forge {
  const calls = callsOf(account);
  return { ...readsOf(calls), ...writesOf(calls) };
}
