import { describe, expect, test } from 'vitest';
import { spansOf, stripped } from './ansi';

const ESC = '\u001b';

describe('a line of a log', () => {
  test('without escapes is one piece', () => {
    expect(spansOf('<script>alert(1)</script>')).toEqual([{ text: '<script>alert(1)</script>', style: {} }]);
    expect(spansOf('')).toEqual([]);
  });

  test('has the colours and weights that it asks for', () => {
    expect(spansOf(`a${ESC}[1;31mb${ESC}[0mc${ESC}[92md${ESC}[39;44me`)).toEqual([
      { text: 'a', style: {} },
      { text: 'b', style: { bold: true, colour: 1 } },
      { text: 'c', style: {} },
      { text: 'd', style: { colour: 10 } },
      { text: 'e', style: { background: 4 } },
    ]);
  });

  test('ends a weight without ending the colour', () => {
    expect(spansOf(`${ESC}[1;4;33ma${ESC}[22mb${ESC}[mc`).map((span) => span.style)).toEqual([
      { bold: true, underline: true, colour: 3 },
      { underline: true, colour: 3 },
      {},
    ]);
  });

  test.each([
    ['38;5;196', 9],
    ['38;5;22', 2],
    ['38;5;21', 12],
    ['38;2;0;200;0', 2],
    ['38;2;255;255;255', 15],
    ['38:2:10:10:10', 0],
    ['38;5;244', 7],
    ['38;5;3', 3],
  ])('brings %s to one of 16 colours', (codes, colour) => {
    expect(spansOf(`${ESC}[${codes}mx`)[0]?.style.colour).toBe(colour);
  });

  test.each([
    [`${ESC}[2J${ESC}[1;1Hx`, 'x'],
    [`${ESC}]0;a title\u0007x`, 'x'],
    [`${ESC}]8;;javascript:alert(1)\u0007click${ESC}]8;;\u0007`, 'click'],
    [`${ESC}]8;;javascript:alert(1)${ESC}\\click`, 'click'],
    [`${ESC}P$q${ESC}\\x`, 'x'],
    [`${ESC}(Bx`, 'x'],
    [`x${ESC}[38;5`, 'x'],
    [`x${ESC}]never ended`, 'xnever ended'],
    [`x${ESC}`, 'x'],
    ['\u009b31mx', 'x'],
    [`${ESC}[?25lx`, 'x'],
    [`${ESC}[8mhidden`, 'hidden'],
    [`${ESC}[99999999999999999999mx`, 'x'],
  ])('leaves out what is no colour', (line, text) => {
    expect(
      spansOf(line)
        .map((span) => span.text)
        .join(''),
    ).toBe(text);
    expect(stripped(line)).toBe(text);
  });

  test('shows controls and marks of direction as signs', () => {
    expect(stripped('a\u0000b\rc\u0007d\u007fe\u0085f')).toBe('a‹U+0000›b‹U+000D›c‹U+0007›d‹U+007F›e‹U+0085›f');
    expect(stripped('safe\u202egnp.exe')).toBe('safe‹U+202E›gnp.exe');
    expect(stripped('a\tb')).toBe('a\tb');
  });

  test('of a megabyte is read in a moment, whatever it is made of', () => {
    const started = performance.now();
    for (const piece of [
      'x',
      ESC,
      `${ESC}[`,
      `${ESC}[1`,
      `${ESC}]`,
      `${ESC}[31mx`,
      '\u202e',
      '\u0000',
      `${ESC}[1;`,
      '9;',
    ]) {
      spansOf(piece.repeat(Math.ceil(100_000 / piece.length)));
    }
    spansOf(`${ESC}[${'1;'.repeat(500_000)}mx`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
