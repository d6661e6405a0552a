/** A manifest to be read, searched (Ctrl-F) and folded. */
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useCallback, useRef } from 'react';
import css from './Code.module.css';
import { type Language, readOnly, shared } from './extensions';
import { useMounted } from './mount';

export interface CodeProps {
  value: string;
  /** What it shows, for readers. */
  label: string;
  language?: Language;
  wrap?: boolean;
  /** As high as its text, up to a bound, instead of filling what is around it. */
  fits?: boolean;
}

export default function Code({ value, label, language = 'yaml', wrap = false, fits = false }: CodeProps) {
  const host = useRef<HTMLDivElement>(null);
  const make = useCallback(
    (root: ShadowRoot) =>
      new EditorView({
        parent: root,
        root,
        state: EditorState.create({
          doc: value,
          extensions: [shared({ language, label, wrap, length: value.length }), readOnly],
        }),
      }),
    [value, label, language, wrap],
  );
  useMounted(host, make);
  return <div ref={host} className={fits ? css.fits : css.host} />;
}
