import { expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined } from '../model';
import { waitingOf } from './awaited';

const running = (message: string, resources: object[] = []) =>
  application({
    status: {
      operationState: { phase: 'Running', message, startedAt: '2030-01-01T00:00:00Z', syncResult: { resources } },
    },
  });

test('what is waited for is named with the reason of its pod', () => {
  const app = running('waiting for healthy state of apps/Deployment/web and 1 more resources', [
    { kind: 'ConfigMap', namespace: 'shop', name: 'done', status: 'Synced', hookPhase: 'Succeeded', syncPhase: 'Sync' },
    {
      group: 'apps',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'web',
      status: 'Synced',
      hookPhase: 'Running',
      syncPhase: 'Sync',
    },
  ]);
  const nodes = deployment('web', 2, 'Degraded').map((one) =>
    one.kind === 'Deployment' ? { ...one, syncWave: 3 } : one,
  );
  const waiting = waitingOf(app, joined(app, nodes, []));
  expect(waiting).toMatchObject({ wave: 3, step: 'the sync itself', done: 1 });
  expect(waiting?.awaited).toHaveLength(1);
  expect(waiting?.awaited[0]?.reasons[0]).toBe('Pod web-7d4b9-0: CrashLoopBackOff');
});

test('an object that only the message names is found', () => {
  const app = running('waiting for completion of hook batch/Job/migrate');
  const job = node('Job', 'migrate', {
    group: 'batch',
    hook: true,
    health: { status: 'Progressing', message: '1 active' },
  });
  const waiting = waitingOf(app, joined(app, [job], []));
  expect(waiting?.awaited[0]).toMatchObject({ name: 'migrate', isHook: true, reasons: ['1 active'] });
});

test('nothing is waited for when no operation runs', () => {
  expect(waitingOf(application(), new Map())).toBeNull();
});
