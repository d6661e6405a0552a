import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const CSS = readFileSync('src/theme/tokens.css', 'utf8');
type Theme = 'light' | 'dark';

function token(name: string, theme: Theme): string {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(CSS);
  const value = theme === 'light' ? found?.[1] : found?.[2];
  if (value === undefined) throw new Error(`no token --${name}`);
  return value;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

const GROUNDS = ['bg', 'surface', 'sunken', 'hover', 'chosen'];
const TONES = ['ok', 'busy', 'warn', 'bad', 'neutral'];

describe.each<Theme>(['light', 'dark'])('in the %s theme', (theme) => {
  const of = (one: string, other: string) => contrast(token(one, theme), token(other, theme));

  test.each(['text', 'muted', 'accent', ...TONES])('%s can be read on every ground (4.5:1)', (name) => {
    for (const ground of GROUNDS) expect(of(name, ground), ground).toBeGreaterThanOrEqual(4.5);
  });

  test.each(TONES)('%s can be read on its own soft ground (4.5:1)', (tone) => {
    expect(of(tone, `${tone}-soft`)).toBeGreaterThanOrEqual(4.5);
    expect(of('text', `${tone}-soft`)).toBeGreaterThanOrEqual(4.5);
  });

  test('code can be read wherever it differs or was found (4.5:1)', () => {
    for (const ground of ['added', 'added-words', 'removed', 'removed-words', 'warn-soft', 'chosen']) {
      for (const colour of ['text', 'muted', 'accent', 'ok', 'warn', 'bad']) {
        expect(of(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test('what is written on buttons can be read (4.5:1)', () => {
    expect(of('on-accent', 'accent')).toBeGreaterThanOrEqual(4.5);
    expect(of('on-accent', 'accent-hover')).toBeGreaterThanOrEqual(4.5);
    expect(of('on-bad', 'bad')).toBeGreaterThanOrEqual(4.5);
  });

  test('edges of controls and the focus can be seen (3:1)', () => {
    for (const ground of ['bg', 'surface', 'sunken']) {
      expect(of('border-strong', ground), ground).toBeGreaterThanOrEqual(3);
      expect(of('focus', ground), ground).toBeGreaterThanOrEqual(3);
    }
  });
});
