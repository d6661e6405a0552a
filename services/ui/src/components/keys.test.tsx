import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { useKeys } from './keys';

function Frame({ run }: { run: (what: string) => void }) {
  useKeys(
    { '?': { label: 'Help', run: () => run('help') }, 'g a': { label: 'Applications', run: () => run('go') } },
    'Everywhere',
  );
  return <input aria-label="field" />;
}

function Page({ run }: { run: (what: string) => void }) {
  useKeys(
    {
      j: { label: 'Next', run: () => run('next') },
      Enter: { label: 'Open', run: () => run('open') },
      a: { label: 'All', run: () => run('all') },
    },
    'List',
  );
  return <button type="button">button</button>;
}

test('keys run what is offered, two after one another too, and never what is being typed', async () => {
  const run = vi.fn();
  const { rerender } = render(
    <>
      <Frame run={run} />
      <Page run={run} />
    </>,
  );
  await userEvent.keyboard('j?');
  await userEvent.keyboard('ga');
  expect(run.mock.calls.flat()).toEqual(['next', 'help', 'go']);
  await userEvent.keyboard('a');
  expect(run).toHaveBeenLastCalledWith('all');
  run.mockClear();
  await userEvent.type(screen.getByLabelText('field'), 'j?ga');
  expect(run).not.toHaveBeenCalled();
  act(() => screen.getByRole('button').focus());
  await userEvent.keyboard('{Enter}');
  expect(run).not.toHaveBeenCalled();
  await userEvent.keyboard('j');
  expect(run).toHaveBeenCalledTimes(1);
  rerender(<Frame run={run} />);
  await userEvent.keyboard('j');
  expect(run).toHaveBeenCalledTimes(1);
});
