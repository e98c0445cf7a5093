/** The main server at a person's word: started from what was validated, stopped by its identity, reconciled when it runs (WTL-1, WTL-82). */
import { LoopxError } from "@loopx/core/domain";
import { completeArtifact } from "../drivers/artifacts.ts";
import { readComponent, stopComponent } from "../drivers/component.ts";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { buildAlone } from "./alone.ts";
import { componentOf, runningFor, startFor, type ComponentName } from "./components.ts";
import { readMemory } from "./memory.ts";
import { memoryGround } from "./repair.ts";
import { componentGround, type Site } from "./site.ts";

/** What a verb led to. */
export interface Served {
  readonly name: ComponentName;
  readonly state: "healthy" | "unhealthy" | "stopped";
  readonly changed: boolean;
  readonly pid: number | null;
  readonly port: number | null;
  readonly sha: string | null;
  readonly reason: string;
}

/** Starts it unless it runs well already. */
export async function startServer(site: Site, name: ComponentName, signal: AbortSignal): Promise<Served> {
  const record = await readComponent(componentGround(site), name);
  const running = record === null ? null : await runningFor(site, name, record.sha);
  if (running !== null) return servedBy(site, name, { state: "healthy", changed: false, reason: "already running" });
  return restartServer(site, name, signal);
}

/** Stops what runs and starts the last validated artifact, else the main branch as it is, built if it has to be. */
export async function restartServer(site: Site, name: ComponentName, signal: AbortSignal): Promise<Served> {
  requireComponent(site, name);
  const sha = await commitToServe(site);
  const built = await buildAlone(site, sha, signal);
  if (built.kind !== "built" && built.kind !== "unneeded")
    return servedBy(site, name, { state: "unhealthy", changed: false, reason: `the build: ${built.reason}` });
  const started = await startFor(site, name, sha, signal);
  return servedBy(
    site,
    name,
    started.kind === "ready"
      ? { state: "healthy", changed: true, reason: "" }
      : { state: "unhealthy", changed: true, reason: started.reason },
  );
}

/** Stops it and says that it is not wanted. */
export async function stopServer(site: Site, name: ComponentName): Promise<Served> {
  requireComponent(site, name);
  const { was_running } = await stopComponent(name, componentGround(site), "down");
  return servedBy(site, name, { state: "stopped", changed: was_running, reason: "" });
}

export async function commitToServe(site: Site): Promise<string> {
  const { last_validated_sha } = await readMemory(memoryGround(site));
  if (last_validated_sha !== null && completeArtifact(`${site.state_dir}/artifacts`, last_validated_sha) !== null)
    return last_validated_sha;
  const head = await commitOf(site.git, placeOf(site.root), "HEAD");
  if (head === null) throw new LoopxError("git_failed", `${site.root.dir} has no commit`);
  return head;
}

function requireComponent(site: Site, name: ComponentName): void {
  if (componentOf(site, name) === null)
    throw new LoopxError("config_invalid", `${site.config_path} has no components.${name}`, {
      hint: `add components: {${name}: {argv: […]}}`,
    });
}

async function servedBy(site: Site, name: ComponentName, how: Pick<Served, "state" | "changed" | "reason">): Promise<Served> {
  const record = await readComponent(componentGround(site), name);
  const up = how.state !== "stopped" && record !== null;
  return {
    name,
    ...how,
    pid: up ? (record.process?.pid ?? null) : null,
    port: componentOf(site, name)?.port ?? null,
    sha: record?.sha ?? null,
  };
}
