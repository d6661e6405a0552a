/**
 * A part of the document as YAML. What is typed stays as it is typed; the document has what can be read of it, and
 * knows while something cannot, so that nothing else is saved instead.
 */
import { type ReactNode, useEffect, useState } from 'react';
import { parseDocument } from 'yaml';
import { Editor } from '@/components/code';
import type { Draft, Path } from '@/kubernetes/draft';
import type { KindSchema } from '@/kubernetes/schema/schema';
import css from './parameters.module.css';

export interface YamlPartProps {
  label: string;
  hint?: ReactNode;
  error?: string;
  draft: Draft;
  /** Where the part is, by which what cannot be read is remembered. */
  path: Path;
  /** What the document has of it. */
  told: string;
  schema: KindSchema | null;
  /** Why a text is not such a part; "" where it is. */
  problemOf: (text: string) => string;
  /** The draft with a text that can be read. */
  withText: (draft: Draft, text: string) => Draft;
  /** Whether two texts mean the same; then what is typed stays. */
  isSame?: (one: string, other: string) => boolean;
  onChange: (draft: Draft) => void;
  isReadOnly?: boolean;
}

export function YamlPart(props: YamlPartProps) {
  const { label, hint, error, draft, path, told, schema, problemOf, withText, onChange, isReadOnly } = props;
  const isSame = props.isSame ?? means;
  const [text, setText] = useState(told);
  const isUnread = draft.unread.has(path.join('/'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another document counts.
  useEffect(() => {
    setText((typed) => ((isUnread && problemOf(typed)) || isSame(typed, told) ? typed : told));
  }, [told, isUnread]);
  const take = (typed: string) => {
    if (typed === text) return;
    setText(typed);
    const words = problemOf(typed);
    const next = words ? draft : withText(draft, typed);
    onChange(next.unreadAt(path, words));
  };
  const words = problemOf(text) || error;
  return (
    <div className={css['part']}>
      <span className={css['label']}>{label}</span>
      <Editor label={label} value={text} schema={schema} disabled={isReadOnly ?? false} fits onChange={take} />
      {hint && <div className={css['hint']}>{hint}</div>}
      {words && (
        <p className={css['problem']} role="alert">
          {words}
        </p>
      )}
    </div>
  );
}

/** Why a text is not YAML; "" when it is. */
export function yamlProblem(text: string): string {
  const document = parseDocument(text);
  const first = document.errors[0];
  if (first) return first.message.split('\n')[0] ?? 'This is not YAML.';
  try {
    document.toJS();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function means(one: string, other: string): boolean {
  if (yamlProblem(one) || yamlProblem(other)) return false;
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(text: string): unknown {
  return parseDocument(text).toJS() ?? null;
}
