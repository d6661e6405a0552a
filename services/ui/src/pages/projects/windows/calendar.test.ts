import { describe, expect, it } from 'vitest';
import { clipped, daysFrom, isOpenAt, nextOpenings, openings, type Timed } from './calendar';
import { parseCron } from './cron';
import { parseDuration } from './duration';

const NIGHTLY: Timed = { schedule: '0 22 * * *', duration: '8h' };

function open(window: Timed, from: string, to: string): string[] {
  const found = openings(window, { from: Date.parse(from), to: Date.parse(to) });
  expect(found.problem).toBe('');
  return found.spans.map((span) => `${text(span.from)} ${text(span.to)}`);
}

function text(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16);
}

describe('the times of a window', () => {
  it('opens when the schedule fires and closes after the duration', () => {
    expect(open(NIGHTLY, '2026-11-28T12:00Z', '2026-11-30T12:00Z')).toEqual([
      '2026-11-28T22:00 2026-11-29T06:00',
      '2026-11-29T22:00 2026-11-30T06:00',
    ]);
  });

  it('shows a window that opened before the first day', () => {
    expect(open(NIGHTLY, '2026-11-28T01:00Z', '2026-11-28T12:00Z')).toEqual(['2026-11-28T01:00 2026-11-28T06:00']);
    expect(open({ schedule: '0 0 1 1 *', duration: '8760h' }, '2026-11-28T01:00Z', '2026-11-28T02:00Z')).toEqual([
      '2026-11-28T01:00 2026-11-28T02:00',
    ]);
  });

  it('is one where times overlap', () => {
    expect(open({ schedule: '*/30 8-9 * * *', duration: '45m' }, '2026-11-28T00:00Z', '2026-11-29T00:00Z')).toEqual([
      '2026-11-28T08:00 2026-11-28T10:15',
    ]);
  });

  it('follows the wall clock of its zone through the change to summer time', () => {
    const berlin: Timed = { schedule: '0 6 * * *', duration: '1h', timeZone: 'Europe/Berlin' };
    expect(open(berlin, '2026-03-28T00:00Z', '2026-03-30T00:00Z')).toEqual([
      '2026-03-28T05:00 2026-03-28T06:00',
      '2026-03-29T04:00 2026-03-29T05:00',
    ]);
  });

  it('does not open at a time that the clock jumps over', () => {
    const skipped: Timed = { schedule: '30 2 * * *', duration: '10m', timeZone: 'Europe/Berlin' };
    expect(open(skipped, '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual(['2026-03-30T00:30 2026-03-30T00:40']);
  });

  it('opens once, at the first, at a time that the clock shows twice', () => {
    const twice: Timed = { schedule: '30 2 * * *', duration: '10m', timeZone: 'Europe/Berlin' };
    expect(open(twice, '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-25T00:30 2026-10-25T00:40']);
  });

  it('is UTC in a zone that nobody knows', () => {
    expect(open({ ...NIGHTLY, timeZone: 'Mars/Base' }, '2026-11-28T12:00Z', '2026-11-29T12:00Z')).toEqual([
      '2026-11-28T22:00 2026-11-29T06:00',
    ]);
  });

  it('takes either day where both are restricted', () => {
    const either: Timed = { schedule: '0 0 13 * fri', duration: '1h' };
    expect(open(either, '2026-11-09T00:00Z', '2026-11-21T00:00Z')).toEqual([
      '2026-11-13T00:00 2026-11-13T01:00',
      '2026-11-20T00:00 2026-11-20T01:00',
    ]);
    expect(open({ schedule: '0 0 1 * sun', duration: '1h' }, '2026-11-28T00:00Z', '2026-12-02T00:00Z')).toEqual([
      '2026-11-29T00:00 2026-11-29T01:00',
      '2026-12-01T00:00 2026-12-01T01:00',
    ]);
  });

  it('is never open for no time at all', () => {
    expect(open({ schedule: '* * * * *', duration: '0s' }, '2026-11-28T00:00Z', '2026-11-29T00:00Z')).toEqual([]);
    expect(open({ schedule: '* * * * *', duration: '-1h' }, '2026-11-28T00:00Z', '2026-11-29T00:00Z')).toEqual([]);
  });

  it('says why a window cannot be read, in the words of the server', () => {
    const within = { from: 0, to: 1 };
    expect(openings({ schedule: '0 25 * * *', duration: '1h' }, within).problem).toBe('"25" is outside 0-23');
    expect(openings({ schedule: 'daily', duration: '1h' }, within).problem).toBe(
      'expected exactly 5 fields, found 1: "daily"',
    );
    expect(openings({ schedule: '0 0 * * *', duration: '1 day' }, within).problem).toBe(
      'time: invalid duration "1 day"',
    );
  });

  it('knows whether it is open now, and when it opens next', () => {
    expect(isOpenAt(NIGHTLY, Date.parse('2026-11-28T23:00Z'))).toBe(true);
    expect(isOpenAt(NIGHTLY, Date.parse('2026-11-28T12:00Z'))).toBe(false);
    const next = nextOpenings({ schedule: '0 0 29 2 *', duration: '1h' }, Date.parse('2026-11-28T12:00Z'), 1);
    expect(next.spans.map((span) => text(span.from))).toEqual(['2028-02-29T00:00']);
  });

  it('is quick with a schedule of every minute', () => {
    const found = openings({ schedule: '* * * * *', duration: '30s' }, { from: 0, to: 14 * 86_400_000 });
    expect(found.spans).toHaveLength(14 * 24 * 60);
  });
});

describe('the days of the calendar', () => {
  it('are as long as their zone has them', () => {
    const hours = daysFrom(Date.parse('2026-10-24T12:00Z'), 3, 'Europe/Berlin').map(
      ({ span }) => (span.to - span.from) / 3_600_000,
    );
    expect(hours).toEqual([24, 25, 24]);
  });

  it('begin late where the clock jumps over midnight', () => {
    const [, day] = daysFrom(Date.parse('2018-11-03T12:00Z'), 2, 'America/Sao_Paulo');
    expect(day && text(day.span.from)).toBe('2018-11-04T03:00');
  });

  it('hold the part of a window that lies in them', () => {
    expect(clipped({ from: 5, to: 20 }, { from: 10, to: 30 })).toEqual({ from: 10, to: 20 });
    expect(clipped({ from: 5, to: 10 }, { from: 10, to: 30 })).toBeNull();
  });
});

describe('a schedule and a duration', () => {
  it.each(['@daily', '*/5 * * * *', '0 0 ? * MON-FRI', '0 0 1,15 jan,jul *', '0 0 * * 7'])('reads %s', (schedule) => {
    expect(parseCron(schedule).minutes.length).toBeGreaterThan(0);
  });

  it.each([
    '',
    '* * * *',
    '60 * * * *',
    '0 0 0 * *',
    '0 0 * * 8',
    '0 0 5-1 * *',
    '*/0 * * * *',
    '-1 * * * *',
    '1e1 * * * *',
  ])('refuses %j', (schedule) => {
    expect(() => parseCron(schedule)).toThrow();
  });

  it.each([
    ['1h30m', 5400],
    ['90', 90],
    ['.5h', 1800],
    ['-2m', -120],
  ])('reads %s', (duration, seconds) => {
    expect(parseDuration(duration)).toBe(seconds);
  });

  it.each(['', 'h', '1 h', '1d', '1h-'])('refuses %j', (duration) => {
    expect(() => parseDuration(duration)).toThrow();
  });
});
