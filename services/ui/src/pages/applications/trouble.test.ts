import { expect, it } from 'vitest';
import type { ApplicationRow } from './row';
import { autoSyncOf, isSkipped, shortRepository } from './row';
import { troubleOf } from './trouble';

const row = (more: Partial<ApplicationRow>): ApplicationRow => ({
  key: 'argocd/a',
  name: 'a',
  namespace: 'argocd',
  project: 'default',
  ...more,
});

it('the worst is told first', () => {
  const failed = { phase: 'Failed', message: 'one or more objects failed to apply' };
  expect(troubleOf(row({ health: 'Healthy', sync: 'Synced' }))).toBeNull();
  expect(troubleOf(row({ operation: failed, health: 'Degraded' }))).toEqual({ tone: 'bad', words: failed.message });
  expect(troubleOf(row({ operation: failed, conditions: ['ComparisonError'] }))?.words).toBe('Comparison error');
  expect(troubleOf(row({ operation: failed, deletedAt: '2026-01-01T00:00:00Z' }))?.words).toBe('Is being deleted');
  expect(troubleOf(row({ health: 'Degraded', healthMessage: 'image cannot be pulled' }))?.words).toBe(
    'image cannot be pulled',
  );
  expect(troubleOf(row({ health: 'Progressing', healthMessage: 'waiting for 1 pod' }))?.tone).toBe('warn');
  expect(troubleOf(row({ conditions: ['OrphanedResourceWarning'] }))?.words).toBe('Orphaned resource warning');
});

it('an application that is left alone says so', () => {
  const skipped = row({ annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } });
  expect([isSkipped(skipped), troubleOf(skipped)?.tone]).toEqual([true, 'neutral']);
  expect(isSkipped(row({ annotations: { 'argocd.argoproj.io/skip-reconcile': 'false' } }))).toBe(false);
});

it('auto-sync that is paused is neither on nor off', () => {
  expect(autoSyncOf(row({}))).toBe('off');
  expect(autoSyncOf(row({ autoSync: true, automated: { prune: true } }))).toBe('on');
  expect(autoSyncOf(row({ automated: { paused: true } }))).toBe('paused');
});

it('a repository is called as people call it', () => {
  expect(shortRepository('https://git.example/shop/web.git')).toBe('git.example/shop/web');
  expect(shortRepository('ssh://git@git.example/shop/web')).toBe('git.example/shop/web');
  expect(shortRepository('git@git.example:shop/web.git')).toBe('git.example:shop/web');
});
