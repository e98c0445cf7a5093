/** `@loopx/core`: the actions, a host over real files, and the words both speak. The pure part alone is `@loopx/core/domain`. */
export * from "./actions/index.ts";
export * from "./node/index.ts";
export { ERRORS, LoopxError, type ErrorCode } from "./domain/errors.ts";
export { shellLine } from "./domain/command-line.ts";
export type * from "./ports/index.ts";
