/** A long list of which only what is seen stands in the page: a thousand goals scroll like ten. Arrow keys, Home and End walk through it. */
import { useWindowVirtualizer, type Range } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

/** Rows come and go so many at a time: between two such steps a scroll moves what is painted and changes nothing in the page. */
const STEP = 12;

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
    overscan: STEP,
    rangeExtractor: rowsInSteps,
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
          style={{ top: row.start - rows.options.scrollMargin }}
        >
          <Row item={items[row.index] as Item} show={children as (item: unknown) => ReactNode} />
        </li>
      ))}
    </ul>
  );
}

/** Drawn again when its item is another one, not when the list has moved. */
const Row = memo(function Row({ item, show }: { readonly item: unknown; readonly show: (item: unknown) => ReactNode }) {
  return show(item);
});

function rowsInSteps({ startIndex, endIndex, overscan, count }: Range): number[] {
  const from = Math.max(0, Math.floor((startIndex - overscan) / STEP) * STEP);
  const to = Math.min(count, Math.ceil((endIndex + 1 + overscan) / STEP) * STEP);
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}
