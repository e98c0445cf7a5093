export { bytesRead } from "./histories.ts";
export { systemClock } from "./clock.ts";
export { nodeCommands } from "./commands.ts";
export { nodeIdentity, readProcStat, type OwnIdentity, type ProcessIdentity, type ProcessLook } from "./process-identity.ts";
export { openHost, type FileHost, type HostOptions } from "./host.ts";
export { readUserConfig, userConfigPath, type UserConfig } from "./user-config.ts";
export { resolveRoots, type Origin, type RootOptions, type Roots } from "./roots.ts";
export { openWatchedHost, type ExecutorFolder, type Sources, type WatchedHost } from "./watched-host.ts";
