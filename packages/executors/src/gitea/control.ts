/** What a person says to a running dispatcher: one document in its state directory, read each tick (DSP-1). Pause is absolute. */
import { LoopxError, isJsonObject } from "@loopx/core/domain";
import type { GiteaGround } from "./ground.ts";
import { utcText } from "./claims.ts";

export interface Control {
  readonly kind: "run" | "paused" | "draining";
  readonly reason: string;
}

type Store = Pick<GiteaGround, "documents" | "executor" | "now">;

function keyOf({ executor }: Pick<Store, "executor">) {
  return { kind: "executor_state", executor, name: "control.json" } as const;
}

/** What holds now; a document that cannot be read pauses, because unknown is not "go on". */
export async function readControl(store: Store): Promise<Control> {
  const found = await store.documents.read(keyOf(store));
  if (found.kind === "absent") return { kind: "run", reason: "" };
  if (found.kind === "unreadable") return { kind: "paused", reason: "control.json cannot be read" };
  try {
    const value: unknown = JSON.parse(found.text);
    const { state, reason = "" } = isJsonObject(value) ? value : {};
    if (state === "run" || state === "paused" || state === "draining")
      return { kind: state, reason: typeof reason === "string" ? reason : "" };
  } catch {
    // Said below.
  }
  return { kind: "paused", reason: "control.json cannot be read" };
}

export async function writeControl(store: Store, { kind, reason }: Control): Promise<void> {
  const text = `${JSON.stringify({ state: kind, reason, at: utcText(store.now().ms) }, null, 2)}\n`;
  const outcome = await store.documents.update(keyOf(store), () => ({ write: text, value: null }), { set_aside: true });
  if (outcome.kind !== "written") throw new LoopxError("write_failed", `control.json cannot be written (${outcome.kind})`);
}
