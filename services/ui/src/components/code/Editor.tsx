/** A document to be written. What completes and checks it comes in as extensions of CodeMirror. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { indentOnInput } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap } from '@codemirror/view';
import { useCallback, useEffect, useRef } from 'react';
import css from './Code.module.css';
import { type Language, readOnly, shared } from './extensions';
import { useMounted } from './mount';

export interface EditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  language?: Language;
  wrap?: boolean;
  /** Completion, linting and the like; give the same array as long as they are the same. */
  extensions?: readonly Extension[];
  disabled?: boolean;
}

const NONE: readonly Extension[] = [];

export default function Editor({
  value,
  onChange,
  label,
  language = 'yaml',
  wrap = false,
  extensions = NONE,
  disabled = false,
}: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ value, onChange, extensions, disabled });
  latest.current = { value, onChange, extensions, disabled };
  const more = useRef(new Compartment());
  const make = useCallback(
    (root: ShadowRoot) => {
      const now = latest.current;
      const made = new EditorView({
        parent: root,
        root,
        state: EditorState.create({
          doc: now.value,
          extensions: [
            // Escape lets Tab leave the editor, so that nobody is caught in it.
            keymap.of([
              ...closeBracketsKeymap,
              ...completionKeymap,
              ...lintKeymap,
              ...historyKeymap,
              ...defaultKeymap,
              indentWithTab,
            ]),
            shared({ language, label, wrap, length: now.value.length }),
            history(),
            indentOnInput(),
            closeBrackets(),
            autocompletion(),
            lintGutter(),
            highlightActiveLine(),
            more.current.of(now.disabled ? [readOnly, ...now.extensions] : [...now.extensions]),
            EditorView.updateListener.of((update) => {
              if (!update.docChanged) return;
              const text = update.state.doc.toString();
              if (text !== latest.current.value) latest.current.onChange(text);
            }),
          ],
        }),
      });
      view.current = made;
      return made;
    },
    [label, language, wrap],
  );
  useMounted(host, make);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({
      effects: more.current.reconfigure(disabled ? [readOnly, ...extensions] : [...extensions]),
    });
  }, [extensions, disabled]);
  return <div ref={host} className={css.host} />;
}
