/** The bytes of a body, up to a limit: of a request that came, or of an answer that was asked for. */

/** All of them; null when there are more, whatever length was claimed. */
export async function boundedBytes({ body }: Pick<Request | Response, "body">, most: number): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > most) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
