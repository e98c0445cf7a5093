/**
 * `@loopx/lark-card/crypto`: the part that needs `node:crypto`. It proves that a request came from the platform, over
 * the bytes as they were received, and signs messages of a custom bot. No check can be switched off.
 */
export { callbackSignature, signWebhook, type SignatureParts } from "./signatures.ts";
export { verifyCallback, type CallbackHeaders, type CallbackKeys, type CallbackRefusal, type VerifiedCallback } from "./verify-callback.ts";
