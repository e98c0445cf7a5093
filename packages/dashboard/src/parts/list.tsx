/** A long list of which only what is seen stands in the page: a thousand goals scroll like ten. Arrow keys, Home and End walk through it. */
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

interface ListProps<Item> {
  readonly items: readonly Item[];
  readonly label: string;
  readonly height: number;
  readonly keyOf: (item: Item) => string;
  readonly children: (item: Item) => ReactNode;
}

export function List<Item>({ items, label, height, keyOf, children }: ListProps<Item>) {
  const box = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => setMargin(box.current?.offsetTop ?? 0), [items.length]);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: margin,
    getItemKey: (at) => keyOf(items[at] as Item),
  });
  const walk = (event: KeyboardEvent): void => {
    const from = Number((event.target as HTMLElement).closest<HTMLElement>("[data-index]")?.dataset["index"] ?? -1);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: items.length - 1 }[event.key];
    const isTyping = (event.target as HTMLElement).matches("input, textarea, select, code");
    if (to === undefined || isTyping || to < 0 || to >= items.length) return;
    event.preventDefault();
    rows.scrollToIndex(to, { align: "auto" });
    const focus = (tries: number): void => {
      const link = box.current?.querySelector<HTMLElement>(`[data-index="${to}"] a, [data-index="${to}"] .name[tabindex]`);
      if (link !== null && link !== undefined) link.focus();
      else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
    };
    requestAnimationFrame(() => focus(10));
  };
  const seen = rows.getVirtualItems();
  return (
    <ul ref={box} className="list" aria-label={label} onKeyDown={walk} style={{ height: rows.getTotalSize() }}>
      {seen.map((row) => (
        <li
          key={row.key}
          ref={rows.measureElement}
          data-index={row.index}
          aria-setsize={items.length}
          aria-posinset={row.index + 1}
          style={{ transform: `translateY(${row.start - rows.options.scrollMargin}px)` }}
        >
          {children(items[row.index] as Item)}
        </li>
      ))}
    </ul>
  );
}
