/** The door of the room for servers on this machine: where one listens, for how long, and by which token. Who may talk to it says the domain (REL-120 ff, design D18). */
export { boundedBytes } from "./body.ts";
export { addressOf, ANSWER_HEADERS, listen, rawHeaders, rawRequest, type Bindings, type Listening, type ServerLimits } from "./listen.ts";
export { isSameToken, readToken, writeToken } from "./token.ts";
