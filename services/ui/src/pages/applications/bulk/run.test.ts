import { expect, it } from 'vitest';
import { AT_ONCE, Run } from './run';

const items = Array.from({ length: 20 }, (_, number) => ({ key: `ns/${number}` }));
const words = (error: unknown) => (error instanceof Error ? error.message : '?');

it('every application has a result of its own, and a failure stops no other', async () => {
  const run = new Run(
    items,
    async ({ key }) => {
      if (key === 'ns/3') throw new Error('cannot sync: blocked by sync window');
      return 'started';
    },
    words,
  );
  await run.start();
  expect([run.count('done'), run.count('failed'), run.isOver]).toEqual([19, 1, true]);
  expect(run.outcomes.get('ns/3')).toEqual({ state: 'failed', words: 'cannot sync: blocked by sync window' });
});

it('only a few are touched at a time', async () => {
  let now = 0;
  let most = 0;
  const run = new Run(
    items,
    async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve));
      now -= 1;
      return '';
    },
    words,
  );
  await run.start();
  expect(most).toBe(AT_ONCE);
});

it('what was not begun when it is stopped is untouched, what was is ended', async () => {
  const touched: string[] = [];
  const run = new Run(
    items,
    async ({ key }) => {
      touched.push(key);
      if (touched.length === 6) run.stop();
      await new Promise((resolve) => setTimeout(resolve));
      return 'done';
    },
    words,
  );
  let told = 0;
  run.subscribe(() => {
    told += 1;
  });
  await run.start();
  expect(touched.length).toBeLessThan(6 + AT_ONCE);
  expect([run.count('done'), run.count('untouched')]).toEqual([touched.length, 20 - touched.length]);
  expect([run.isOver, run.wasStopped, told > 0]).toEqual([true, true, true]);
});
