import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { Boundary } from './Boundary';
import { Dialog } from './Dialog';
import { place } from './float';
import { Menu } from './Menu';
import { Tabs } from './Tabs';

test('a menu is opened, walked and left by keys, and gives the focus back', async () => {
  const run = vi.fn();
  const items = [
    { label: 'Refresh', onSelect: () => run('refresh') },
    { label: 'Delete', onSelect: () => run('delete'), refused: 'You may not' },
    { label: 'Sync', onSelect: () => run('sync') },
  ];
  render(<Menu label="Acts" items={items} />);
  const button = screen.getByRole('button', { name: 'Acts' });
  button.focus();
  await userEvent.keyboard('{ArrowDown}');
  expect(document.activeElement?.textContent).toBe('Refresh');
  await userEvent.keyboard('{ArrowUp}');
  expect(document.activeElement?.textContent).toBe('Sync');
  await userEvent.keyboard('d');
  expect(document.activeElement?.textContent).toBe('DeleteYou may not');
  await userEvent.keyboard('{Enter}');
  expect(run).not.toHaveBeenCalled();
  await userEvent.keyboard('{Escape}');
  expect(document.activeElement).toBe(button);
  await userEvent.keyboard('{ArrowDown}{End}{Enter}');
  expect(run).toHaveBeenCalledWith('sync');
  expect(document.activeElement).toBe(button);
});

test('tabs are chosen by arrows, and only the chosen one is a stop of Tab', async () => {
  function Three() {
    const [selected, setSelected] = useState('a');
    const tabs = ['a', 'b', 'c'].map((id) => ({ id, label: id.toUpperCase() }));
    return (
      <Tabs label="Views" tabs={tabs} selected={selected} onSelect={setSelected}>
        {`panel ${selected}`}
      </Tabs>
    );
  }
  render(<Three />);
  screen.getByRole('tab', { name: 'A' }).focus();
  await userEvent.keyboard('{ArrowLeft}');
  expect(screen.getByRole('tabpanel').textContent).toBe('panel c');
  expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'C' }));
  expect(screen.getAllByRole('tab').map((tab) => tab.tabIndex)).toEqual([-1, -1, 0]);
});

test('a dialog takes the focus to its first field and gives it back', async () => {
  function Opener() {
    const [isOpen, setOpen] = useState(false);
    return (
      <>
        <button type="button" onClick={() => setOpen(true)}>
          open
        </button>
        {isOpen && (
          <Dialog title="Question" onClose={() => setOpen(false)}>
            <input aria-label="answer" />
          </Dialog>
        )}
      </>
    );
  }
  render(<Opener />);
  await userEvent.click(screen.getByRole('button', { name: 'open' }));
  expect(document.activeElement).toBe(screen.getByLabelText('answer'));
  await userEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'open' }));
});

test('an error stays in its part of the page, and another path tries anew', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  function Broken(): never {
    throw new Error('no such field');
  }
  const { rerender } = render(
    <Boundary what="This page" resetOn="/a">
      <Broken />
    </Boundary>,
  );
  expect(screen.getByRole('alert').textContent).toContain('no such field');
  rerender(
    <Boundary what="This page" resetOn="/b">
      fine
    </Boundary>,
  );
  expect(document.body.textContent).toBe('fine');
});

test('what floats stays inside the window and turns over where there is no room', () => {
  const window = { width: 400, height: 300 };
  const size = { width: 200, height: 100 };
  expect(place({ top: 10, left: 10, width: 50, height: 20 }, size, window, 'below', 'start')).toMatchObject({
    top: 34,
    left: 10,
  });
  expect(place({ top: 270, left: 350, width: 40, height: 20 }, size, window, 'below', 'start')).toMatchObject({
    top: 166,
    left: 196,
  });
  expect(
    place({ top: 100, left: 0, width: 40, height: 20 }, { width: 200, height: 900 }, window, 'below', 'middle'),
  ).toMatchObject({
    top: 124,
    left: 4,
    room: 172,
  });
});
