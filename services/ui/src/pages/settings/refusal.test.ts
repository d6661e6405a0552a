import { describe, expect, it } from 'vitest';
import { type Places, placed, said } from './refusal';

const PLACES: Places<'schedule' | 'duration'> = [
  [/schedule/, 'schedule'],
  [/duration/, 'duration'],
];

describe('a refusal of the server', () => {
  it('stands at the field that it is about', () => {
    const refusal = placed("cannot parse duration '8 h'", PLACES);
    expect(said(refusal, 'duration')).toContain('8 h');
    expect(said(refusal, 'schedule')).toBeUndefined();
  });

  it('is about the whole form where it names no field', () => {
    expect(placed('permission denied', PLACES).field).toBeNull();
    expect(said(null, 'schedule')).toBeUndefined();
  });
});
