/**
 * The same dispatcher over a ground that changes nothing (DSP-2): records are read and kept in memory, calls that would write
 * are told instead of made, and an item's plan is told instead of carried out.
 */
import type { Documents, Logs, LogPosition, Revision } from "@loopx/core";
import type { Forge, ForgeAnswer, ForgeReads } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";

/** One thing that would have been done. */
export interface WouldDo {
  readonly item: string;
  readonly effect: string;
  readonly reason: string;
}

/** The ground, and what was told so far. */
export function dryGround(ground: GiteaGround): { readonly ground: GiteaGround; readonly effects: WouldDo[] } {
  const effects: WouldDo[] = [];
  const would = (effect: WouldDo): void => {
    if (!effects.some((each) => each.item === effect.item && each.effect === effect.effect)) effects.push(effect);
  };
  return {
    effects,
    ground: {
      ...ground,
      forge: readOnly(ground.forge, would),
      reviewer: null,
      documents: overlay(ground.documents),
      logs: withoutWrites(ground.logs),
      leases: { ...ground.leases, renew: async () => ({ kind: "fenced", current: null }) },
      runs: { ...ground.runs, stop: () => undefined },
      tell: () => undefined,
      wait: async () => undefined,
      would,
    },
  };
}

const NOTHING = { kind: "value", value: null } as const;

/** Writes answer as if they had been made. */
function readOnly(forge: Forge, would: (effect: WouldDo) => void): Forge {
  const reads: ForgeReads = forge;
  const told = (item: string, effect: string): Promise<ForgeAnswer<null>> => {
    would({ item, effect, reason: "" });
    return Promise.resolve(NOTHING);
  };
  const never = (): never => {
    throw new Error("a dry run writes nothing");
  };
  return {
    ...reads,
    markRead: (thread) => told(`thread ${thread}`, "mark_read"),
    addLabels: ({ repo, number }) => told(`${repo}#${number}`, "add_label"),
    removeLabel: ({ repo, number }) => told(`${repo}#${number}`, "remove_label"),
    setAssignees: ({ repo, number }) => told(`${repo}#${number}`, "assign"),
    comment: async ({ repo, number }, body) => {
      would({ item: `${repo}#${number}`, effect: "comment", reason: "" });
      return { kind: "value", value: { id: 0, author: "", body, created_at: "", updated_at: "" } };
    },
    editComment: (repo) => told(repo, "edit_comment"),
    deleteComment: (repo) => told(repo, "delete_comment"),
    editPull: ({ repo, number }) => told(`${repo}#${number}`, "edit_pull"),
    createPull: never,
    review: never,
    createLabel: never,
  };
}

/** What is written is seen by later reads, and by nobody else. */
function overlay(documents: Documents): Documents {
  const kept = new Map<string, { readonly text: string; readonly revision: Revision } | null>();
  let count = 0;
  const read: Documents["read"] = async (key) => {
    const own = kept.get(JSON.stringify(key));
    if (own === undefined) return documents.read(key);
    return own === null ? { kind: "absent" } : { kind: "found", ...own };
  };
  return {
    ...documents,
    read,
    update: async (key, edit) => {
      const found = await read(key);
      const edited = edit(found.kind === "found" ? { text: found.text, revision: found.revision } : null, null);
      if ("keep" in edited) return { kind: "unchanged", revision: found.kind === "found" ? found.revision : null, value: edited.value };
      count += 1;
      const revision = `dry:${count}` as Revision;
      kept.set(JSON.stringify(key), { text: edited.write, revision });
      return { kind: "written", revision, value: edited.value, attempts: 1 };
    },
    remove: async (key) => {
      kept.set(JSON.stringify(key), null);
      return { kind: "removed" };
    },
  };
}

function withoutWrites(logs: Logs): Logs {
  const position = "dry" as LogPosition;
  return {
    append: async () => ({ kind: "appended", position, head: position, repaired_tail: false }),
    tail: (key, options) => logs.tail(key, options),
    scan: (key, options) => logs.scan(key, options),
  };
}
