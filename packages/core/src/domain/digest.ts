/** Lower-case hex of a text's UTF-8 digest. The host supplies it, so that the domain stays free of any platform. */
export type Digest = (algorithm: "sha1" | "sha256", text: string) => string;
