import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, it } from 'vitest';
import { Draft } from '@/kubernetes/draft';
import { Fields } from './Fields';
import type { FieldSpec } from './fields';

const FIELDS: readonly FieldSpec[] = [
  { kind: 'text', path: ['name'], label: 'Name' },
  { kind: 'number', path: ['limit'], label: 'Limit' },
  { kind: 'flag', path: ['recurse'], label: 'Recurse' },
  { kind: 'lines', path: ['libs'], label: 'Libraries' },
  { kind: 'yaml', path: ['patches'], label: 'Patches' },
];

function Form({ start, tell }: { start: Draft; tell: (draft: Draft) => void }) {
  const [draft, setDraft] = useState(start);
  return (
    <Fields
      fields={FIELDS}
      draft={draft}
      base={['spec']}
      onChange={(next) => {
        setDraft(next);
        tell(next);
      }}
    />
  );
}

function shown(start: Record<string, unknown>): () => unknown {
  let now = Draft.of({ spec: start });
  render(<Form start={now} tell={(draft) => (now = draft)} />);
  return () => now.get(['spec']);
}

function type(label: string, value: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

it('writes each kind of field as what it is, and takes empty ones away', () => {
  const spec = shown({ name: 'a' });
  type('Name', 'b');
  type('Limit', '0');
  fireEvent.click(screen.getByLabelText('Recurse'));
  type('Libraries', 'one\n\n two ');
  expect(spec()).toEqual({ name: 'b', limit: 0, recurse: true, libs: ['one', 'two'] });
  type('Limit', '');
  type('Name', '');
  type('Libraries', '');
  fireEvent.click(screen.getByLabelText('Recurse'));
  expect(spec()).toEqual({});
});

it('keeps what is typed of a part in YAML while it cannot be read', () => {
  const spec = shown({ patches: [{ path: 'a' }] });
  type('Patches', '- path: [');
  expect(spec()).toEqual({ patches: [{ path: 'a' }] });
  expect(screen.getByLabelText<HTMLTextAreaElement>('Patches').value).toBe('- path: [');
  expect(screen.getByRole('alert')).toBeTruthy();
  type('Patches', '- path: b');
  expect(spec()).toEqual({ patches: [{ path: 'b' }] });
});
