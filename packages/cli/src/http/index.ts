/** The door of the room for servers on this machine: who may talk to one, how long it waits, where it listens (REL-120 ff, design D18). */
export { addressOf, listen, rawHeaders, readBody, type Bindings, type Listening, type ServerLimits } from "./listen.ts";
export { claimedLength, givenToken, isForeignHost, isForeignOrigin, isJson, valuesOf, type RawHeaders } from "./policy.ts";
export { afterFailure, delayMs, type Failures } from "./throttle.ts";
