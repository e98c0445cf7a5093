/**
 * Every limit of the store and of child processes (REL-100 to REL-108), sizes in bytes.
 * Sizes are taken before anything is read. Ranges of the numbers in a registry live with the goal rules.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

export const REGISTRY_LIMIT = 16 * MIB;
export const STATE_LIMIT = 4 * MIB;
export const ARTIFACT_LIMIT = 4 * MIB;
export const EXECUTOR_STATE_LIMIT = 4 * MIB;
/** Lease and lock records. */
export const LEASE_LIMIT = 16 * KIB;
export const LINE_WRITE_LIMIT = 64 * KIB;
export const LINE_READ_LIMIT = MIB;

/** Tries after the first one when a document changes under an update (REL-104). */
export const CAS_RETRIES = 5;
export const CLI_LOCK_WAIT_MS = 10_000;

/** What one commit of waiting appends may hold (REL-62). */
export const GROUP_COMMIT_LINES = 64;
export const GROUP_COMMIT_BYTES = MIB;
/** How many of the newest records `once` compares (REL-44). */
export const ONCE_RECORDS = 1000;

/** A command's captured output and run time (REL-108). */
export const COMMAND_OUTPUT_LIMIT = MIB;
export const COMMAND_TIME_MS = 60_000;
