/** A document to be written. What completes and checks it comes in as extensions of CodeMirror. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { indentOnInput } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap } from '@codemirror/view';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { manifestExtension } from '@/kubernetes/schema/extension';
import type { KindSchema } from '@/kubernetes/schema/schema';
import type { Told } from '@/kubernetes/schema/told';
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
  /** What completes and checks it; null while that is not known, and then only whether it is YAML is checked. */
  schema?: KindSchema | null;
  /** What is wrong at places of it, by whoever knows: shown at their lines. */
  told?: readonly Told[];
  disabled?: boolean;
  /** As high as its text, up to a bound. */
  fits?: boolean;
}

const NONE: readonly Extension[] = [];
const NOTHING: readonly Told[] = [];

export default function Editor({
  value,
  onChange,
  label,
  language = 'yaml',
  wrap = false,
  extensions: given = NONE,
  schema,
  told: wrong = NOTHING,
  disabled = false,
  fits = false,
}: EditorProps) {
  // Whoever tells makes a new list each time; what it says is what counts.
  const words = JSON.stringify(wrong);
  const extensions = useMemo(
    () => (schema === undefined ? given : [...given, ...manifestExtension(schema, JSON.parse(words) as Told[])]),
    [given, schema, words],
  );
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ value, onChange, extensions, disabled });
  latest.current = { value, onChange, extensions, disabled };
  const more = useRef(new Compartment());
  /** Texts that were told to the page and did not come back as its value yet. */
  const told = useRef<string[]>([]);
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
              if (text === (told.current.at(-1) ?? latest.current.value)) return;
              told.current.push(text);
              latest.current.onChange(text);
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
    const echo = told.current.lastIndexOf(value);
    told.current.splice(0, echo + 1);
    // Whoever types is ahead of the page: an echo of what was typed before must not take back what is typed now.
    if (editor === null || echo >= 0 || editor.state.doc.toString() === value) return;
    told.current = [];
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({
      effects: more.current.reconfigure(disabled ? [readOnly, ...extensions] : [...extensions]),
    });
  }, [extensions, disabled]);
  return <div ref={host} className={fits ? css.fits : css.host} />;
}
