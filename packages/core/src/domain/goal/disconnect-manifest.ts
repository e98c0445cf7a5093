/**
 * What one `disconnect` changed (CMD-41): every file with its hash before and after, and where it was moved. It is written
 * before the first change and never again; together with the copies beside it, it is enough to put all of it back.
 */
import * as z from "zod/mini";
import { isJsonObject, nestsTooDeep } from "../json.ts";

export const MANIFEST_NAME = "manifest.json";

const SHA256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const FileSchema = z.looseObject({
  role: z.enum(["registry", "global_registry", "goal_state"]),
  goal_id: z.nullable(z.string()),
  path: z.string(),
  /** The copy beside the manifest. */
  copy: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/)),
  before_sha256: SHA256,
  /** Null when the file was removed or moved away. */
  after_sha256: z.nullable(SHA256),
  /** Permission bits before, where they are known. */
  mode: z.optional(z.string().check(z.regex(/^[0-7]{4}$/))),
  /** Where the content went; only a goal state moves. */
  moved_to: z.nullable(z.string()),
});

export const DisconnectManifestSchema = z.looseObject({
  schema_version: z.literal("loopx_disconnect_v1"),
  stamp: z.string(),
  disconnected_at: z.string(),
  registry: z.string(),
  global_registry: z.string(),
  goal_ids: z.array(z.string()),
  files: z.array(FileSchema),
});
/** The record of one `disconnect`. */
export type DisconnectManifest = z.infer<typeof DisconnectManifestSchema>;
export type DisconnectedFile = DisconnectManifest["files"][number];

/** A project with more goals has outgrown one registry; it also bounds what a hostile manifest costs. */
const FILES_LIMIT = 10_000;

/** The manifest a text holds, or null. */
export function parseManifest(text: string): DisconnectManifest | null {
  if (nestsTooDeep(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (isJsonObject(value) && Array.isArray(value["files"]) && value["files"].length > FILES_LIMIT) return null;
  const parsed = DisconnectManifestSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
