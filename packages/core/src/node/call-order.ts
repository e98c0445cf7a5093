/** Work on one key runs in the order of the calls, one piece after the other (REL-43). Other keys may come between. */
export type CallOrder = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function callOrder(): CallOrder {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const result = (last.get(key) ?? Promise.resolve()).then(work);
    // A failed piece of work is its caller's to handle; the next one runs all the same.
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return result;
  };
}
