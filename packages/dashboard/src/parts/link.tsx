import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { go, hrefOf, type Address } from "../address.ts";

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  readonly to: Partial<Address>;
  readonly children: ReactNode;
}

/** A real link inside the page: it opens in another tab as well. */
export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={hrefOf(to)} onClick={follow}>
      {children}
    </a>
  );
}
