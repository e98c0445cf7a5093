import type { Host } from "../ports/host.ts";

/** The action, within its host's observer where there is one; else the action itself, for the price of one look. */
export function observed<Input extends readonly unknown[], Result>(
  name: string,
  action: (host: Host, ...input: Input) => Promise<Result>,
): (host: Host, ...input: Input) => Promise<Result> {
  return (host, ...input) => {
    const { observer, clock } = host;
    if (observer === undefined) return action(host, ...input);
    return observer.action({ name, input: input[0], clock }, () => action(host, ...input));
  };
}
