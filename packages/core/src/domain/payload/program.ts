/** The answers of the commands about the program itself: they open no goal (CMD-21 to CMD-25, CMD-68, CMD-69). */
import * as z from "zod/mini";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { flag, oneOf, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const VersionSchema = z.strictObject({
  version: z.string(),
  node: text("The version of Node it runs on."),
  platform: text("Operating system and processor, `linux-x64`."),
  release: textOrNull("The folder name of an installed release."),
  channel: oneOf(["default", "canary", "npm"], "`canary` is a live checkout."),
});
/** What `version` answers. */
export type VersionPayload = PayloadOf<typeof VersionSchema>;

export const CheckSchema = z.strictObject({
  id: z.string(),
  required: flag("A required check that fails makes `doctor` fail."),
  ok: z.boolean(),
  detail: text("What was found."),
  fix: textOrNull("The command or step that repairs it; null when nothing is wrong."),
});
const skillCopy = {
  name: z.string(),
  target: oneOf(["codex", "claude"], "Whose folder it is in."),
  path: z.string(),
  state: oneOf(["absent", "current", "outdated", "edited"], "`edited`: by a person; it is never overwritten and never removed."),
};

export const DoctorSchema = z.strictObject({
  node: z.string(),
  path: textOrNull("The program file as started."),
  symlink_target: textOrNull("Where it really lies."),
  release: z.nullable(z.string()),
  canary: textOrNull("Where `loopx-canary` lies on PATH."),
  skills: z.array(z.strictObject(skillCopy)).check(z.describe("What of the skills the agents have.")),
  checks: z.array(CheckSchema),
  fix: texts("Every repair of the checks that fail."),
});
/** What `doctor` found; an `error` may stand beside it. */
export type DoctorPayload = PayloadOf<typeof DoctorSchema>;

export const DemoSchema = z.strictObject({
  project: textOrNull("The folder, when it stays."),
  kept: z.boolean(),
  steps: z.array(
    z.strictObject({
      says: text("What the step shows."),
      command: textOrNull("As one would type it; null for work that an agent does."),
      exit_code: z.int(),
      answer: texts("The first lines of the answer."),
    }),
  ),
  next_commands: texts("What to type in one's own repository."),
});
/** What `demo` played. */
export type DemoPayload = PayloadOf<typeof DemoSchema>;

const SETTING_KEYS = ["registry", "runtime_root", "format", "locale", "color", "goal_id", "agent_id"] as const;
const ORIGINS = ["flag", "env", "project", "user", "global", "lang", "default"] as const;
const value = z.nullable(z.string());

export const ConfigListSchema = z.strictObject({
  values: z.record(z.enum(SETTING_KEYS), value).check(z.describe("Null where nothing is set and there is no default.")),
  origins: z.optional(z.record(z.enum(SETTING_KEYS), z.enum(ORIGINS)).check(z.describe("With --show-origin."))),
  user_config: text("The user's configuration file, whether or not it exists."),
});
/** Every setting in effect. */
export type ConfigListPayload = PayloadOf<typeof ConfigListSchema>;

export const ConfigGetSchema = z.strictObject({
  key: z.enum(SETTING_KEYS),
  value,
  origin: z.optional(oneOf(ORIGINS, "With --show-origin.")),
});
/** One setting in effect. */
export type ConfigGetPayload = PayloadOf<typeof ConfigGetSchema>;

const source = text("The folder that the skills come from.");
export const SkillsSchema = z.strictObject({
  source,
  skills: z.array(z.strictObject({ ...skillCopy, description: text("When an agent uses it.") })),
});
/** The skills and what of them the agents have. */
export type SkillsPayload = PayloadOf<typeof SkillsSchema>;
export const SkillChangesSchema = z.strictObject({
  dry_run: z.boolean(),
  applied: z.boolean(),
  source,
  skills: z.array(
    z.strictObject({
      ...skillCopy,
      action: oneOf(["created", "replaced", "unchanged", "removed", "kept"], "What becomes of the copy."),
      kept_as: textOrNull("Where a copy that a person edited goes."),
    }),
  ),
});
/** What became of the copies. */
export type SkillChangesPayload = PayloadOf<typeof SkillChangesSchema>;

export const ManSchema = z.strictObject({ page: text("The page as `man` reads it.") });
/** The manual page. */
export type ManPayload = PayloadOf<typeof ManSchema>;

export const ServeStatusSchema = z.strictObject({
  url: text("Where the page is; with port 0 before it is served, the port is 0."),
  status_url: z.string(),
  reward_write_enabled: z.boolean(),
  gate_write_enabled: z.boolean(),
  control_plane_write_enabled: z.boolean(),
  token_required: flag("True when reads want the token too."),
  ended_by: textOrNull("The signal that ended it; null with --check, which serves nothing."),
});
/** What `serve-status` answers when it has ended. */
export type ServeStatusPayload = PayloadOf<typeof ServeStatusSchema>;

export const McpSchema = z.strictObject({
  tools: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      inputSchema: z.looseObject({ type: z.literal("object") }).check(z.describe("The arguments, as JSON Schema.")),
      annotations: z.looseObject({ readOnlyHint: flag("A call writes nothing.") }),
    }),
  ),
});
/** What `mcp --list` shows: the tools as a client of the Model Context Protocol is told of them. */
export type McpPayload = PayloadOf<typeof McpSchema>;

const shell = oneOf(["bash", "zsh", "fish", "powershell"], "The shell that was named.");
export const CompletionSchema = z.strictObject({
  shell,
  script: text("What makes the shell complete."),
  hint: text("Where a person puts it."),
});
export const CandidatesSchema = z.strictObject({
  shell,
  candidates: z.array(z.strictObject({ value: text("The whole word."), describe: z.string() })),
  paths: z.nullable(oneOf(["files", "folders"], "What the shell looks for by itself.")),
});
/** The script of a shell. */
export type CompletionPayload = PayloadOf<typeof CompletionSchema>;
/** What may stand at the cursor. */
export type CandidatesPayload = PayloadOf<typeof CandidatesSchema>;

const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];
export const ExitCodesSchema = z.strictObject({
  exit_codes: z.array(z.strictObject({ exit: z.int(), meaning: z.string() })),
  error_codes: z.array(z.strictObject({ code: z.enum(ERROR_CODES), exit: z.int(), http: z.int(), meaning: z.string(), next: z.string() })),
});
/** The table of exit codes and error codes. */
export type ExitCodesPayload = PayloadOf<typeof ExitCodesSchema>;

export const HelpSchema = z.strictObject({ text: text("The help as a person reads it.") });
