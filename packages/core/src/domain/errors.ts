/**
 * The closed table of errors. A code fixes the exit code, the HTTP status and the page in `docs/errors.md`.
 * Expected outcomes are values; `LoopxError` is thrown only where a command has to end (REL invariant 7).
 */
import type { JsonObject } from "./json.ts";

type Row = { readonly exit: 1 | 2 | 3 | 70; readonly http: number; readonly meaning: string; readonly next: string };

/** Every error by code: exit code, HTTP status, one sentence of meaning, and the next step. */
export const ERRORS = {
  check_failed: { exit: 1, http: 200, meaning: "`check` found errors.", next: "repair what it lists, then run it again" },
  registry_unhealthy: { exit: 1, http: 200, meaning: "`registry` found a fault in the registry.", next: "repair the named entry" },
  doctor_failed: { exit: 1, http: 200, meaning: "`doctor` found a required check that fails.", next: "run the fix it prints" },
  goal_unhealthy: {
    exit: 1,
    http: 200,
    meaning: "The goal's registry entry, state or history has a fault; it may not work.",
    next: "loopx why -g <goal>",
  },
  spend_refused: {
    exit: 1,
    http: 409,
    meaning: "There is no unspent, qualifying record to pay for, or the goal may not spend now.",
    next: "read `details.reason`; record finished work with loopx refresh-state",
  },
  void_refused: { exit: 1, http: 409, meaning: "That spend is already voided.", next: "loopx history -g <goal>" },
  poll_refused: { exit: 1, http: 409, meaning: "The goal's verdict asks for no monitor poll now.", next: "loopx why -g <goal>" },
  route_collision: {
    exit: 1,
    http: 409,
    meaning: "The global registry routes this goal id to another project or state file.",
    next: "choose another goal id, or repeat with --replace-state",
  },
  state_file_shared: {
    exit: 1,
    http: 409,
    meaning: "Another goal already has this state file.",
    next: "give the goal its own --state-file",
  },
  goal_id_collision: {
    exit: 1,
    http: 409,
    meaning: "A goal id exists that differs only in case.",
    next: "use the existing spelling, or another id",
  },
  completion_refused: {
    exit: 1,
    http: 409,
    meaning: "A side agent completes by a successor review todo or by a self-merge with evidence.",
    next: "add --next-agent-todo, or --side-agent-self-merged --evidence",
  },
  restore_refused: {
    exit: 1,
    http: 409,
    meaning: "A file changed after the disconnect; nothing was restored.",
    next: "compare the named file with its copy",
  },
  opt_in_required: {
    exit: 1,
    http: 403,
    meaning: "A planned adapter maps nothing until a controller opts in.",
    next: "loopx configure-goal --adapter-status read-only-map-ready --execute",
  },
  goal_registered: {
    exit: 1,
    http: 403,
    meaning: "The goal is still registered; its runtime is not archived.",
    next: "add --allow-registered",
  },
  write_disabled: {
    exit: 1,
    http: 403,
    meaning: "This server was started without that write route.",
    next: "start it with the enabling flag",
  },
  notice_refused: {
    exit: 1,
    http: 502,
    meaning: "The platform refused a message; it was not sent.",
    next: "read `details.code`, correct what it names",
  },
  usage: { exit: 2, http: 400, meaning: "The command line is incomplete or wrong.", next: "loopx <command> --help" },
  unknown_command: { exit: 2, http: 400, meaning: "There is no such command.", next: "loopx --help" },
  invalid_value: { exit: 2, http: 400, meaning: "A value is out of range or of the wrong form.", next: "loopx <command> --help" },
  conflicting_flags: {
    exit: 2,
    http: 400,
    meaning: "Two flags exclude each other, or one is given twice.",
    next: "loopx <command> --help",
  },
  unsafe_text: {
    exit: 2,
    http: 400,
    meaning: "A text that would be recorded holds a credential or a private path.",
    next: "reword it without the named part",
  },
  goal_id_invalid: {
    exit: 2,
    http: 400,
    meaning: "A goal id is one path segment of letters, digits, dot, dash and underscore, at most 80 long.",
    next: "choose another --goal-id",
  },
  agent_id_required: {
    exit: 2,
    http: 400,
    meaning: "The goal has registered agents; the call has to say which one it is.",
    next: "add --agent-id",
  },
  agent_not_registered: { exit: 2, http: 400, meaning: "That agent is not registered for the goal.", next: "loopx register-agent" },
  path_outside_root: {
    exit: 2,
    http: 400,
    meaning: "A path leaves the directory it has to lie in.",
    next: "give a path inside the project",
  },
  not_a_regular_file: {
    exit: 2,
    http: 400,
    meaning: "A directory, FIFO, device or socket stands where a file is expected.",
    next: "replace it by a file",
  },
  goal_not_found: { exit: 2, http: 404, meaning: "No entry of the registry has this goal id.", next: "loopx registry" },
  todo_not_found: { exit: 2, http: 404, meaning: "No todo of the goal has this id.", next: "loopx todo list -g <goal>" },
  run_not_found: { exit: 2, http: 404, meaning: "No run of the goal has this id or time.", next: "loopx history -g <goal>" },
  project_missing: {
    exit: 2,
    http: 404,
    meaning: "The project folder does not exist; LoopX never creates it.",
    next: "create the folder, or correct --project",
  },
  ambiguous_target: { exit: 2, http: 409, meaning: "Several records fit; none was chosen.", next: "name one by --run-id" },
  too_large: { exit: 2, http: 413, meaning: "A file or text is over its limit.", next: "see the named limit" },
  config_invalid: { exit: 2, http: 500, meaning: "A configuration or scenario file has a fault.", next: "edit the named line" },
  registry_not_found: { exit: 2, http: 500, meaning: "The named registry does not exist.", next: "loopx connect, or correct --registry" },
  registry_invalid: { exit: 2, http: 500, meaning: "The registry cannot be read; LoopX does not rewrite it.", next: "edit the named line" },
  state_file_missing: { exit: 2, http: 500, meaning: "The goal state file does not exist.", next: "loopx connect -g <goal>" },
  state_file_unreadable: { exit: 2, http: 500, meaning: "The goal state file cannot be read.", next: "loopx why -g <goal>" },
  history_unreadable: { exit: 2, http: 500, meaning: "The run index cannot be read.", next: "check the file's permissions" },
  write_denied: {
    exit: 2,
    http: 500,
    meaning: "A file or directory may not be written.",
    next: "check owner and permissions of the named path",
  },
  write_failed: {
    exit: 2,
    http: 500,
    meaning: "The operating system refused a write; the old content stands.",
    next: "check space and permissions, then repeat",
  },
  node_too_old: { exit: 2, http: 500, meaning: "LoopX needs Node 20.19 or newer.", next: "install a newer Node" },
  conflict: { exit: 3, http: 409, meaning: "Somebody else kept changing the file; nothing was written.", next: "repeat the command" },
  claim_conflict: { exit: 3, http: 409, meaning: "Another agent holds the todo.", next: "take another todo, or --take-over a stale claim" },
  lease_conflict: { exit: 3, http: 409, meaning: "A live lease holds the todo.", next: "wait until it expires" },
  write_scope_conflict: { exit: 3, http: 409, meaning: "A live lease covers paths that overlap.", next: "narrow the write scope, or wait" },
  lease_version_mismatch: { exit: 3, http: 409, meaning: "The lease has changed since it was read.", next: "loopx lease list" },
  lease_fenced: { exit: 3, http: 409, meaning: "The token is older than the lease's; the write was refused.", next: "loopx lease list" },
  lease_not_active: { exit: 3, http: 409, meaning: "The lease has expired or was released.", next: "loopx lease acquire" },
  idempotency_key_reuse: { exit: 3, http: 409, meaning: "The idempotency key was used with other arguments.", next: "use a new key" },
  preview_stale: { exit: 3, http: 409, meaning: "The history changed after the preview; nothing was written.", next: "preview again" },
  lock_timeout: {
    exit: 3,
    http: 503,
    meaning: "Another process held the lock for too long.",
    next: "wait for the named process, or end it",
  },
  git_failed: {
    exit: 3,
    http: 503,
    meaning: "git refused or could not be run; nothing was said about what was tested.",
    next: "read git's own words in the message, then repeat",
  },
  notice_undelivered: {
    exit: 3,
    http: 504,
    meaning: "The platform did not answer; the message may not have arrived.",
    next: "repeat the command",
  },
  port_busy: { exit: 3, http: 503, meaning: "The port is in use.", next: "choose another --port" },
  lease_unreadable: {
    exit: 3,
    http: 503,
    meaning: "A lease file cannot be read; it counts as held.",
    next: "repair or remove the named file",
  },
  internal: { exit: 70, http: 500, meaning: "A bug in LoopX.", next: "report it with the output of LOOPX_DEBUG=1" },
  unauthorized: { exit: 2, http: 401, meaning: "The request has no valid token.", next: "send the token the server printed" },
  origin_refused: { exit: 2, http: 403, meaning: "The request comes from another origin.", next: "use the page the server serves" },
  not_found: { exit: 2, http: 404, meaning: "There is no such route.", next: "see the capability block at /" },
  method_not_allowed: { exit: 2, http: 405, meaning: "The route does not know this method.", next: "see the Allow header" },
  unsupported_media_type: { exit: 2, http: 415, meaning: "Writes take application/json.", next: "set Content-Type" },
  host_refused: { exit: 2, http: 421, meaning: "The Host header is not this server's.", next: "use the printed URL" },
} as const satisfies Record<string, Row>;

/** A code of the closed table {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** The one error LoopX throws: an expected end of a command. Anything else that escapes is a bug (`internal`). */
export class LoopxError extends Error {
  readonly code: ErrorCode;
  /** The next command or step, for this case. */
  readonly hint: string;
  readonly details: JsonObject;

  constructor(code: ErrorCode, message: string, more: { hint?: string; details?: JsonObject; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "LoopxError";
    this.code = code;
    this.hint = more.hint ?? ERRORS[code].next;
    this.details = more.details ?? {};
  }
}
