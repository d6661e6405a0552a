import { afterEach, expect, test, vi } from 'vitest';
import { byServer, heardDate, serverNow } from './clock';

afterEach(() => {
  heardDate(new Date().toUTCString());
  vi.useRealTimers();
});

test('a reader whose clock is off has the time of the server, and does not see it jump', () => {
  vi.useFakeTimers();
  const now = Date.parse('2026-01-01T00:00:00Z');
  vi.setSystemTime(now);
  heardDate('Thu, 01 Jan 2026 00:10:00 GMT');
  const ahead = serverNow() - now;
  expect(ahead).toBe(600_500);
  expect(byServer(now)).toBe(serverNow());
  heardDate('Thu, 01 Jan 2026 00:10:02 GMT');
  expect(serverNow() - now).toBe(ahead);
  heardDate(null);
  heardDate('nonsense');
  expect(serverNow() - now).toBe(ahead);
  heardDate('Thu, 01 Jan 2026 00:00:03 GMT');
  expect(serverNow()).toBe(now);
});
