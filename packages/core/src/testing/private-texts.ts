/** Texts that the detector has to find, put together from parts: a scan of this checkout stays clean. */

/** Looks like a key and opens nothing. */
export const CREDENTIAL = ["sk", "live0123456789abcdefghij"].join("-");

/** A place in somebody's home. */
export const PRIVATE_PATH = ["", "home", "someone", "notes.md"].join("/");
