/** What takes the place of a form: it takes the keyboard's place too, so that nobody is thrown back to the top of the page. */
import { useEffect, useRef, type ReactNode } from "react";
import { useWords } from "../settings.ts";

function useTakenFocus<Element extends HTMLElement>() {
  const box = useRef<Element>(null);
  useEffect(() => box.current?.focus(), []);
  return box;
}

/** What a write would do, with the two ways on. */
export function Preview(props: {
  readonly title: string;
  readonly give: string;
  readonly onGive: (() => void) | null;
  readonly onChange: () => void;
  readonly children: ReactNode;
}) {
  const { title, give, onGive, onChange, children } = props;
  const words = useWords();
  const box = useTakenFocus<HTMLElement>();
  return (
    <section ref={box} className="preview" aria-label={title} tabIndex={-1}>
      <h4>{title}</h4>
      {children}
      <div className="buttons">
        {onGive === null ? null : (
          <button type="button" className="primary" onClick={onGive}>
            {give}
          </button>
        )}
        <button type="button" onClick={onChange}>
          {words.change}
        </button>
      </div>
    </section>
  );
}

/** It is written. */
export function Done({ children }: { readonly children: ReactNode }) {
  const box = useTakenFocus<HTMLParagraphElement>();
  return (
    <p ref={box} className="done" role="status" tabIndex={-1}>
      {children}
    </p>
  );
}
