/** A goal's own Markdown, opened where it is named and read only then. */
import { useEffect, useState } from "react";
import type { MaterialRef } from "@loopx/core/domain";
import { getMaterial, Refused } from "../api.ts";
import { useWords } from "../settings.ts";

interface Props {
  readonly url: string;
  readonly goal_id: string;
  readonly file: MaterialRef;
  readonly title?: string;
}

export function Material({ url, goal_id, file, title }: Props) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <details className="material" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {title ?? words.material_below[file.below]} <span className="mono quiet">{file.path}</span>
      </summary>
      {open ? <Text key={`${goal_id} ${file.below} ${file.path}`} url={url} goal_id={goal_id} file={file} /> : null}
    </details>
  );
}

function Text({ url, goal_id, file }: Props) {
  const words = useWords();
  const [read, setRead] = useState<{ readonly text: string } | { readonly fault: string } | null>(null);
  const { below, path } = file;
  useEffect(() => {
    const stop = new AbortController();
    getMaterial(url, goal_id, { below, path }, stop.signal).then(
      ({ text }) => setRead({ text }),
      (error: unknown) => {
        if (!stop.signal.aborted) setRead({ fault: error instanceof Refused && error.message !== "" ? error.message : words.unreachable });
      },
    );
    return () => stop.abort();
  }, [url, goal_id, below, path, words]);
  if (read === null) return <p className="quiet">{words.loading}</p>;
  if ("fault" in read) return <p className="fault">{read.fault}</p>;
  return (
    <pre className="document" tabIndex={0}>
      {read.text}
    </pre>
  );
}
