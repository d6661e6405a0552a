import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { cut, STEP } from './cut';
import { Text } from './Text';

describe('a text of somebody else', () => {
  test('with HTML is shown as it is written', () => {
    render(<Text value={'<img src=x onerror="alert(1)"><b>bold</b>'} />);
    expect(document.querySelector('img, b')).toBeNull();
    expect(document.body.textContent).toBe('<img src=x onerror="alert(1)"><b>bold</b>');
  });

  test('that turns the direction is isolated and its signs are shown', () => {
    render(<Text value={'user\u202etxt.exe'} />);
    expect(document.querySelector('bdi')?.textContent).toBe('user‹U+202E›txt.exe');
    expect(screen.getByTitle('Invisible character U+202E')).toBeTruthy();
  });

  test('of a megabyte on one line is cut, and shown on demand in steps', async () => {
    render(<Text value={'x'.repeat(1_000_000)} />);
    const words = document.querySelector('bdi');
    expect(words?.textContent).toHaveLength(2_001);
    await userEvent.click(screen.getByRole('button', { name: /Show more/ }));
    expect(words?.textContent).toHaveLength(2_000 + STEP + 1);
  });

  test('of many lines shows the first ones', async () => {
    render(<Text value={'a\nb\nc\nd'} lines={2} />);
    expect(document.querySelector('bdi')?.textContent).toBe('a\nb…');
    await userEvent.click(screen.getByRole('button', { name: /Show all/ }));
    expect(document.querySelector('bdi')?.textContent).toBe('a\nb\nc\nd');
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('is never cut through a character', () => {
    expect(cut('a👍b', 2)).toBe('a');
    expect(cut('a👍b', 3)).toBe('a👍');
  });
});
