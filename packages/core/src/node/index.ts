export { bytesRead } from "./histories.ts";
export { openHost, type FileHost, type HostOptions } from "./host.ts";
export { resolveRoots, type Origin, type RootOptions, type Roots } from "./roots.ts";
