import { describe, expect, test } from 'vitest';
import { inert, pieces } from './inert';

describe('inert', () => {
  test('plain text of any language stays as it is', () => {
    for (const text of ['shop', 'Grüße, 世界', 'שלום', '👩‍🚀 ok', 'a\tb\nc']) expect(inert(text)).toBe(text);
  });

  test('colours and titles of a terminal are taken out', () => {
    expect(inert('\u001b[31mred\u001b[0m \u001b]0;title\u0007\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\')).toBe(
      'red link',
    );
    expect(inert('\u009b2Jgone')).toBe('gone');
  });

  test('an unfinished sequence takes nothing with it but itself', () => {
    expect(inert('a\u001b[31')).toBe('a‹U+001B›[31');
    expect(inert('a\u001b]0;the rest\nof it')).toBe('a‹U+001B›]0;the rest\nof it');
  });

  test('what turns the direction or cannot be seen is a sign', () => {
    expect(inert('abc\u202egnp.exe')).toBe('abc‹U+202E›gnp.exe');
    expect(inert('pay\u200bpal')).toBe('pay‹U+200B›pal');
    expect(inert('a\u0000b\u007fc')).toBe('a‹U+0000›b‹U+007F›c');
    expect(inert('\u{e0041}')).toBe('‹U+E0041›');
    expect(pieces('a\u2066b')).toEqual([{ text: 'a' }, { text: '‹U+2066›', sign: 'U+2066' }, { text: 'b' }]);
  });

  test('half a surrogate pair is a sign, not a broken page', () => {
    expect(inert('a\ud800b')).toBe('a‹U+D800›b');
  });

  test('a megabyte of escapes takes time in proportion, not in square', () => {
    for (const part of ['\u001b]', '\u009d', '\u001b[1', '\u009b;', '\u001b]x\u0007']) {
      const before = process.cpuUsage();
      inert(part.repeat(300_000));
      expect(process.cpuUsage(before).user / 1e6, JSON.stringify(part)).toBeLessThan(20);
    }
  });
});
