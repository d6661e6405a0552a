import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { Button } from './Button';
import { Combobox } from './Combobox';
import { Confirm } from './Confirm';
import { Facet } from './Facet';
import { Field } from './Field';
import { TextInput } from './Input';
import { KeyValues } from './KeyValues';

test('a button that is refused keeps its focus, says why, and does nothing', async () => {
  const act = vi.fn();
  render(
    <Button refused="You may not sync" onClick={act}>
      Sync
    </Button>,
  );
  const button = screen.getByRole('button', { name: 'Sync' });
  await userEvent.click(button);
  expect(act).not.toHaveBeenCalled();
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent).toBe('You may not sync');
});

test('a field ties its control to label, hint and error', () => {
  render(
    <Field label="Path" hint="below the root" error="not there" required>
      <TextInput value="" onChange={() => undefined} />
    </Field>,
  );
  const input = screen.getByLabelText(/Path/);
  const words = (input.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent);
  expect(words).toEqual(['below the root', 'not there']);
  expect(input.getAttribute('aria-invalid')).toBe('true');
  expect(input.getAttribute('aria-required')).toBe('true');
});

test('what cannot be taken back waits for the name', async () => {
  const confirm = vi.fn();
  render(
    <Confirm title="Delete" action="Delete it" name="shop" onConfirm={confirm} onClose={() => undefined}>
      All is lost.
    </Confirm>,
  );
  const [button] = screen.getAllByRole('button', { name: 'Delete it', hidden: true });
  await userEvent.click(button as HTMLElement);
  expect(confirm).not.toHaveBeenCalled();
  await userEvent.type(screen.getByLabelText('Type shop to confirm'), 'shop');
  await userEvent.click(button as HTMLElement);
  expect(confirm).toHaveBeenCalledTimes(1);
});

describe('a combobox', () => {
  function Branches({ load }: { load?: (typed: string) => Promise<string[]> }) {
    const [value, setValue] = useState('');
    return (
      <>
        <Combobox
          aria-label="Branch"
          value={value}
          onChange={setValue}
          {...(load ? { load } : { options: ['main', 'maint', 'dev'] })}
        />
        <output>{value}</output>
      </>
    );
  }

  test('offers what matches, and takes it by keys', async () => {
    render(<Branches />);
    const input = screen.getByRole('combobox');
    await userEvent.type(input, 'ma');
    expect(screen.getAllByRole('option', { hidden: true }).map((one) => one.textContent)).toEqual(['main', 'maint']);
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(screen.getByRole('status').textContent).toBe('maint');
    expect(input.getAttribute('aria-expanded')).toBe('false');
  });

  test('shows the answer to what was typed last', async () => {
    const slow: Record<string, (found: string[]) => void> = {};
    render(<Branches load={(typed) => new Promise((done) => (slow[typed] = done))} />);
    const input = screen.getByRole('combobox');
    await userEvent.type(input, 'a');
    await vi.waitFor(() => expect(slow['a']).toBeDefined());
    await userEvent.type(input, 'b');
    await vi.waitFor(() => expect(slow['ab']).toBeDefined());
    slow['ab']?.(['about']);
    slow['a']?.(['wrong']);
    await vi.waitFor(() =>
      expect(screen.getAllByRole('option', { hidden: true }).map((one) => one.textContent)).toEqual(['about']),
    );
  });
});

test('a facet ticks values, keeps what is chosen in sight and can be cleared', async () => {
  const values = Array.from({ length: 20 }, (_, index) => ({ value: `ns-${index}`, count: index }));
  function Namespaces() {
    const [chosen, setChosen] = useState<string[]>(['ns-19', 'gone']);
    return <Facet title="Namespace" values={values} chosen={chosen} onChange={setChosen} />;
  }
  render(<Namespaces />);
  expect(screen.getByRole('checkbox', { name: /ns-19/ })).toHaveProperty('checked', true);
  expect(screen.getByRole('checkbox', { name: /gone/ })).toHaveProperty('checked', true);
  expect(screen.queryByRole('checkbox', { name: /ns-12/ })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /more/ }));
  await userEvent.type(screen.getByRole('searchbox'), 'NS-12');
  await userEvent.click(screen.getByRole('checkbox', { name: /ns-12/ }));
  await userEvent.clear(screen.getByRole('searchbox'));
  expect(screen.getAllByRole('checkbox').filter((box) => (box as HTMLInputElement).checked)).toHaveLength(3);
  await userEvent.click(screen.getByRole('button', { name: 'Clear Namespace' }));
  expect(screen.getAllByRole('checkbox').filter((box) => (box as HTMLInputElement).checked)).toHaveLength(0);
});

test('pairs are added, changed and removed', async () => {
  function Labels() {
    const [pairs, setPairs] = useState([{ key: 'team', value: 'shop' }]);
    return (
      <>
        <KeyValues label="Labels" pairs={pairs} onChange={setPairs} />
        <output>{JSON.stringify(pairs)}</output>
      </>
    );
  }
  render(<Labels />);
  await userEvent.click(screen.getByRole('button', { name: 'Add' }));
  await userEvent.type(screen.getByLabelText('Key 2'), 'tier');
  await userEvent.type(screen.getByLabelText('Value 2'), 'web');
  await userEvent.click(screen.getByRole('button', { name: 'Remove team' }));
  expect(screen.getByRole('status').textContent).toBe('[{"key":"tier","value":"web"}]');
});
