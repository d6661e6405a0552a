/** What our three views of code have in common: language, colours out of the tokens, and signs for what cannot be seen. */
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export type Language = 'yaml' | 'json' | 'text';

/** Directions and other signs that CodeMirror leaves as they are. */
const UNSEEN = /[\u180e\u202a-\u202e\u2060-\u206f]|[\u{e0000}-\u{e0fff}]/gu;

/** Characters of a document beyond which colours cost more than they are worth. */
const COLOURED = 3_000_000;

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--surface)', borderRight: '1px solid var(--border)' },
  '.cm-foldPlaceholder': { color: 'var(--muted)', backgroundColor: 'var(--sunken)', border: '1px solid var(--border)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--chosen)',
  },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'var(--warn-soft)' },
  '.cm-searchMatch-selected': { outline: '1px solid var(--warn)' },
  '.cm-specialChar': { color: 'var(--warn)', backgroundColor: 'var(--warn-soft)' },
  // Below what the page keeps in sight, such as the buttons of a form.
  '.cm-panels': { zIndex: '1', color: 'var(--text)', backgroundColor: 'var(--sunken)', borderColor: 'var(--border)' },
  '.cm-panels button, .cm-panels input': {
    font: 'inherit',
    color: 'var(--text)',
    background: 'var(--surface)',
    border: '1px solid var(--border-strong)',
    borderRadius: '4px',
  },
  '.cm-tooltip': {
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--border-strong)',
    borderRadius: '6px',
    maxWidth: 'min(560px, 90vw)',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: 'var(--text)', backgroundColor: 'var(--chosen)' },
  '.cm-lintRange-active': { backgroundColor: 'var(--warn-soft)' },
  '.cm-diagnostic': { fontFamily: 'var(--font)' },
  '.cm-panel.cm-panel-lint': {
    '& ul': { maxHeight: '132px', paddingRight: '28px' },
    '& ul:focus': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
    '& ul [aria-selected], & ul:focus [aria-selected]': { color: 'var(--text)', backgroundColor: 'var(--chosen)' },
    '& [name=close]': { minWidth: '24px', minHeight: '24px', padding: '0', color: 'var(--text)' },
  },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-deletedChunk, .cm-merge-a .cm-changedLine, &.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--removed)' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine, .cm-changedLine': { backgroundColor: 'var(--added)' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': { background: 'var(--removed-words)' },
  '&.cm-merge-b .cm-changedText, .cm-changedText': { background: 'var(--added-words)' },
  '.cm-collapsedLines': { color: 'var(--muted)', background: 'var(--sunken)', fontFamily: 'var(--font)' },
  // The library's signs are in few fonts.
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"⋯"' },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], color: 'var(--warn)' },
  { tag: [tags.comment, tags.meta, tags.punctuation, tags.separator], color: 'var(--muted)' },
  { tag: [tags.labelName, tags.typeName], color: 'var(--bad)' },
]);

export interface ViewOptions {
  language: Language;
  /** What it shows, for readers. */
  label: string;
  wrap: boolean;
  length: number;
}

export function shared({ language, label, wrap, length }: ViewOptions): Extension[] {
  return [
    lineNumbers(),
    highlightSpecialChars({ addSpecialChars: UNSEEN }),
    drawSelection(),
    look,
    search({ top: true }),
    highlightSelectionMatches(),
    keymap.of([...searchKeymap, ...foldKeymap]),
    // What is written in is reached by keys anyway; the index says so to what looks for barriers.
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
    EditorState.tabSize.of(2),
    ...(wrap ? [EditorView.lineWrapping] : []),
    ...(length < COLOURED && language !== 'text'
      ? [language === 'yaml' ? yaml() : json(), syntaxHighlighting(colours), foldGutter()]
      : []),
  ];
}

/** Shown, not changed. */
export const readOnly: Extension = [EditorState.readOnly.of(true), EditorView.editable.of(false)];
