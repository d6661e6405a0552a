import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';
import { Draft } from '@/kubernetes/draft';
import { Fields } from './Fields';
import type { FieldSpec } from './fields';

vi.mock('@/components/code', () => ({
  Editor: ({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) => (
    <textarea aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />
  ),
}));

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

function told(start: Record<string, unknown>): () => Draft {
  let now = Draft.of({ spec: start });
  render(<Form start={now} tell={(draft) => (now = draft)} />);
  return () => now;
}

function shown(start: Record<string, unknown>): () => unknown {
  const now = told(start);
  return () => now().get(['spec']);
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

it('keeps what is typed of a part in YAML while it cannot be read, and the document knows', () => {
  const now = told({ patches: [{ path: 'a' }] });
  type('Patches', '- path: [');
  expect(now().get(['spec'])).toEqual({ patches: [{ path: 'a' }] });
  expect([...now().unread.keys()]).toEqual(['spec/patches']);
  expect(screen.getByLabelText<HTMLTextAreaElement>('Patches').value).toBe('- path: [');
  expect(screen.getByRole('alert')).toBeTruthy();
  type('Name', 'b');
  expect(now().unread.size).toBe(1);
  type('Patches', '- path: b # as it is typed');
  expect(now().get(['spec'])).toEqual({ name: 'b', patches: [{ path: 'b' }] });
  expect(now().unread.size).toBe(0);
  expect(screen.getByLabelText<HTMLTextAreaElement>('Patches').value).toContain('as it is typed');
});
