/** Completion and checks of a manifest in an editor, by the schema of its kind. */
import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  startCompletion,
} from '@codemirror/autocomplete';
import { type Diagnostic, linter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { inert } from '@/text/inert';
import { complete } from './complete';
import { diagnose } from './diagnose';
import type { Place } from './place';
import { placeAt } from './place';
import type { KindSchema } from './schema';
import type { Told } from './told';

/** Milliseconds of rest in typing before a manifest is checked. */
const PAUSE = 400;
const WORD = /^[\w.-]*$/;

/** What may be written comes up by itself after a letter, and anywhere with Ctrl-Space. */
export function manifestExtension(kind: KindSchema | null, told: readonly Told[] = []): Extension[] {
  const autocomplete = (context: CompletionContext) => (kind ? completions(context, kind) : null);
  return [
    linter((view) => diagnostics(view, kind, told), { delay: PAUSE }),
    EditorState.languageData.of(() => [{ autocomplete }]),
  ];
}

function completions(context: CompletionContext, kind: KindSchema): CompletionResult | null {
  const place = placeOf(context.state, context.pos);
  if (!place || !WORD.test(place.prefix)) return null;
  if (!context.explicit && place.prefix === '' && place.key === '') return null;
  const options = complete(kind, place).map(
    (one): Completion => ({
      label: one.label,
      detail: one.detail,
      apply: (view, _, from, to) => take(view, one.apply, from, to),
      boost: one.isNeeded ? 10 : 0,
      ...(one.info ? { info: inert(one.info) } : {}),
    }),
  );
  return options.length > 0 ? { from: context.pos - place.prefix.length, options, validFor: WORD } : null;
}

function placeOf(state: EditorState, at: number): Place | null {
  const line = state.doc.lineAt(at);
  const lines = state.doc.toString().split('\n');
  return placeAt(lines, line.number - 1, at - line.from);
}

/** Writes what was chosen; further lines of it begin where its first one does. */
function take(view: EditorView, text: string, from: number, to: number): void {
  const column = from - view.state.doc.lineAt(from).from;
  const insert = text.replaceAll('\n', `\n${' '.repeat(column)}`);
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length },
    userEvent: 'input.complete',
  });
  if (!text.endsWith('"') && text.length > 1 && /[:\s]$/.test(text)) startCompletion(view);
}

function diagnostics(view: EditorView, kind: KindSchema | null, told: readonly Told[]): Diagnostic[] {
  const length = view.state.doc.length;
  return diagnose(view.state.doc.toString(), kind, told).map((found) => ({
    from: Math.min(found.from, length),
    to: Math.min(Math.max(found.to, found.from), length),
    severity: found.isError ? 'error' : 'warning',
    message: inert(found.message),
  }));
}
