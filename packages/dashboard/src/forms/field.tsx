import { useId, type ReactNode } from "react";

/** A label with what it names; more about it stands below. */
export function Field(props: {
  readonly label: string;
  readonly wide?: boolean;
  readonly note?: string | null;
  readonly children: (id: string, described: string | undefined) => ReactNode;
}) {
  const { label, wide = false, note = null, children } = props;
  const id = useId();
  const described = note === null ? undefined : `${id}-note`;
  return (
    <div className={wide ? "field wide" : "field"}>
      <label htmlFor={id}>{label}</label>
      {children(id, described)}
      {note === null ? null : (
        <small id={described} className="quiet">
          {note}
        </small>
      )}
    </div>
  );
}
